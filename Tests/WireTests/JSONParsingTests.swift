import Testing
import Wire

@Suite struct JSONParsingTests {
    @Test(
        arguments: [
            ("null", .null), ("true", true), (" false\n", false), ("0", 0), ("-0", 0), ("12", 12), ("-1.5", -1.5),
            ("1e2", 100.0), ("1E+2", 100.0), ("2e-1", 0.2), ("-0.0", .double(-0.0)), ("\"\"", ""), ("[]", []),
            ("{}", [:]),
            ("[1,\t2 ,\r\n3]", [1, 2, 3]), ("{\"a\":{\"b\":[null]}}", ["a": ["b": [nil]]]),
            ("\"\\u00e9\\n\\\"\\\\\\/\\b\\f\\r\\t\"", "é\n\"\\/\u{8}\u{c}\r\t"),
            ("\"\u{7f}\u{2028}\"", "\u{7f}\u{2028}"),
            ("Infinity", .double(.infinity)), ("-Infinity", .double(-.infinity)), ("{\"\":1}", ["": 1]),
            ("{\"a\":1,\"b\":2,\"a\":3}", ["a": 3, "b": 2]),
        ] as [(String, JSON)])
    func accepts(text: String, value: JSON) throws {
        #expect(try JSON.parse(text) == value)
    }

    @Test func readsAsManyValuesAsItMay() throws {
        #expect(try JSON.parse("[1,[2,{\"a\":3}]]".utf8, maximumValues: 6) == [1, [2, ["a": 3]]])
        let error = try #require(throws: JSONSyntaxError.self) {
            try JSON.parse("[1,[2,{\"a\":3}]]".utf8, maximumValues: 5)
        }
        #expect(error.column == 12)
        #expect(error.reason.contains("more than 5 values"))
    }

    @Test func readsNaN() throws {
        #expect(try JSON.parse("NaN").doubleValue?.isNaN == true)
    }

    @Test(arguments: [
        "", " ", "nul", "nulls", "True", "undefined", "-", "+1", ".5", "1.", "1.e1", "1e", "1e+", "01", "-01", "00",
        "0x1", "1_000", "--1", "-NaN", "-null", "\"", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\u+123\"",
        "\"a\nb\"", "\"\u{0}\"", "\"\\", "[", "]", "[1", "[1,]", "[,1]", "[1 2]", "[1,,2]", "{", "}", "{\"a\"}",
        "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "{1:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "[1}", "{\"a\":1]",
        "1 2", "[] []", "\u{feff}[]", "// x\n1", "\u{a0}1", "'a'", "Infinit", "NaNa",
    ])
    func refuses(text: String) {
        #expect(throws: JSONSyntaxError.self) { try JSON.parse(text) }
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0x80, 0x22], [0xFF],
        ] as [[UInt8]])
    func refusesBytesThatAreNotUTF8(bytes: [UInt8]) {
        #expect(throws: JSONSyntaxError.self) { try JSON.parse(bytes) }
    }

    @Test(arguments: [
        ("{\n  \"a\": tru\n}", 2, 8, "expected a value"), ("[1,\n2,\n]", 3, 1, "expected a value"),
        ("\"é\" x", 1, 5, "unexpected text after the value"), ("[1", 1, 3, "expected ',' or ']'"),
        ("{\"ab\" 1}", 1, 7, "expected ':' after the member name \"ab\""), ("", 1, 1, "the text is empty"),
        ("[\"abc", 1, 2, "the string does not end"), ("[\"a\\qb\"]", 1, 4, "unknown escape"),
    ])
    func namesLineAndColumn(text: String, line: Int, column: Int, reason: String) throws {
        let error = try #require(throws: JSONSyntaxError.self) { try JSON.parse(text) }
        #expect(error.line == line)
        #expect(error.column == column)
        #expect(error.message == "Malformed JSON at line \(line), column \(column): \(reason)")
    }

    @Test(arguments: [
        ("\\ud83d\\ude00", "😀"), ("\\uD83D", "\u{FFFD}"), ("\\uDE00", "\u{FFFD}"), ("\\ud83dx", "\u{FFFD}x"),
        ("\\ud83d\\n", "\u{FFFD}\n"), ("\\ud83d\\u0041", "\u{FFFD}A"), ("\\ud83d\\ud83d\\ude00", "\u{FFFD}😀"),
        ("\\uFFFF\\u0000", "\u{FFFF}\u{0}"),
    ])
    func joinsSurrogatesAndReplacesHalves(escaped: String, text: String) throws {
        #expect(try JSON.parse("\"\(escaped)\"") == .string(text))
    }

    @Test func refusesDeepNestingAndAcceptsTheLimit() throws {
        let limit = JSON.maximumDepth
        let deepest = String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
        #expect(try JSON.parse(deepest).text == deepest)
        for opening in ["[", "{\"a\":", "[{\"a\":"] {
            let error = try #require(throws: JSONSyntaxError.self) {
                try JSON.parse(String(repeating: opening, count: 200_000))
            }
            #expect(error.reason == "nested deeper than \(limit) levels")
        }
    }

    @Test func readsWideTextsAtOneLevel() throws {
        let wide = "[" + String(repeating: "[],", count: 10_000) + "{}]"
        #expect(try JSON.parse(wide).arrayValue?.count == 10_001)
    }

    @Test func readsSequencesWithoutContiguousStorage() throws {
        #expect(try JSON.parse(AnySequence("[1,\"a\"]".utf8)) == [1, "a"])
        #expect(throws: JSONSyntaxError.self) { try JSON.parse(AnySequence("[1".utf8)) }
    }
}
