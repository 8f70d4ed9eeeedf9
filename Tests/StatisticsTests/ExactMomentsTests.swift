import TestSupport
import Testing

@testable import Statistics

@Suite struct ExactMomentsTests {
    private func profile(_ values: [Double], reference: [Double]) -> NumericProfile {
        var profile = NumericProfile(anchors: NumericAnchors(reference: reference))
        for value in values { profile.add(value) }
        return profile
    }

    private func expectNear(_ got: Double, _ want: Double, _ tolerance: Double, _ what: String) {
        #expect(abs(got - want) <= tolerance * abs(want), "\(what): \(got), not \(want)")
    }

    @Test(arguments: ["normal", "lognormal", "times", "far"]) func momentsAreThoseOfTheNumbers(law: String) {
        var numbers = SeededNumbers(seed: 12)
        let values = numbers.normals(2_000).map { z -> Double in
            switch law {
            case "lognormal": z * z * z * z
            case "times": 1.7e9 + 1e3 * z
            case "far": z * 1e5
            default: z
            }
        }
        let reference = law == "far" ? numbers.normals(500) : values
        let (got, want) = (profile(values, reference: reference).moments, Moments(values))
        #expect(got.count == want.count)
        expectNear(got.mean, want.mean, 1e-9, "mean")
        expectNear(got.m2, want.m2, 1e-9, "m2")
        expectNear(got.skewness, want.skewness, 1e-5, "skewness")
        expectNear(got.excessKurtosis, want.excessKurtosis, 1e-5, "kurtosis")
    }

    @Test func smallIntegersComeOutExactly() {
        let moments = profile([1, 2, 4, 9], reference: (0..<100).map { Double($0) }).moments
        #expect((moments.count, moments.mean, moments.m2) == (4, 4, 38))
        #expect((moments.m3, moments.m4) == (90, 722))
    }

    @Test func aConstantColumnHasNoSpread() {
        let varied = (0..<500).map { Double($0) / 7 }
        for reference in [[0.1], varied, []] {
            let constant = profile(Array(repeating: 0.1, count: 1_000), reference: reference)
            #expect(constant.sampleVariance == 0)
            #expect(abs(constant.mean - 0.1) < 1e-14)
        }
    }

    @Test func oneNumberAndNoneHaveNoVariance() {
        #expect(profile([], reference: [1, 2]).mean.isNaN)
        #expect(profile([5], reference: [1, 2]).mean == 5)
        #expect(profile([5], reference: [1, 2]).sampleVariance.isNaN)
    }

    @Test func numbersOfAnySizeAreAddedUp() {
        let huge = Double.greatestFiniteMagnitude
        let mixed = profile([huge, -huge, 3, .leastNonzeroMagnitude], reference: [])
        #expect(mixed.mean == 0.75)
        #expect(mixed.sampleVariance == .infinity)
        let tiny = profile([.leastNonzeroMagnitude, .leastNonzeroMagnitude], reference: [.leastNonzeroMagnitude])
        #expect((tiny.minimum, tiny.maximum) == (.leastNonzeroMagnitude, .leastNonzeroMagnitude))
        expectNear(profile([huge, huge], reference: [-huge]).mean, huge, 1e-15, "mean")
    }

    @Test func sumsOfCellsAddUpToTheWhole() {
        var numbers = SeededNumbers(seed: 1)
        let values = numbers.normals(3_000).map { 100 + $0 * $0 * $0 }
        let cells = profile(values, reference: values)
        expectNear(cells.sums.reduce(0, +), values.reduce(0, +), 1e-12, "sum")
        let first = values.filter { cells.anchors.cell(of: $0) == 17 }
        expectNear(cells.sums[17], first.reduce(0, +), 1e-12, "sum of a cell")
    }

    @Test func theIndexFindsTheCellOfEveryNumber() {
        var numbers = SeededNumbers(seed: 21)
        for law in ProfileMergeTests.references {
            let reference = ProfileMergeTests.reference(law, &numbers)
            let anchors = NumericAnchors(reference: reference)
            let near = anchors.cuts.flatMap { [$0.nextDown, $0, $0.nextUp, -$0] }
            for value in near + reference + [0, -0.0] where value.isFinite {
                guard let deviation = anchors.grid.deviation(of: value) else { continue }
                #expect(
                    anchors.index.cell(of: value, deviation: deviation) == anchors.cell(of: value), "\(law) \(value)")
            }
            #expect(law == "huge" || anchors.index.steps <= 4, "\(law)")
        }
    }

    @Test func wideIntegersAreExact() {
        let a = WideInteger(Int128.max)
        let product = a * WideInteger(-3)
        #expect(product + a + a == -a)
        #expect((a - a).isZero)
        let (far, half) = (a << 200, a << 199)
        #expect(far - half == half)
        let carried = WideInteger(low: .max, high: 0) + WideInteger(1)
        #expect(carried == WideInteger(low: 0, high: 1))
    }

    @Test func quotientsAreRoundedOnce() {
        let third = WideInteger(10).quotient(by: 3)
        #expect(third == 10.0 / 3)
        let scaled = WideInteger(-10).quotient(by: 4, 5, exponent: 3)
        #expect(scaled == -4)
        // Half way between two doubles, and the least bit more.
        let between = WideInteger(0x20_0000_0000_0001)
        let more = (between << 70) + WideInteger(1)
        #expect(between.quotient(by: 1) == 0x1p53)
        #expect(more.quotient(by: 1, exponent: -70) == 0x1p53 + 2)
        #expect(WideInteger(1).quotient(by: 1, exponent: 2_000) == .infinity)
        #expect(WideInteger(0).quotient(by: 7) == 0)
    }
}
