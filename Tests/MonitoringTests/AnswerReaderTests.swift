import Manifests
import Statistics
import Testing
import Wire

@testable import Monitoring

@Suite struct AnswerReaderTests {
    private static func rule(_ yaml: String) throws -> PerformanceRule {
        let text = "apiVersion: martlet/v1\nkind: Monitor\nmetadata: {name: a}\nspec: {performance: \(yaml)}\n"
        let manifest = try #require(try Manifest.parse(yaml: text).first)
        let fields = try ManifestFields(manifest.spec, keys: ["performance"])
        return try PerformanceRule(try fields.node("performance"))
    }

    private static func binary(_ rule: PerformanceRule, _ output: JSON, _ label: JSON) -> Outcome? {
        try? AnswerReader(task: .binary, rule: rule).outcome(output: output, label: label).get()
    }

    @Test func readsTheFormsInWhichTwoClassModelsAnswer() throws {
        let rule = try Self.rule("{threshold: 0.6}")
        func expected(_ decided: Bool, _ score: Double?) -> Outcome {
            .binary(isPositive: true, isPredictedPositive: decided, score: score)
        }
        #expect(Self.binary(rule, 0.5, 1) == expected(false, 0.5))
        #expect(Self.binary(rule, [0.3, 0.7], true) == expected(true, 0.7))
        #expect(Self.binary(rule, 1, "yes") == expected(true, nil))
        #expect(Self.binary(rule, ["prediction": 0, "probability": 0.9], 1.0) == expected(false, 0.9))
        #expect(Self.binary(rule, ["score": 0.61], 1) == expected(true, 0.61))
        #expect(Self.binary(rule, 3.5, 1) == expected(true, nil))
        #expect(Self.binary(rule, .null, 1) == nil)
        #expect(Self.binary(rule, "M", 1) == nil)
    }

    @Test func thePositiveLabelMayBeAnyWord() throws {
        let rule = try Self.rule("{positive: M}")
        #expect(
            Self.binary(rule, "B", "M") == .binary(isPositive: true, isPredictedPositive: false, score: nil))
        #expect(Self.binary(rule, ["M": 0.8], "B") == .binary(isPositive: false, isPredictedPositive: true, score: 0.8))
        let strict = AnswerReader(task: .binary, rule: try Self.rule("{positive: M, classes: [M, B]}"))
        #expect(strict.outcome(output: "B", label: "X") == .failure(AnswerReader.Trouble(kind: .unknownClass)))
    }

    @Test func readsSeveralClassesAndNumbers() throws {
        let reader = AnswerReader(task: .multiclass, rule: .standard, classes: ["a", "b"])
        let outcome = Outcome.classes(truth: "b", prediction: "a", probabilities: ["a": 0.7, "b": 0.3])
        #expect(reader.outcome(output: ["a": 0.7, "b": 0.3], label: "b") == .success(outcome))
        #expect(reader.outcome(output: [0.7, 0.3], label: "b") == .success(outcome))
        #expect(reader.outcome(output: "a", label: "c") == .failure(AnswerReader.Trouble(kind: .unknownClass)))
        let numbers = AnswerReader(task: .regression, rule: .standard)
        #expect(numbers.outcome(output: ["prediction": 3], label: 2.5) == .success(.number(truth: 2.5, prediction: 3)))
        #expect(numbers.outcome(output: 3, label: "2.5") == .failure(AnswerReader.Trouble(kind: .type)))
    }

    @Test func theKindOfModelFollowsFromItsRows() {
        #expect(ModelTask(outputs: [0.3, 0.9], labels: [0, 1]) == .binary)
        #expect(ModelTask(outputs: ["a", "b", "c"], labels: ["a", "b", "c"]) == .multiclass)
        #expect(ModelTask(outputs: [1, 2, 0], labels: [0, 2, 1]) == .multiclass)
        #expect(ModelTask(outputs: [10.5, 22.1], labels: [11.2, 20.7]) == .regression)
    }

    @Test func theRuleIsReadAndItsMistakesArePointedAt() throws {
        let rule = try Self.rule("{beta: 2, metrics: [recall], minimum: {recall: 0.9}, maximum: {log_loss: 0.4}}")
        #expect(rule.metrics.map(\.name) == ["f2", "recall"])
        #expect(rule.limits.map(\.isMinimum) == [true, false])
        #expect(try !Self.rule("off").isOn)
        for (yaml, words) in [
            ("{metrics: [recal]}", "recal"), ("{minimum: {f1: high}}", "expected a number"),
            ("{positive: [1]}", "expected a label"), ("{threshold: 2}", "0.0 to 1.0"),
        ] {
            let problem = #expect(throws: ManifestError.self) { try Self.rule(yaml) }
            #expect(problem?.message.contains(words) == true, "\(problem?.message ?? "")")
        }
    }

    @Test func aBasisComesBackFromItsJSON() throws {
        var numbers = SeededNumbersOfBasis()
        let rows = (0..<400).map { _ -> PerformanceBasis.Row in
            let size = numbers.next()
            return PerformanceBasis.Row(
                inputs: ["size": .double(size)], output: .double(10 * size),
                label: .double(10 * size + size * (numbers.next() - 0.5)))
        }
        let basis = try #require(
            PerformanceBasis(rows, origin: .dataset("rows"), task: .regression, rule: .standard))
        #expect(basis.forecast != nil)
        #expect(try PerformanceBasis(json: JSON.parse(basis.json.text)) == basis)
        #expect(PerformanceBasis(Array(rows.prefix(50)), origin: .dataset("rows"), task: nil, rule: .standard) == nil)
    }
}

/// A few repeatable numbers from 0 to 1.
private struct SeededNumbersOfBasis {
    private var state = 1.0

    mutating func next() -> Double {
        state = (state * 16_807).truncatingRemainder(dividingBy: 2_147_483_647)
        return state / 2_147_483_647
    }
}
