import Database
import Events
import TestSupport
import Testing
import Wire

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct EventFeedTests {
    @Test func deliversWhatIsThereThenWhatComes() async throws {
        let fixture = try await EventFixture()
        for name in ["a", "b"] { try await fixture.record(name) }
        var feed = fixture.log.follow(after: 1).makeAsyncIterator()
        #expect(try await feed.next()?.subject == "things/b")
        async let next = { [feed] in
            var feed = feed
            return try await feed.next()
        }()
        try await fixture.record("c")
        #expect(try await next?.subject == "things/c")
    }

    @Test func losesNothingAndKeepsTheOrderWhileManyWrite() async throws {
        let fixture = try await EventFixture()
        let followers = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var seen: [Int64] = []
                    for try await event in fixture.log.follow(after: 0) {
                        seen.append(event.sequence)
                        if seen.count == 400 { break }
                    }
                    return seen
                }
            }
            for writer in 0..<20 {
                group.addTask {
                    for index in 0..<20 { try await fixture.record("\(writer)-\(index)") }
                    return []
                }
            }
            return try await group.reduce(into: [[Int64]]()) { if !$1.isEmpty { $0.append($1) } }
        }
        #expect(followers == Array(repeating: Array(1...400), count: 4))
    }

    @Test func aReaderThatRemembersItsPlaceMissesNothingAcrossARestart() async throws {
        let fixture = try await EventFixture()
        for name in ["a", "b", "c"] { try await fixture.record(name) }
        var place: Int64 = 0
        for try await event in fixture.log.follow(after: place) {
            place = event.sequence
            if place == 2 { break }
        }
        try fixture.database.close()
        let database = try fixture.home.open()
        let log = EventLog(database: database, clock: .system)
        var feed = log.follow(after: place).makeAsyncIterator()
        #expect(try await feed.next()?.sequence == 3)
    }

    @Test func followsWhatAnotherServerOnTheDatabaseRecords() async throws {
        guard TestEngine.current == .postgres else { return }
        let fixture = try await EventFixture()
        let database = try fixture.home.open()
        let elsewhere = EventLog(database: database, clock: .system)
        let following = Task {
            var subjects: [String] = []
            for try await event in elsewhere.follow(after: 0) {
                subjects.append(event.subject)
                if subjects.count == 20 { break }
            }
            return subjects
        }
        for number in 0..<20 { try await fixture.record("\(number)") }
        #expect(try await following.value == (0..<20).map { "things/\($0)" })
        try database.close()
    }

    @Test func endsWithItsTask() async throws {
        let fixture = try await EventFixture()
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await fixture.record("a")
            for try await _ in fixture.log.follow(after: 0) { start.finish() }
        }
        for await _ in started {}
        task.cancel()
        // It waits for a second event that never comes, unless cancellation ends it.
        _ = await task.result
    }

    @Test func oneFeedMayBeReadTwice() async throws {
        let fixture = try await EventFixture()
        let feed = fixture.log.follow(after: 0)
        async let first = feed.first { _ in true }
        async let second = feed.first { _ in true }
        try await fixture.record("a")
        #expect(try await [first?.sequence, second?.sequence] == [1, 1])
    }
}
