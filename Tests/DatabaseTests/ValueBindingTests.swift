import Database
import TestSupport
import Testing
import Wire

@Suite(.everyEngine) struct ValueBindingTests {
    private func roundTrip<Value: SQLValueConvertible & Sendable>(
        _ value: Value, in column: SQL
    ) async throws -> Value? {
        let fixture = try await DatabaseFixture(Migration("v", "CREATE TABLE v (value \(column))"))
        try await fixture.database.write { try $0.execute("INSERT INTO v (value) VALUES (\(value))") }
        return try await fixture.database.read { try $0.value("SELECT value FROM v") }
    }

    @Test(arguments: [
        "", "it's", "\"; DROP TABLE v; --", "?", "é😀", "e\u{301}", String(repeating: "x", count: 1 << 20),
    ])
    func textComesBackAsItWent(text: String) async throws {
        let back = try await roundTrip(text, in: "TEXT")
        #expect(back.map { Array($0.utf8) } == Array(text.utf8))
    }

    @Test func textWithANulCharacterIsRefusedRatherThanCut() async throws {
        let error = try await #require(throws: DatabaseError.self) { try await roundTrip("a\u{0}b", in: "TEXT") }
        #expect(error.code.status == 400)
    }

    @Test(arguments: [Int64.min, -1, 0, .max])
    func integersComeBackAsTheyWent(value: Int64) async throws {
        #expect(try await roundTrip(value, in: "BIGINT") == value)
    }

    @Test(arguments: [0.1, 0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, .infinity, -.infinity, 1e15])
    func doublesComeBackAsTheyWent(value: Double) async throws {
        #expect(try await roundTrip(value, in: "\(.double)")?.bitPattern == value.bitPattern)
    }

    /// SQLite keeps whole doubles as integers, which have no negative zero.
    @Test func negativeZeroIsZero() async throws {
        #expect(try await roundTrip(-0.0, in: "\(.double)") == 0)
    }

    @Test func notANumberIsRefusedRatherThanTurnedIntoNull() async throws {
        await #expect(throws: DatabaseError.self) { try await roundTrip(Double.nan, in: "\(.double)") }
    }

    @Test func otherTypesComeBackAsTheyWent() async throws {
        #expect(try await roundTrip(true, in: "BIGINT") == true)
        for bytes in [[], [0, 255, 10], Array(repeatElement(0...255, count: 4096).joined())] as [[UInt8]] {
            #expect(try await roundTrip(bytes, in: "\(.bytes)") == bytes)
        }
        #expect(try await roundTrip(Timestamp(milliseconds: 5), in: "BIGINT") == Timestamp(milliseconds: 5))
        let json: JSON = ["b": [1, 2.5, nil], "a": "é"]
        #expect(try await roundTrip(json, in: "TEXT") == json)
        for type in ["TEXT", "BIGINT", "\(.double)", "\(.bytes)"] as [SQL] {
            #expect(try await roundTrip(SQLValue.null, in: type) == .null)
        }
        #expect(try await roundTrip(Int?.some(3), in: "BIGINT") == .some(3))
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
