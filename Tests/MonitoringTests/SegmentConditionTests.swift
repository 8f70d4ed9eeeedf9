import Statistics
import Testing

@testable import Monitoring

@Suite struct SegmentConditionTests {
    private static let row: [String: ColumnValue] = [
        "age": .number(70), "country": .text("DE"), "two words": .number(-1.5), "code": .text("17"),
        "isNew": .text("true"), "nan": .number(.nan),
    ]

    private func holds(_ condition: String) throws -> Bool {
        try SegmentCondition(condition).holds { Self.row[$0] ?? .missing }
    }

    @Test(arguments: [
        "age >= 65 AND country = 'DE'", "age<71", "age <> 3", "age == 70", "country in ('AT', 'DE')",
        "country not in ('AT')", "gone is null", "nan IS NULL", "age IS NOT NULL", "\"two words\" = -1.5",
        "code = 17", "age = '70'", "isNew = true", "NOT age < 65", "age < 1 OR age > 2 AND country = 'DE'",
        "(age < 1 OR age > 2) AND NOT (country = 'FR')", "country > 'CZ'", "code >= 2e0",
    ])
    func holdsForTheRow(_ condition: String) throws {
        #expect(try holds(condition))
    }

    @Test(arguments: [
        "age > 70", "country = 'de'", "gone != 1", "gone NOT IN (1, 2)", "gone = 0", "nan >= 0", "country < 3",
        "age > 1 AND age < 2 OR country = 'FR'", "country = 'it''s'",
    ])
    func doesNotHoldForTheRow(_ condition: String) throws {
        #expect(try !holds(condition))
    }

    @Test(arguments: [
        ("age >=", 6, "the end"), ("age >= DE", 7, "'DE'"), ("age => 3", 4, "no operator '=>'"),
        ("(age > 3", 8, "expected ')'"), ("age > 3 country", 8, "expected AND"), ("country = 'DE", 10, "not closed"),
        ("age IN 3", 7, "expected '('"), ("age = NULL", 6, "IS NULL"), ("", 0, "expected a column"),
        ("a > 1 AND AND", 10, "'AND'"), ("age > 3;", 7, "';'"), ("age > 1x", 6, "'1x' is no number"),
        ("'age' > 1", 0, "the text 'age'"), ("a NOT 3", 6, "expected IN"),
    ])
    func saysWhereAConditionIsWrong(_ condition: String, place: Int, words: String) {
        let problem = #expect(throws: SegmentSyntaxProblem.self) { try SegmentCondition(condition) }
        #expect(problem?.place == place)
        #expect(problem?.reason.contains(words) == true, "\(problem?.reason ?? "")")
        #expect(problem?.pointed.hasSuffix("\n" + String(repeating: " ", count: place) + "^") == true)
    }

    @Test func deepBracketsAreRefused() {
        let condition = String(repeating: "(", count: 5000) + "a = 1" + String(repeating: ")", count: 5000)
        let problem = #expect(throws: SegmentSyntaxProblem.self) { try SegmentCondition(condition) }
        #expect(problem?.reason.contains("too deeply") == true)
    }

    @Test func namesItsColumnsOnce() throws {
        let condition = try SegmentCondition("b = 1 AND (a = 2 OR b IS NULL) AND c IN (1)")
        #expect(condition.columns == ["b", "a", "c"])
    }
}
