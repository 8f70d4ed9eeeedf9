import Statistics
import Testing

@Suite struct SampleDistanceTests {
    let a = [1.0, 2, 3, 4, 5]
    let b = [2.0, 4, 6, 8, 10, 12]

    @Test func agreesWithNumbersWorkedOutByHand() {
        #expect(abs(SampleDistance.wasserstein(a, b) - 4) < 1e-12)
        #expect(abs(SampleDistance.energy(a, b) - 1.8559214543) < 5e-11)
    }

    @Test func movingASampleMovesItByThatMuch() {
        #expect(abs(SampleDistance.wasserstein(a, a.map { $0 + 3 }) - 3) < 1e-12)
        #expect(SampleDistance.wasserstein(a, a) == 0)
    }

    @Test func nothingCannotBeCompared() {
        #expect(SampleDistance.wasserstein([], a).isNaN)
        #expect(SampleDistance.energy(a, []).isNaN)
    }
}
