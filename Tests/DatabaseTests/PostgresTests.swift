import Database
import Dispatch
import Synchronization
import TestSupport
import Testing
import Wire

/// What there is on PostgreSQL alone: connections that break, and other servers on the same database.
@Suite(.timeLimit(.minutes(2))) struct PostgresTests {
    private func withHome(
        _ body: (TestDatabase, Database) async throws -> Void
    ) async throws {
        let home = try await TestDatabase(on: .postgres)
        let database = try home.open()
        try await database.migrate([.notes])
        try await body(home, database)
        try database.close()
    }

    private func texts(_ database: Database) async throws -> [String] {
        try await database.read { try $0.values("SELECT text FROM notes ORDER BY text") }
    }

    /// Ends every connection while `work` stands where it says so, then lets it go on.
    /// - Returns: what became of it.
    private func loss(
        of home: TestDatabase,
        during work: @escaping @Sendable (_ stand: @escaping @Sendable () -> Void) async throws -> Void
    ) async throws -> DatabaseError {
        let standing = AsyncStream.makeStream(of: Void.self)
        let gate = DispatchSemaphore(value: 0)
        let broken = Task {
            defer { standing.continuation.finish() }
            try await work {
                standing.continuation.finish()
                gate.wait()
            }
        }
        for await _ in standing.stream {}
        try await home.endConnections()
        gate.signal()
        return try await #require(throws: DatabaseError.self) { try await broken.value }
    }

    @Test func aConnectionThatDiedWhileIdleIsReplacedUnnoticed() async throws {
        try await withHome { home, database in
            for round in ["a", "b", "c"] {
                try await database.write { try $0.execute("INSERT INTO notes (text) VALUES (\(round))") }
                _ = try await texts(database)
                try await home.endConnections()
            }
            #expect(try await texts(database) == ["a", "b", "c"])
        }
    }

    @Test func aConnectionThatDiesInATransactionFailsItAndTheNextOneSucceeds() async throws {
        try await withHome { home, database in
            let error = try await loss(of: home) { stand in
                try await database.write { transaction in
                    try transaction.execute("INSERT INTO notes (text) VALUES ('lost')")
                    stand()
                    try transaction.execute("INSERT INTO notes (text) VALUES ('lost too')")
                }
            }
            #expect(error.code.status == 503)
            #expect(error.retryAfterSeconds != nil)
            try await database.write { try $0.execute("INSERT INTO notes (text) VALUES ('kept')") }
            #expect(try await texts(database) == ["kept"])
        }
    }

    /// A caught error must not let the commit of nothing pass for success.
    @Test func aBodyThatOverlooksTheLossFailsAllTheSame() async throws {
        try await withHome { home, database in
            let error = try await loss(of: home) { stand in
                try await database.write { transaction in
                    try transaction.execute("INSERT INTO notes (text) VALUES ('lost')")
                    stand()
                    _ = try? transaction.execute("INSERT INTO notes (text) VALUES ('lost too')")
                }
            }
            #expect(error.code.status == 503)
            #expect(try await texts(database).isEmpty)
        }
    }

    @Test func aConnectionThatDiesBeforeCommitSaysThatTheOutcomeIsUnknown() async throws {
        try await withHome { home, database in
            let error = try await loss(of: home) { stand in
                try await database.write { transaction in
                    try transaction.execute("INSERT INTO notes (text) VALUES ('a')")
                    stand()
                }
            }
            #expect(error.message.contains("before it said whether"))
            #expect(error.code.status == 503)
        }
    }

    @Test func aReaderWhoseConnectionDiesFailsAndTheNextOneSucceeds() async throws {
        try await withHome { home, database in
            let error = try await loss(of: home) { stand in
                try await database.read { reader in
                    _ = try reader.rows("SELECT text FROM notes")
                    stand()
                    _ = try reader.rows("SELECT text FROM notes")
                }
            }
            #expect(error.code.status == 503)
            #expect(try await texts(database).isEmpty)
        }
    }

    /// Each increment reads, then writes what it read plus one: any two that overlap lose one.
    @Test func twoServersLoseNoUpdateOfEachOther() async throws {
        try await withHome { home, first in
            let second = try home.open()
            try await first.write { try $0.execute("INSERT INTO notes (text, weight) VALUES ('n', 0)") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for database in [first, second] {
                    for _ in 0..<10 {
                        group.addTask {
                            for _ in 0..<50 {
                                try await database.write { transaction in
                                    let old = try transaction.value("SELECT weight FROM notes", as: Double.self) ?? -1
                                    try transaction.execute("UPDATE notes SET weight = \(old + 1)")
                                }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let total = try await second.read { try $0.value("SELECT weight FROM notes", as: Double.self) }
            #expect(total == 1000)
            try second.close()
        }
    }

    @Test func serversThatStartTogetherMigrateOnce() async throws {
        let home = try await TestDatabase(on: .postgres)
        let servers = try (0..<4).map { _ in try home.open() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in servers { group.addTask { try await server.migrate([.notes]) } }
            try await group.waitForAll()
        }
        let ids = try await servers[0].read { try $0.values("SELECT id FROM migrations", as: String.self) }
        #expect(ids == ["notes-001"])
        for server in servers { try server.close() }
    }

    @Test func whatOneServerAnnouncesWakesTheOthers() async throws {
        try await withHome { home, first in
            let second = try home.open()
            let topic = Topic("notes")
            var wakeUps = second.signal(of: topic).subscribe().makeAsyncIterator()
            // The first wakes whoever was there before anyone listened.
            _ = await wakeUps.next()
            for text in ["a", "b"] {
                try await first.write { transaction in
                    try transaction.execute("INSERT INTO notes (text) VALUES (\(text))")
                    transaction.announce(topic)
                }
                while try await !texts(second).contains(text) { _ = await wakeUps.next() }
                // Also on a new connection.
                try await home.endConnections()
                _ = await wakeUps.next()
            }
            #expect(try await texts(second) == ["a", "b"])
            try second.close()
        }
    }

    @Test func whatIsNotCommittedIsNotAnnounced() async throws {
        struct Refusal: Error {}
        try await withHome { home, first in
            let second = try home.open()
            let seen = Mutex(0)
            var signal = second.signal(of: Topic("end")).subscribe().makeAsyncIterator()
            _ = await signal.next()
            let watch = second.signal(of: Topic("notes")).subscribe()
            let counting = Task { for await _ in watch { seen.withLock { $0 += 1 } } }
            _ = try? await first.write { transaction in
                transaction.announce(Topic("notes"))
                throw Refusal()
            }
            try await first.write { $0.announce(Topic("end")) }
            _ = await signal.next()
            #expect(seen.withLock { $0 } == 0)
            counting.cancel()
            try second.close()
        }
    }

    @Test func textIsOrderedByItsBytesWhateverTheLocale() async throws {
        try await withHome { _, database in
            for text in ["b", "B", "a", "Z", "é", "_", "10", "9"] {
                try await database.write { try $0.execute("INSERT INTO notes (text) VALUES (\(text))") }
            }
            #expect(try await texts(database) == ["10", "9", "B", "Z", "_", "a", "b", "é"])
            let greatest = try await database.read { try $0.value("SELECT MAX(text) FROM notes", as: String.self) }
            #expect(greatest == "é")
        }
    }

    @Test func aServerThatIsNotThereIs503WithoutThePassword() async throws {
        let database = try Database.open(DatabaseLocation(url: "postgres://ann:s3cret@127.0.0.1:1/shop"))
        let error = try await #require(throws: DatabaseError.self) { try await database.read { _ in } }
        #expect(error.code.status == 503)
        #expect(error.retryAfterSeconds != nil)
        #expect(error.message.contains("postgres://127.0.0.1:1/shop"))
        #expect(!error.message.contains("s3cret"))
        await #expect(throws: DatabaseError.self) { try await database.write { _ in } }
        try database.close()
    }

    @Test(arguments: [
        ("postgres://ann:s3cret@db.example:5432/shop?sslmode=require", "postgres://db.example:5432/shop"),
        ("postgresql://db.example/shop", "postgres://db.example/shop"), ("postgres:///shop", "postgres:///shop"),
        ("postgres://ann@/shop?host=/run/pg", "postgres:///shop"),
        ("postgres://a@b:c@db.example", "postgres://db.example"),
    ])
    func messagesNameThePlaceWithoutItsSecrets(url: String, place: String) throws {
        #expect(try DatabaseLocation(url: url).place == place)
    }

    @Test func aURLThatMakesNoSenseShowsNoPasswordEither() async throws {
        let database = try Database.open(DatabaseLocation(url: "postgres://ann:s3cret@[::1/shop"))
        let error = try await #require(throws: DatabaseError.self) { try await database.read { _ in } }
        #expect(!error.description.contains("s3cret"))
        try database.close()
    }

    /// The sum of integers is a decimal number, as is the mean.
    @Test func decimalNumbersAreReadAsTheNumbersThatTheyAre() async throws {
        try await withHome { _, database in
            let row = try await database.read { reader in
                try reader.row(
                    """
                    SELECT SUM(n), SUM(n) * 10000, AVG(n), -SUM(n) / 4, CAST(0.00001234 AS NUMERIC),
                        CAST('9223372036854775807' AS NUMERIC), CAST('1e30' AS NUMERIC), CAST(0 AS NUMERIC), 1 = 1, COUNT(*)
                    FROM (VALUES (1::bigint), (2), (3), (4)) AS t (n)
                    """)
            }
            let expected: [SQLValue] = [
                .integer(10), .integer(100_000), .double(2.5), .double(-2.5), .double(0.00001234), .integer(.max),
                .double(1e30), .integer(0), .integer(1), .integer(4),
            ]
            #expect(row?.values == expected)
        }
    }

    @Test func aDatabaseThatCannotHoldEveryTextIsRefused() async throws {
        let home = try await TestDatabase(
            on: .postgres,
            options: "ENCODING 'LATIN1' TEMPLATE template0 LOCALE_PROVIDER libc LOCALE 'C'")
        let database = try home.open()
        let error = try await #require(throws: DatabaseError.self) { try await database.migrate([.notes]) }
        #expect(error.message.contains("LATIN1"))
        #expect(error.hint?.contains("UTF8") == true)
        try database.close()
    }
}
