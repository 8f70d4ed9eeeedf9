import Testing
import Wire

@testable import Traces

/// Against what MLflow 3.17 computes of the same counts.
@Suite struct FilterCorrelationTests {
    @Test(
        arguments: [
            (10, 20, 15, 100, 0.5228787452803378, 0.5098689991831412), (0, 3, 4, 10, -1, -0.3788396511188485),
            (5, 5, 5, 5, 1, 1), (3, 3, 3, 10, 1, 0.7832535366582641),
            (2, 4, 5, 9, -0.07004992953397722, -0.0587278012359169),
        ] as [(Int, Int, Int, Int, Double, Double)])
    func isThatOfTheCounts(both: Int, first: Int, second: Int, total: Int, npmi: Double, smoothed: Double) throws {
        let correlation = FilterCorrelation(first: first, second: second, both: both, total: total)
        #expect(abs(try #require(correlation.npmi) - npmi) < 1e-12)
        #expect(abs(try #require(correlation.smoothedNPMI) - smoothed) < 1e-12)
    }

    @Test(arguments: [(0, 0, 3, 5), (0, 0, 0, 0), (5, 3, 3, 10), (0, 3, 3, 4)])
    func isUndefinedForWhatNeverHoldsAndForCountsThatCannotBe(both: Int, first: Int, second: Int, total: Int) {
        let correlation = FilterCorrelation(first: first, second: second, both: both, total: total)
        #expect(correlation.npmi == nil && correlation.smoothedNPMI == nil)
        #expect(correlation.json["npmi"] == nil)
        #expect(correlation.json["filter1_count"] == .integer(Int64(first)))
    }
}
