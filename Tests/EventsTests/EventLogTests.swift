import Database
import Events
import TestSupport
import Testing
import Wire

@Suite(.everyEngine) struct EventLogTests {
    private struct Refusal: Error {}

    @Test func anEmptyLogIsIntact() async throws {
        let fixture = try await EventFixture()
        #expect(try await fixture.log.verify() == .intact(events: 0))
        #expect(try await fixture.log.head() == 0)
    }

    @Test func keepsWhatWasRecordedInOrder() async throws {
        let fixture = try await EventFixture()
        for name in ["a", "é\"\u{1}", "c"] { try await fixture.record(name) }
        let events = try await fixture.log.events(after: 0, limit: 10)
        #expect(events.map(\.sequence) == [1, 2, 3])
        #expect(events.map(\.subject) == ["things/a", "things/é\"\u{1}", "things/c"])
        #expect(events[0].actor == "ada")
        #expect(events[0].kind == "thing.created")
        #expect(events[1].data == ["name": "é\"\u{1}"])
        #expect(events[0].time == Timestamp(milliseconds: 1_795_232_843_120))
        #expect(try await fixture.log.verify() == .intact(events: 3))
        #expect(try await fixture.log.latest(limit: 2).map(\.sequence) == [3, 2])
        #expect(try await fixture.log.events(after: 1, limit: 1).map(\.sequence) == [2])
        #expect(try await fixture.log.events(after: 0, subject: "things/c", limit: 5).map(\.sequence) == [3])
        #expect(try await fixture.log.events(after: 3, limit: 5).isEmpty)
    }

    @Test func aChangeAndItsEventStandOrFallTogether() async throws {
        let fixture = try await EventFixture()
        try await fixture.record("a")
        // The change fails: no event.
        await #expect(throws: DatabaseError.self) { try await fixture.record("a") }
        // What comes after the event fails: no change and no event.
        await #expect(throws: Refusal.self) {
            try await fixture.database.write { [log = fixture.log] transaction in
                try transaction.execute("INSERT INTO things (name) VALUES ('b')")
                try log.append(Change(by: "ada", "thing.created", of: "things/b"), in: transaction)
                throw Refusal()
            }
        }
        let things = try await fixture.database.read { try $0.values("SELECT name FROM things", as: String.self) }
        #expect(things == ["a"])
        #expect(try await fixture.log.verify() == .intact(events: 1))
        try await fixture.record("c")
        #expect(try await fixture.log.verify() == .intact(events: 2))
    }

    @Test func concurrentChangesMakeOneChainWithoutGaps() async throws {
        let fixture = try await EventFixture()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<20 {
                group.addTask {
                    for index in 0..<20 {
                        let name = "\(writer)-\(index)"
                        try await fixture.record(name)
                        // Half of the writers fail now and then, which must not leave a gap.
                        if writer.isMultiple(of: 2) { try? await fixture.record(name) }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await fixture.log.verify() == .intact(events: 400))
        let events = try await fixture.log.events(after: 0, limit: 1000)
        #expect(events.map(\.sequence) == Array(1...400))
    }

    @Test func twoServersOnOneDatabaseMakeOneChain() async throws {
        guard TestEngine.current == .postgres else { return }
        let fixture = try await EventFixture()
        let database = try fixture.home.open()
        let logs = [(fixture.database, fixture.log), (database, EventLog(database: database, clock: .system))]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (server, (database, log)) in logs.enumerated() {
                for writer in 0..<5 {
                    group.addTask {
                        for index in 0..<20 {
                            let change = Change(by: "server \(server)", "thing.seen", of: "things/\(writer)-\(index)")
                            try await database.write { try log.append(change, in: $0) }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await fixture.log.verify() == .intact(events: 200))
        try database.close()
    }

    @Test(
        arguments: [
            ("UPDATE events SET actor = 'eve' WHERE sequence = 3", 3),
            ("UPDATE events SET kind = 'thing.deleted' WHERE sequence = 3", 3),
            ("UPDATE events SET subject = 'things/x' WHERE sequence = 3", 3),
            ("UPDATE events SET data = '{}' WHERE sequence = 3", 3),
            ("UPDATE events SET data = '{\"name\": \"c\"}' WHERE sequence = 3", 3),
            ("UPDATE events SET data = 'not JSON' WHERE sequence = 3", 3),
            ("UPDATE events SET time = time + 1 WHERE sequence = 3", 3),
            ("UPDATE events SET hash = 'x' WHERE sequence = 3", 3),
            ("UPDATE events SET hash = x'00' WHERE sequence = 3", 3),
            ("UPDATE events SET actor = 'ad', kind = 'athing.created' WHERE sequence = 3", 3),
            ("DELETE FROM events WHERE sequence = 3", 3),
            ("DELETE FROM events WHERE sequence = 1", 1),
            ("DELETE FROM events WHERE sequence = 5", 5),
            ("DELETE FROM events WHERE sequence >= 2", 2),
            ("DELETE FROM events", 1),
            ("DELETE FROM event_head", 6),
            ("UPDATE event_head SET hash = 'x'", 6),
            ("UPDATE event_head SET sequence = 4", 6),
            ("INSERT INTO events SELECT 6, time, actor, kind, subject, data, hash FROM events WHERE sequence = 5", 6),
            ("INSERT INTO events SELECT 0, time, actor, kind, subject, data, hash FROM events WHERE sequence = 5", 1),
            ("UPDATE events SET sequence = 9 WHERE sequence = 5", 5),
        ] as [(SQL, Int64)])
    func namesTheEventWhereTheChainBreaks(tampering: SQL, place: Int64) async throws {
        let fixture = try await EventFixture()
        for name in ["a", "b", "c", "d", "e"] { try await fixture.record(name) }
        try await fixture.tamper(tampering)
        let verdict = try await fixture.log.verify()
        guard case .broken(let sequence, let reason) = verdict else {
            Issue.record("The chain passed: \(verdict)")
            return
        }
        #expect(sequence == place)
        #expect(!reason.isEmpty)
    }

    /// Columns of SQLite take values of any type.
    @Test func namesAnEventThatCannotBeRead() async throws {
        guard TestEngine.current == .sqlite else { return }
        let fixture = try await EventFixture()
        for name in ["a", "b", "c"] { try await fixture.record(name) }
        try await fixture.tamper("UPDATE events SET time = 'yesterday' WHERE sequence = 2")
        guard case .broken(at: 2, _) = try await fixture.log.verify() else {
            Issue.record("The text was taken for a time")
            return
        }
    }

    @Test func noticesTwoEventsThatChangedPlaces() async throws {
        let fixture = try await EventFixture()
        for name in ["a", "b", "c", "d"] { try await fixture.record(name) }
        try await fixture.tamper(
            "UPDATE events SET sequence = 99 WHERE sequence = 2", "UPDATE events SET sequence = 2 WHERE sequence = 3",
            "UPDATE events SET sequence = 3 WHERE sequence = 99")
        guard case .broken(at: 2, _) = try await fixture.log.verify() else {
            Issue.record("The order was not noticed")
            return
        }
    }

    @Test func theChainGoesOnAfterARestart() async throws {
        let fixture = try await EventFixture()
        try await fixture.record("a")
        try fixture.database.close()
        let database = try fixture.home.open()
        let log = EventLog(database: database, clock: .system)
        try await database.write { try log.append(Change(by: "bob", "thing.seen", of: "things/a"), in: $0) }
        #expect(try await log.verify() == .intact(events: 2))
        #expect(try await log.head() == 2)
    }

    /// So that an exported log can be checked by any program.
    @Test func theHashIsTheDocumentedOne() async throws {
        let fixture = try await EventFixture()
        try await fixture.record("a")
        // printf '64:%064d1:113:17952328431203:ada13:thing.created8:things/a12:{"name":"a"}' 0 | sha256sum
        let hash = try await fixture.log.latest(limit: 1).first?.hash
        #expect(hash == "0cd1f1e649fcd0f68195d2b5208604055e05063eb59e2e10ce58e88d0e3a7db6")
    }
}
