import Database
import TestSupport
import Testing
import Wire

@Suite(.everyEngine) struct MigrationTests {
    private static let second = Migration("notes-002", "ALTER TABLE notes ADD COLUMN extra TEXT")

    private func migrations(_ database: Database) async throws -> [String] {
        try await database.read { try $0.values("SELECT id FROM migrations ORDER BY position") }
    }

    @Test func runEachOnceInTheOrderGiven() async throws {
        let fixture = try await DatabaseFixture(.notes)
        let database = fixture.database
        for _ in 0..<2 { try await database.migrate([.notes, Self.second]) }
        #expect(try await migrations(database) == ["notes-001", "notes-002"])
        try await database.write { try $0.execute("INSERT INTO notes (text, extra) VALUES ('a', 'b')") }
        try database.close()
        let reopened = try fixture.reopened()
        try await reopened.migrate([.notes, Self.second])
        #expect(try await reopened.read { try $0.value("SELECT extra FROM notes") } == "b")
    }

    @Test func oneThatFailsTakesAllOfItsRunWithIt() async throws {
        let fixture = try await DatabaseFixture(.notes)
        let broken = Migration("notes-003", "CREATE TABLE other (id BIGINT)", "THIS IS NOT SQL")
        await #expect(throws: DatabaseError.self) {
            try await fixture.database.migrate([.notes, Self.second, broken])
        }
        #expect(try await migrations(fixture.database) == ["notes-001"])
        try await fixture.database.migrate([.notes, Self.second])
    }

    @Test func aSchemaOfANewerVersionIsRefusedAndLeftAsItIs() async throws {
        let fixture = try await DatabaseFixture(.notes, Self.second)
        let fresh = Migration("other-001", "CREATE TABLE other (id BIGINT)")
        let error = try await #require(throws: DatabaseError.self) {
            try await fixture.database.migrate([.notes, fresh])
        }
        #expect(error.message.contains("'notes-002'"))
        #expect(error.message.contains(fixture.home.location.place))
        #expect(error.code.status == 400)
        await #expect(throws: DatabaseError.self) {
            try await fixture.database.read { try $0.rows("SELECT id FROM other") }
        }
        #expect(try await migrations(fixture.database) == ["notes-001", "notes-002"])
    }
}
