import Statistics
import Testing

@Suite struct ShareDistanceTests {
    let p = [0.5, 0.3, 0.2]
    let q = [0.4, 0.4, 0.2]

    private func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-10 }

    @Test func agreesWithNumbersWorkedOutByHand() {
        #expect(isClose(ShareDistance.populationStabilityIndex(p, q, floor: 1e-4), 0.0510825624))
        #expect(isClose(ShareDistance.kullbackLeibler(p, q), 0.0252671539))
        #expect(isClose(ShareDistance.kullbackLeibler(q, p), 0.0258154084))
        #expect(isClose(ShareDistance.jensenShannon(p, q, base: 2), 0.0958432338))
        #expect(isClose(ShareDistance.hellinger(p, q), 0.0798513806))
        #expect(isClose(ShareDistance.totalVariation(p, q), 0.1))
        #expect(isClose(ShareDistance.largestDifference(p, q), 0.1))
    }

    @Test func stabilityIndexIsTheSumOfBothDivergences() {
        let both = ShareDistance.kullbackLeibler(p, q) + ShareDistance.kullbackLeibler(q, p)
        #expect(isClose(ShareDistance.populationStabilityIndex(p, q, floor: 0), both))
    }

    @Test func disjointSharesAreAsFarApartAsCanBe() {
        #expect(ShareDistance.jensenShannon([1, 0], [0, 1], base: 2) == 1)
        #expect(ShareDistance.hellinger([1, 0], [0, 1]) == 1)
        #expect(ShareDistance.totalVariation([1, 0], [0, 1]) == 1)
        #expect(ShareDistance.kullbackLeibler([1, 0], [0, 1]) == .infinity)
    }

    @Test func theFloorKeepsAnEmptyCellFinite() {
        let index = ShareDistance.populationStabilityIndex([1, 0], [0.5, 0.5], floor: 1e-4)
        #expect(index.isFinite)
        #expect(index > ShareDistance.populationStabilityIndex([1, 0], [0.5, 0.5], floor: 1e-2))
    }
}
