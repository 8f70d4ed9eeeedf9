import TestSupport
import Testing
import Wire

@testable import Tables

/// What comes out of DuckDB, value by value.
@Suite(.timeLimit(.minutes(2))) struct TableValueTests {
    private static func open() async throws -> TableDatabase {
        try await TableEngine.installed.open(TableSettings(memoryBytes: 1 << 28, files: .all))
    }

    private static func row(_ query: TableQuery) async throws -> [TableValue] {
        try await open().rows(query).collect(limit: 1).first ?? []
    }

    @Test(
        arguments: [
            ("true", "BOOLEAN", .bool(true)),
            ("(-128)::TINYINT", "TINYINT", .integer(-128)),
            ("(-32768)::SMALLINT", "SMALLINT", .integer(-32768)),
            ("(-2147483648)::INTEGER", "INTEGER", .integer(-2_147_483_648)),
            ("(-9223372036854775808)::BIGINT", "BIGINT", .integer(.min)),
            ("255::UTINYINT", "UTINYINT", .integer(255)),
            ("65535::USMALLINT", "USMALLINT", .integer(65535)),
            ("4294967295::UINTEGER", "UINTEGER", .integer(4_294_967_295)),
            ("18446744073709551615::UBIGINT", "UBIGINT", .number("18446744073709551615")),
            ("7::UBIGINT", "UBIGINT", .integer(7)),
            (
                "'-170141183460469231731687303715884105728'::HUGEINT", "HUGEINT",
                .number("-170141183460469231731687303715884105728")
            ),
            (
                "340282366920938463463374607431768211455::UHUGEINT", "UHUGEINT",
                .number("340282366920938463463374607431768211455")
            ),
            ("0.1::FLOAT", "FLOAT", .double(Double(Float(0.1)))),
            ("0.1::DOUBLE", "DOUBLE", .double(0.1)),
            ("'infinity'::DOUBLE", "DOUBLE", .double(.infinity)),
            ("'-infinity'::FLOAT", "FLOAT", .double(-.infinity)),
            ("(-1.5)::DECIMAL(4,2)", "DECIMAL(4,2)", .number("-1.50")),
            ("0.007::DECIMAL(9,3)", "DECIMAL(9,3)", .number("0.007")),
            ("123456789012345678::DECIMAL(18,0)", "DECIMAL(18,0)", .number("123456789012345678")),
            (
                "(-99999999999999999999.000000000000000001)::DECIMAL(38,18)", "DECIMAL(38,18)",
                .number("-99999999999999999999.000000000000000001")
            ),
            ("'short'", "VARCHAR", .text("short")),
            ("'twelve bytes'", "VARCHAR", .text("twelve bytes")),
            ("'a text that is longer than twelve bytes, naïve'", "VARCHAR", .text(long)),
            ("''", "VARCHAR", .text("")),
            ("'\\x00\\xFFa'::BLOB", "BLOB", .bytes([0, 255, 97])),
            (
                "'67e55044-10b1-426f-9247-bb680e5fe0c8'::UUID", "UUID", .text("67e55044-10b1-426f-9247-bb680e5fe0c8")
            ),
            ("'b'::ENUM('a', 'b')", "ENUM", .text("b")),
            ("NULL::INTEGER", "INTEGER", .null),
        ] as [(String, String, TableValue)])
    func readsEachScalarType(expression: String, type: String, value: TableValue) async throws {
        let rows = try await Self.open().rows("SELECT \(sql: expression) AS x")
        #expect(rows.columns.map(\.name) == ["x"])
        #expect(rows.columns.map(\.type.name) == [type])
        #expect(try await rows.collect(limit: 1) == [[value]])
    }

    private static let long = "a text that is longer than twelve bytes, naïve"

    @Test(
        arguments: [
            ("DATE '2026-11-21'", "2026-11-21"), ("DATE '1969-12-31'", "1969-12-31"), ("'infinity'::DATE", "infinity"),
            ("'-infinity'::DATE", "-infinity"),
            ("TIMESTAMP '2026-11-21 03:47:23.120456'", "2026-11-21T03:47:23.120456"),
            ("TIMESTAMP '1969-12-31 23:59:59.999999'", "1969-12-31T23:59:59.999999"),
            ("'2026-11-21 03:47:23+02'::TIMESTAMPTZ", "2026-11-21T01:47:23Z"),
            ("TIMESTAMP_NS '2026-11-21 03:47:23.123456789'", "2026-11-21T03:47:23.123456789"),
            ("TIMESTAMP_MS '2026-11-21 03:47:23.120'", "2026-11-21T03:47:23.12"),
            ("TIMESTAMP_S '2026-11-21 03:47:23'", "2026-11-21T03:47:23"),
            ("'infinity'::TIMESTAMP", "infinity"), ("'-infinity'::TIMESTAMPTZ", "-infinity"),
            ("TIME '03:07:23.5'", "03:07:23.5"), ("INTERVAL '14 months 3 days 4.5 seconds'", "P14M3DT4.5S"),
            ("INTERVAL '0 seconds'", "PT0S"), ("INTERVAL '-1500 milliseconds'", "PT-1.5S"),
        ])
    func readsDatesAndTimes(expression: String, text: String) async throws {
        #expect(try await Self.row("SELECT \(sql: expression)").map(\.json) == [.string(text)])
    }

    @Test(
        arguments: [
            ("[1, NULL, 3]", "INTEGER[]", [1, .null, 3]),
            ("{'a': 1, 'b': ['x', 'a text of more than twelve bytes']}", "STRUCT(a INTEGER, b VARCHAR[])", nested),
            ("MAP {'k': 1.5::DOUBLE}", "MAP(VARCHAR, DOUBLE)", [["key": "k", "value": 1.5]]),
            ("[1.5, 2]::DOUBLE[2]", "DOUBLE[2]", [1.5, .double(2)]),
            ("[[1], [], NULL]", "INTEGER[][]", [[1], [], .null]), ("[]::INTEGER[]", "INTEGER[]", []),
        ] as [(String, String, JSON)])
    func readsNestedTypesAsJSON(expression: String, type: String, json: JSON) async throws {
        // The second row shows that cells are found by their offsets.
        let rows = try await Self.open().rows(
            "SELECT \(sql: expression) AS x UNION ALL SELECT \(sql: expression)")
        #expect(rows.columns.map(\.type.name) == [type])
        #expect(try await rows.collect(limit: 2) == [[.nested(json)], [.nested(json)]])
    }

    private static let nested: JSON = ["a": 1, "b": ["x", "a text of more than twelve bytes"]]

    @Test func readsNotANumberAndNothingApart() async throws {
        let row = try await Self.row("SELECT 'nan'::DOUBLE, NULL::DOUBLE, NULL")
        guard case .double(let value) = row[0] else { return #expect(Bool(false), "\(row)") }
        #expect(value.isNaN)
        #expect(row[1] == .null && row[2] == .null)
    }

    @Test func whatCannotBeReadSaysHowToCastIt() async throws {
        let error = await #expect(throws: TableError.self) { try await Self.row("SELECT '101'::BIT AS flags") }
        #expect(error?.message == "Values of BIT in column 'flags' are not read.")
        #expect(error?.hint == "Select CAST(\"flags\" AS VARCHAR).")
        #expect(try await Self.row("SELECT CAST('101'::BIT AS VARCHAR)") == [.text("101")])
    }

    @Test(
        arguments: [
            .null, .bool(false), .integer(.min), .double(.infinity), .double(-0.25), .text("'; DROP TABLE x; -- ?"),
            .text("a\0b"), .text(""), .bytes([]), .bytes([0, 39, 255]), .date(TableDate(daysSince1970: -1)),
            .timestamp(TableTimestamp(1_795_000_000_123_456, .microseconds, isUTC: true)),
            .timestamp(TableTimestamp(-1, .microseconds, isUTC: false)),
        ] as [TableValue])
    func aBoundValueComesBackAsItWas(value: TableValue) async throws {
        #expect(try await Self.row("SELECT \(value), 1") == [value, .integer(1)])
    }

    @Test func namesAndQuotedTextsCannotBecomeSQL() async throws {
        let rows = try await Self.open().rows("SELECT \(7) AS \(name: "a\"b"), \(quoted: "it's") AS q")
        #expect(rows.columns.map(\.name) == ["a\"b", "q"])
        #expect(try await rows.collect(limit: 1) == [[.integer(7), .text("it's")]])
    }
}

extension TableQuery.StringInterpolation {
    /// An expression of a test.
    mutating func appendInterpolation(sql: String) {
        appendLiteral(sql)
    }
}
