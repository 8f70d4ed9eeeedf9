import Database
import Testing

@Suite struct StatementTests {
    @Test func aStatementThatIsPreparedOnceAnswersAsOneThatIsKept() async throws {
        let fixture = try await DatabaseFixture(.notes)
        try await fixture.database.write {
            try $0.execute("INSERT INTO notes (text, weight) VALUES ('a', 1), ('b', 2)")
        }
        let piece: SQL = "weight > \(1.5)"
        for _ in 0..<3 {
            let found = try await fixture.database.read { reader in
                try reader.values("SELECT text FROM notes WHERE \(piece.once)", as: String.self)
            }
            #expect(found == ["b"])
        }
    }
}
