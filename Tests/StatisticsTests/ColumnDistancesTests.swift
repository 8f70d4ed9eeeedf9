import Statistics
import TestSupport
import Testing

@Suite struct ColumnDistancesTests {
    private func distances(_ a: [Double], _ b: [Double]) -> ColumnDistances? {
        let anchors = ColumnAnchors.numeric(NumericAnchors(reference: a))
        return ColumnDistances(
            reference: ColumnProfile(a.columnValues, anchors: anchors),
            window: ColumnProfile(b.columnValues, anchors: anchors))
    }

    @Test func wassersteinOfProfilesIsThatOfTheNumbersHoweverHeavyTheirTails() throws {
        var numbers = SeededNumbers(seed: 14)
        let tails = numbers.normals(4_000).map { $0 * $0 * $0 * $0 * $0 }
        let cases = [
            (numbers.normals(3_000), numbers.normals(2_000, mean: 0.5)),
            (numbers.normals(3_000, mean: 1e6), numbers.normals(2_000, mean: 1e6, deviation: 1.5)),
            (Array(tails[..<2_000]), tails[2_000...].map { $0 * 1.3 }), ([1, 2, 3], [100, 200, 1e9]),
        ]
        for (a, b) in cases {
            let exact = SampleDistance.wasserstein(a, b)
            let got = try #require(distances(a, b)?.wasserstein)
            #expect(abs(got - exact) <= 0.04 * exact, "\(got), not \(exact)")
        }
    }

    @Test func equalSamplesLieAtNoDistance() throws {
        var numbers = SeededNumbers(seed: 2)
        let values = numbers.normals(500)
        let same = try #require(distances(values, values.shuffled(using: &numbers)))
        let all = [
            same.populationStabilityIndex, same.jensenShannon, same.hellinger, same.totalVariation,
            same.kolmogorovSmirnov ?? 1, same.wasserstein ?? 1, same.normedWasserstein ?? 1,
        ]
        #expect(all.allSatisfy { $0 == 0 })
    }

    @Test func infinitiesAndGapsLeaveDistancesFinite() throws {
        let odd = try #require(distances([.nan, 1, 2, .infinity], [-.infinity, .nan, 3]))
        #expect(odd.wasserstein == 1.5)
        #expect(odd.hellinger.isFinite)
        #expect(distances([1], []) == nil)
        #expect(try #require(distances([1, 2], [.nan])).wasserstein == nil)
    }

    @Test func namesHaveDistancesOfShares() throws {
        let anchors = ColumnAnchors.categorical(names: ["a", "b"])
        let reference = ColumnProfile(["a", "a", "b", "b"].map { .text($0) }, anchors: anchors)
        let window = ColumnProfile(["a", "b", "c", "c"].map { .text($0) }, anchors: anchors)
        let got = try #require(ColumnDistances(reference: reference, window: window))
        #expect(got.totalVariation == 0.5)
        #expect(got.largestDifference == 0.5)
        #expect(got.kolmogorovSmirnov == nil)
    }
}
