import Testing
import Wire

@testable import Predictions

@Suite struct PrintedOutputTests {
    @Test func keepsTheNewestOutputsAsFarAsTheyFit() {
        let outputs = PrintedOutputs(maximumBytes: 10_000)
        for index in 0..<100 {
            outputs.keep(Self.output(index, lines: [String(repeating: "x", count: 1000)]))
        }
        let kept = outputs.outputs(of: "churn", limit: 100)
        #expect(kept.map(\.request) == ["99", "98", "97", "96", "95", "94"])
        #expect(outputs.lines(of: Self.id(99)).count == 1)
        #expect(outputs.lines(of: Self.id(93)) == [])
        // More than there is room for is not kept at all.
        outputs.keep(Self.output(100, lines: [String(repeating: "x", count: 20_000)]))
        #expect(outputs.outputs(of: "churn", limit: 100) == [])
    }

    @Test func findsTheOutputOfARowAndOfARequestOfOneEndpoint() {
        let outputs = PrintedOutputs()
        outputs.keep(Self.output(1, lines: ["one"]))
        outputs.keep(Self.output(2, lines: ["two"]))
        #expect(outputs.lines(of: PredictionID(request: Self.id(1).request, row: 3)) == ["one"])
        #expect(outputs.outputs(of: "churn", request: "2", limit: 5).map(\.lines) == [["two"]])
        #expect(outputs.outputs(of: "other", request: "2", limit: 5) == [])
    }

    private static func output(_ index: Int, lines: [String]) -> PrintedOutput {
        PrintedOutput(
            endpoint: "churn", variant: "main", model: "churn", version: 1, request: "\(index)",
            prediction: id(index), time: Timestamp(milliseconds: 0), lines: lines)
    }

    private static func id(_ index: Int) -> PredictionID {
        PredictionID(request: RequestNumber(high: 0, low: UInt64(index)).text)
    }
}
