import TestSupport
import Testing

@testable import Database

@Suite struct PreparedStatementsTests {
    private func statement(_ text: String, _ types: [UInt32] = []) -> PreparedStatements.Statement {
        PreparedStatements.Statement(text: text, types: types)
    }

    /// What a connection does with a statement.
    private func use(_ text: String, in statements: inout PreparedStatements) -> String {
        if let name = statements.name(of: statement(text)) { return name }
        if let surplus = statements.surplus() { statements.forget(surplus) }
        let name = statements.newName()
        statements.remember(statement(text), as: name)
        return name
    }

    @Test func whatWasUsedLongestAgoGivesWay() {
        var statements = PreparedStatements(limit: 2)
        let first = use("a", in: &statements)
        let second = use("b", in: &statements)
        #expect(use("a", in: &statements) == first)
        _ = use("c", in: &statements)
        #expect(statements.count == 2)
        #expect(use("a", in: &statements) == first)
        #expect(use("b", in: &statements) != second)
    }

    @Test func theSameTextWithOtherTypesIsAnotherStatement() {
        var statements = PreparedStatements(limit: 9)
        statements.remember(statement("a", [20]), as: "s1")
        #expect(statements.name(of: statement("a", [701])) == nil)
        #expect(statements.name(of: statement("a", [20])) == "s1")
    }

    @Test func aConnectionKeepsNoMoreThanItsLimit() async throws {
        let home = try await TestDatabase(on: .postgres)
        guard case .postgres(let location) = home.location else { return }
        let library = try LibPQ()
        // On a thread of its own, as calls that block are.
        let counts = try await withCheckedThrowingContinuation { continuation in
            let threads = EngineThreads(maximum: 1, queueLimit: 1) {
                PostgresLink(library, location, settings: PostgresReader.settings)
            }
            _ = threads.submit { link in
                continuation.resume(
                    with: Result {
                        let connection = try link.begin("BEGIN")
                        let session = PostgresSession(connection: connection)
                        for number in 0..<600 { try session.run(SQL(stringLiteral: "SELECT \(number)")) { _ in } }
                        var kept = 0
                        try session.run("SELECT COUNT(*) FROM pg_prepared_statements") { kept = try $0.get(0) }
                        return (connection.preparedCount, kept)
                    })
            }
            threads.close()
        }
        #expect(counts.0 == 256)
        #expect(counts.1 == 256)
    }
}
