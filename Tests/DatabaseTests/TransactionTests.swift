import Database
import Dispatch
import Synchronization
import TestSupport
import Testing
import Wire

@Suite(.everyEngine) struct TransactionTests {
    private struct Refusal: Error {}

    private func texts(_ database: Database) async throws -> [String] {
        try await database.read { try $0.values("SELECT text FROM notes ORDER BY id") }
    }

    @Test func aBodyThatThrowsLeavesNothing() async throws {
        let fixture = try await DatabaseFixture(.notes)
        await #expect(throws: Refusal.self) {
            try await fixture.database.write { transaction in
                try transaction.execute("INSERT INTO notes (text) VALUES ('a')")
                throw Refusal()
            }
        }
        #expect(try await texts(fixture.database).isEmpty)
    }

    /// Holds the writer until `count` more writes are waiting, so that these share one commit.
    private func inOneGroup(_ database: Database, _ writes: [@Sendable (Transaction) throws -> Void]) async
        -> [Result<Void, any Error>]
    {
        let started = AsyncStream.makeStream(of: Void.self)
        let gate = DispatchSemaphore(value: 0)
        return await withTaskGroup(of: (Int, Result<Void, any Error>).self) { group in
            group.addTask {
                _ = try? await database.write { _ in
                    started.continuation.finish()
                    gate.wait()
                }
                return (-1, .success(()))
            }
            for await _ in started.stream {}
            for (index, write) in writes.enumerated() {
                group.addTask {
                    do {
                        try await database.write { try write($0) }
                        return (index, .success(()))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            while database.waitingWrites < writes.count { await Task.yield() }
            gate.signal()
            var results = [Result<Void, any Error>](repeating: .success(()), count: writes.count)
            for await (index, result) in group where index >= 0 { results[index] = result }
            return results
        }
    }

    @Test func oneOfAGroupFailsAlone() async throws {
        let fixture = try await DatabaseFixture(.notes)
        let results = await inOneGroup(
            fixture.database,
            [
                { try $0.execute("INSERT INTO notes (text) VALUES ('kept 1')") },
                { transaction in
                    try transaction.execute("INSERT INTO notes (text) VALUES ('gone')")
                    throw Refusal()
                },
                { try $0.execute("INSERT INTO notes (text) VALUES (NULL)") },
                { try $0.execute("INSERT INTO notes (text) VALUES ('kept 2')") },
            ])
        #expect(try await Set(texts(fixture.database)) == ["kept 1", "kept 2"])
        let failures = results.map { result in
            if case .failure(let error) = result { "\(type(of: error))" } else { "" }
        }
        #expect(failures == ["", "Refusal", "DatabaseError", ""])
    }

    @Test func tellsTheObserversOnlyOfWhatWasCommitted() async throws {
        let fixture = try await DatabaseFixture(.notes)
        let seen = Mutex<[String]>([])
        let database = fixture.database
        try await database.write { transaction in
            transaction.onCommit { seen.withLock { $0.append("committed") } }
            #expect(seen.withLock { $0.isEmpty })
        }
        _ = try? await database.write { transaction in
            transaction.onCommit { seen.withLock { $0.append("rolled back") } }
            throw Refusal()
        }
        #expect(seen.withLock { $0 } == ["committed"])
    }

    @Test func manyConcurrentWritersAllFindTheirRowsAfterReopening() async throws {
        let fixture = try await DatabaseFixture(.notes)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<16 {
                group.addTask {
                    for index in 0..<50 {
                        try await fixture.database.write { transaction in
                            try transaction.execute("INSERT INTO notes (text) VALUES (\("\(writer)/\(index)"))")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        try fixture.database.close()
        let found = try await texts(try fixture.reopened())
        #expect(Set(found) == Set((0..<16).flatMap { writer in (0..<50).map { "\(writer)/\($0)" } }))
        // Each writer's rows are in the order it wrote them.
        for writer in 0..<16 {
            let own = found.filter { $0.hasPrefix("\(writer)/") }
            #expect(own == (0..<50).map { "\(writer)/\($0)" })
        }
    }

    @Test func aReaderKeepsItsSnapshotWhileAWriterCommits() async throws {
        let fixture = try await DatabaseFixture(.notes)
        let database = fixture.database
        let reading = AsyncStream.makeStream(of: Void.self)
        let gate = DispatchSemaphore(value: 0)
        async let counts = database.read { reader in
            let before = try reader.value("SELECT COUNT(*) FROM notes", as: Int.self)
            reading.continuation.finish()
            gate.wait()
            return [before, try reader.value("SELECT COUNT(*) FROM notes", as: Int.self)]
        }
        for await _ in reading.stream {}
        try await database.write { try $0.execute("INSERT INTO notes (text) VALUES ('a')") }
        #expect(try await texts(database) == ["a"])
        gate.signal()
        #expect(try await counts == [0, 0])
    }

    @Test func aReaderCannotWrite() async throws {
        let fixture = try await DatabaseFixture(.notes)
        await #expect(throws: DatabaseError.self) {
            try await fixture.database.read { try $0.rows("INSERT INTO notes (text) VALUES ('a') RETURNING id") }
        }
    }

    @Test func readsItsOwnWritesAndCountsChanges() async throws {
        let fixture = try await DatabaseFixture(.notes)
        let counts = try await fixture.database.write { transaction in
            try transaction.execute("INSERT INTO notes (text) VALUES ('a'), ('b')")
            let updated = try transaction.execute("UPDATE notes SET weight = 1 WHERE text = 'a'")
            let none = try transaction.execute("UPDATE notes SET weight = 1 WHERE text = 'z'")
            return [updated, none, try transaction.value("SELECT COUNT(*) FROM notes") ?? -1]
        }
        #expect(counts == [1, 0, 2])
    }

    @Test func refusesWritesBeyondItsQueueAndTakesThemAgainLater() async throws {
        let fixture = try await DatabaseFixture(.notes)
        let database = fixture.database
        let limit = Database.maximumWaitingWrites
        let started = AsyncStream.makeStream(of: Void.self)
        let gate = DispatchSemaphore(value: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await database.write { _ in
                    started.continuation.finish()
                    gate.wait()
                }
            }
            for await _ in started.stream {}
            for _ in 0..<limit { group.addTask { try await database.write { _ in } } }
            while database.waitingWrites < limit { await Task.yield() }
            let error = try await #require(throws: DatabaseError.self) { try await database.write { _ in } }
            #expect(error.code.status == 503)
            #expect(error.retryAfterSeconds == 1)
            gate.signal()
            try await group.waitForAll()
        }
        try await database.write { try $0.execute("INSERT INTO notes (text) VALUES ('a')") }
    }

    @Test func namesTheRuleThatAChangeBreaks() async throws {
        let fixture = try await DatabaseFixture(.notes)
        let error = try await #require(throws: DatabaseError.self) {
            try await fixture.database.write { transaction in
                try transaction.execute("INSERT INTO notes (text) VALUES ('a'), ('a')")
            }
        }
        #expect(error.isConstraintViolation)
        #expect(error.message.contains("notes") && error.message.contains("text"))
    }

    @Test func aStatementThatFailedTakesItsTransactionWithItAlsoWhenItsErrorIsCaught() async throws {
        let fixture = try await DatabaseFixture(.notes)
        let later = Mutex<[Bool]>([])
        let error = try await #require(throws: DatabaseError.self) {
            try await fixture.database.write { transaction in
                try transaction.execute("INSERT INTO notes (text) VALUES ('a')")
                _ = try? transaction.execute("INSERT INTO notes (text) VALUES ('a')")
                let next = try? transaction.execute("INSERT INTO notes (text) VALUES ('b')")
                later.withLock { $0.append(next == nil) }
            }
        }
        #expect(error.isConstraintViolation)
        #expect(later.withLock { $0 } == [true])
        #expect(try await texts(fixture.database).isEmpty)
        try await fixture.database.write { try $0.execute("INSERT INTO notes (text) VALUES ('c')") }
        #expect(try await texts(fixture.database) == ["c"])
    }

    @Test func numbersThatRowsBringAreNotGivenAgain() async throws {
        let fixture = try await DatabaseFixture(.notes)
        let ids = try await fixture.database.write { transaction in
            try transaction.execute("INSERT INTO notes (text) VALUES ('first')")
            try transaction.execute("INSERT INTO notes (id, text) VALUES (7, 'brought')")
            for _ in 0..<2 { try transaction.resumeIdentity(of: "notes", column: "id") }
            try transaction.execute("INSERT INTO notes (text) VALUES ('next')")
            try transaction.resumeIdentity(of: "notes", column: "id")
            try transaction.execute("INSERT INTO notes (text) VALUES ('last')")
            return try transaction.values("SELECT id FROM notes ORDER BY id", as: Int.self)
        }
        #expect(ids == [1, 7, 8, 9])
    }

    @Test func afterClosingCallsFailInsteadOfHanging() async throws {
        let fixture = try await DatabaseFixture(.notes)
        try fixture.database.close()
        await #expect(throws: (any Error).self) { try await texts(fixture.database) }
        await #expect(throws: (any Error).self) { try await fixture.database.write { _ in } }
    }
}
