import Database
import Testing
import Wire

@Suite struct ValueBindingTests {
    private func roundTrip<Value: SQLValueConvertible & Sendable>(_ value: Value) async throws -> Value? {
        let fixture = try await DatabaseFixture(Migration("v", "CREATE TABLE v (value)"))
        try await fixture.database.write { try $0.execute("INSERT INTO v (value) VALUES (\(value))") }
        return try await fixture.database.read { try $0.value("SELECT value FROM v") }
    }

    @Test(arguments: [
        "", "it's", "\"; DROP TABLE v; --", "?", "é😀", "e\u{301}", String(repeating: "x", count: 1 << 20),
    ])
    func textComesBackAsItWent(text: String) async throws {
        let back = try await roundTrip(text)
        #expect(back.map { Array($0.utf8) } == Array(text.utf8))
    }

    @Test func textWithANulCharacterIsRefusedRatherThanCut() async throws {
        let error = try await #require(throws: DatabaseError.self) { try await roundTrip("a\u{0}b") }
        #expect(error.code.status == 400)
    }

    @Test(arguments: [Int64.min, -1, 0, .max])
    func integersComeBackAsTheyWent(value: Int64) async throws {
        #expect(try await roundTrip(value) == value)
    }

    @Test(arguments: [0.1, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity, 1e15])
    func doublesComeBackAsTheyWent(value: Double) async throws {
        #expect(try await roundTrip(value)?.bitPattern == value.bitPattern)
    }

    @Test func notANumberIsRefusedRatherThanTurnedIntoNull() async throws {
        await #expect(throws: DatabaseError.self) { try await roundTrip(Double.nan) }
    }

    @Test func otherTypesComeBackAsTheyWent() async throws {
        #expect(try await roundTrip(true) == true)
        #expect(try await roundTrip([0, 255, 10] as [UInt8]) == [0, 255, 10])
        #expect(try await roundTrip([] as [UInt8]) == [])
        #expect(try await roundTrip(Timestamp(milliseconds: 5)) == Timestamp(milliseconds: 5))
        let json: JSON = ["b": [1, 2.5, nil], "a": "é"]
        #expect(try await roundTrip(json) == json)
        #expect(try await roundTrip(String?.none) == .some(nil))
        #expect(try await roundTrip(Int?.some(3)) == .some(3))
    }

    @Test func listsAreBoundAndAnEmptyOneMatchesNothing() async throws {
        let fixture = try await DatabaseFixture(.notes)
        try await fixture.database.write { transaction in
            for text in ["a", "b", "c"] { try transaction.execute("INSERT INTO notes (text) VALUES (\(text))") }
        }
        let found = try await fixture.database.read { reader in
            let some = try reader.values("SELECT text FROM notes WHERE text IN \(list: ["a", "c"])", as: String.self)
            let none = try reader.values("SELECT text FROM notes WHERE text IN \(list: [String]())", as: String.self)
            return [some, none]
        }
        #expect(found == [["a", "c"], []])
    }

    @Test func piecesOfSQLComposeWithTheirValues() async throws {
        let fixture = try await DatabaseFixture(.notes)
        let conditions: [SQL] = ["weight > \(1)", "text <> \("b")"]
        let query: SQL = "SELECT text FROM notes WHERE \(conditions.joined(separator: " AND ")) ORDER BY id LIMIT \(5)"
        let found = try await fixture.database.write { transaction in
            for (index, text) in ["a", "b", "c"].enumerated() {
                try transaction.execute("INSERT INTO notes (text, weight) VALUES (\(text), \(Double(index + 1)))")
            }
            return try transaction.values(query, as: String.self)
        }
        #expect(found == ["c"])
    }

    @Test func readingAnotherTypeOrAMissingColumnSaysWhich() async throws {
        let fixture = try await DatabaseFixture()
        let row = try #require(try await fixture.database.read { try $0.row("SELECT 'x', NULL") })
        let error = try #require(throws: DatabaseError.self) { try row.get(0, as: Int64.self) }
        #expect(error.message.contains("Column 0"))
        #expect(throws: DatabaseError.self) { try row.get(1, as: String.self) }
        #expect(throws: DatabaseError.self) { try row.get(2, as: String?.self) }
        #expect(throws: DatabaseError.self) { try row.get(-1, as: String.self) }
        #expect(try row.get(1, as: String?.self) == nil)
    }
}
