import Database
import Events
import TestSupport
import Wire

/// An event log in a database of the test's own, with a table for something that changes.
struct EventFixture {
    let home: TestDatabase
    let database: Database
    let log: EventLog

    init() async throws {
        home = try await TestDatabase()
        database = try home.open()
        let things = Migration("things", "CREATE TABLE things (name TEXT PRIMARY KEY)")
        try await database.migrate(EventSchema.migrations + [things])
        log = EventLog(database: database, clock: WallClock { Timestamp(milliseconds: 1_795_232_843_120) })
    }

    /// Makes a thing and records it.
    func record(_ name: String, by actor: String = "ada") async throws {
        try await database.write { [log] transaction in
            try transaction.execute("INSERT INTO things (name) VALUES (\(name))")
            try log.append(
                Change(by: actor, "thing.created", of: "things/\(name)", ["name": .string(name)]), in: transaction)
        }
    }

    /// Changes the tables behind the log's back.
    func tamper(_ statements: SQL...) async throws {
        try await database.write { transaction in
            for statement in statements { try transaction.execute(statement) }
        }
    }
}
