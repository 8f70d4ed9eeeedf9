import Database
import TestSupport
import Testing
import Wire

@Suite struct ReadTests {
    @Test(.everyEngine) func moreReadsThanRunSideBySideAreAllAnswered() async throws {
        let fixture = try await DatabaseFixture(.notes)
        let answers = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<300 {
                group.addTask {
                    try await fixture.database.read { try $0.value("SELECT \(number)", as: Int.self) } ?? -1
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(answers == Set(0..<300))
    }

    /// It would take for ever, and a place among those that run.
    @Test func aReadThatNobodyWaitsForEnds() async throws {
        let home = try await TestDatabase(on: .sqlite)
        let database = try home.open()
        let started = AsyncStream.makeStream(of: Void.self)
        let reading = Task {
            try await database.read { reader in
                started.continuation.finish()
                return try reader.value(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n",
                    as: Int.self)
            }
        }
        for await _ in started.stream {}
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
        #expect(try await database.read { try $0.value("SELECT 1", as: Int.self) } == 1)
        try database.close()
    }

    @Test func aReadOfAClosedDatabaseIsRefused() async throws {
        let home = try await TestDatabase(on: .sqlite)
        let database = try home.open()
        try database.close()
        let error = await #expect(throws: DatabaseError.self) {
            try await database.read { try $0.value("SELECT 1", as: Int.self) }
        }
        #expect(error?.code.status == 503)
    }
}
