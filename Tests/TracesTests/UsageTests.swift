import Testing
import Wire

@testable import Traces

@Suite struct UsageTests {
    @Test func sumsWhatSpansUsedAndNotAgainWhatTheirCallersSumUp() {
        let nodes = [
            node("root"), node("agent", in: "root", 100), node("call", in: "agent", 60), node("other", in: "root", 7),
            node("stray", in: "elsewhere", 1),
        ]
        #expect(
            Usage.tokens.sums(of: nodes) == ["input_tokens": 108, "output_tokens": 0, "total_tokens": 0])
        #expect(Usage.tokens.sums(of: nodes.reversed()) == Usage.tokens.sums(of: nodes))
        #expect(Usage.tokens.sums(of: [node("root")]) == nil)
    }

    @Test func endsWithCirclesAndDeepTraces() {
        #expect(Usage.tokens.sums(of: [node("a", in: "b", 1), node("b", in: "a", 1)]) == nil)
        let deep = (1...20_000).map { node("\($0)", in: "\($0 - 1)", $0 == 20_000 ? 5 : nil) }
        #expect(Usage.tokens.sums(of: deep)?["input_tokens"] == 5)
    }

    @Test func writesSumsAsPythonDoes() {
        let tokens = ["total_tokens": 3.0, "input_tokens": 1, "output_tokens": 2, "cache_read_input_tokens": 9]
        #expect(
            Usage.tokens.text(of: tokens)
                == #"{"input_tokens": 1, "output_tokens": 2, "total_tokens": 3, "cache_read_input_tokens": 9}"#)
        #expect(
            Usage.cost.text(of: ["input_cost": 0.5, "output_cost": 1, "total_cost": 1.5])
                == #"{"input_cost": 0.5, "output_cost": 1.0, "total_cost": 1.5}"#)
    }

    @Test func readsNumbersOnly() {
        let json: JSON = ["input_tokens": 3, "output_tokens": 1.5, "total_tokens": "7", "colour": 3]
        #expect(Usage.tokens.numbers(in: json) == ["input_tokens": 3])
        #expect(Usage.tokens.numbers(in: [1, 2]) == [:])
    }

    private func node(_ id: String, in parent: String? = nil, _ input: Double? = nil) -> Usage.Node {
        Usage.Node(id: id, parentID: parent, numbers: input.map { ["input_tokens": $0] })
    }
}
