import Manifests
import Statistics
import Testing

@testable import Monitoring

@Suite struct SegmentMatcherTests {
    private func segments(_ yaml: String) throws -> [Segment] {
        let text = """
            apiVersion: martlet/v1
            kind: Monitor
            metadata: { name: churn }
            spec:
              segments:
            \(yaml.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
            """
        let manifest = try #require(try Manifest.parse(yaml: text).first)
        return try Segment.all(try ManifestFields(manifest.spec, keys: ["segments"]).list("segments"))
    }

    @Test func eachValueOfAColumnIsASegmentUpToTheLimit() throws {
        var matcher = SegmentMatcher(try segments("- { column: country, limit: 2 }"))
        let values: [ColumnValue] = [
            .text("DE"), .text("FR"), .text("US"), .text("DE"), .missing, .number(.nan), .number(7),
        ]
        let found = values.map { value in matcher.segments { _ in value } }
        let names = ["country = DE", "country = FR", "country = (other)", "country = DE"]
        #expect(found == names.map { [$0] } + [[], [], ["country = (other)"]])
    }

    @Test func knownSegmentsKeepTheirPlace() throws {
        let segments = try segments("- { column: size, limit: 2 }")
        var matcher = SegmentMatcher(segments, known: ["size = 7", "size = (other)", "country = DE"])
        #expect(matcher.segments { _ in .number(8) } == ["size = 8"])
        #expect(matcher.segments { _ in .number(9) } == ["size = (other)"])
        #expect(matcher.segments { _ in .number(7) } == ["size = 7"])
    }

    @Test func aRowIsInEverySegmentWhoseConditionHolds() throws {
        var matcher = SegmentMatcher(
            try segments(
                """
                - { name: elderly, where: "age >= 65" }
                - { name: german, where: "country = 'DE'" }
                """))
        let row: [String: ColumnValue] = ["age": .number(65), "country": .text("DE")]
        #expect(matcher.segments { row[$0] ?? .missing } == ["elderly", "german"])
        #expect(matcher.columns == ["age", "country"])
    }

    @Test func aWrongConditionIsPointedAt() throws {
        let problem = #expect(throws: ManifestError.self) {
            try segments(#"- { name: elderly, where: "age >= sixty" }"#)
        }
        #expect(problem?.message.contains("character 8 of the condition") == true, "\(problem?.message ?? "")")
        #expect(problem?.hint?.contains("age >= sixty\n       ^") == true)
    }

    @Test(arguments: [
        "- { name: elderly }", "- { column: a, where: \"a = 1\" }", "- { column: a, limit: 0 }",
        "- { column: a }\n- { column: a, limit: 3 }",
    ])
    func incompleteAndDoubleSegmentsAreRefused(_ yaml: String) {
        #expect(throws: ManifestError.self) { try segments(yaml) }
    }
}
