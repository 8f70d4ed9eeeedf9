import Statistics
import TestSupport
import Testing

@Suite struct MomentsTests {
    @Test func mergingPartsGivesWhatOnePassGives() {
        var numbers = SeededNumbers(seed: 7)
        for _ in 0..<50 {
            let values = numbers.normals(200, mean: 1_000, deviation: 3)
            let cut = Int.random(in: 0...200, using: &numbers)
            var merged = Moments(values[..<cut])
            merged.merge(Moments(values[cut...]))
            let whole = Moments(values)
            #expect(merged.count == whole.count)
            #expect(abs(merged.mean - whole.mean) < 1e-9)
            #expect(abs(merged.m2 - whole.m2) < 1e-9 * whole.m2)
            #expect(abs(merged.skewness - whole.skewness) < 1e-9)
            #expect(abs(merged.excessKurtosis - whole.excessKurtosis) < 1e-9)
        }
    }

    @Test func largeOffsetsDoNotSwallowTheVariance() {
        let moments = Moments([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])
        #expect(moments.sampleVariance == 30)
    }
}
