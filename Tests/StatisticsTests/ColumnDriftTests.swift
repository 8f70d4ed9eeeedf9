import Statistics
import TestSupport
import Testing

/// What the rule promises at the sizes that matter: a window of 50 rows against a reference of 400.
@Suite struct ColumnDriftTests {
    static func drift(_ reference: [ColumnValue], _ window: [ColumnValue]) -> ColumnDrift {
        let anchors = ColumnAnchors(reference: reference)
        return ColumnDrift(
            reference: ColumnProfile(reference, anchors: anchors), window: ColumnProfile(window, anchors: anchors))
    }

    static func drifts(
        _ trials: Int, seed: UInt64, _ make: (inout SeededNumbers) -> ([ColumnValue], [ColumnValue])
    ) -> [ColumnDrift] {
        var numbers = SeededNumbers(seed: seed)
        return (0..<trials).map { _ in
            let (reference, window) = make(&numbers)
            return drift(reference, window)
        }
    }

    private func share(_ drifts: [ColumnDrift], where test: (ColumnDrift) -> Bool) -> Double {
        Double(drifts.filter(test).count) / Double(drifts.count)
    }

    /// Three standard errors of a share of `alpha` over the trials.
    private func slack(_ alpha: Double, _ trials: Int) -> Double {
        3 * (alpha * (1 - alpha) / Double(trials)).squareRoot()
    }

    static let lawsWithoutDrift: [String] = [
        "normal", "lognormal", "with zeros", "counts", "names", "rare names", "gaps",
    ]

    static func sample(_ law: String, _ count: Int, _ numbers: inout SeededNumbers) -> [ColumnValue] {
        (0..<count).map { _ in
            let z = numbers.normal()
            switch law {
            case "normal": return .number(z)
            case "lognormal": return .number(Double(Int(1_000 * (z * 0.8).magnitude)))
            case "with zeros": return .number(z < -0.4 ? 0 : z)
            case "counts": return .number(max(0, (z * 1.5 + 2).rounded()))
            case "names": return .text(["red", "green", "blue", "black"][min(3, Int(z.magnitude * 2))])
            case "rare names": return .text("name \(Int(z.magnitude * z.magnitude * 12))")
            default: return z > 1.3 ? .missing : .number(z)
            }
        }
    }

    @Test(arguments: lawsWithoutDrift) func alarmsNoMoreOftenThanItSaysWithoutDrift(law: String) {
        let trials = 1_500
        let drifts = Self.drifts(trials, seed: 42) { numbers in
            (Self.sample(law, 400, &numbers), Self.sample(law, 50, &numbers))
        }
        for alpha in [0.05, 0.01] {
            let rate = share(drifts) { $0.pValue <= alpha }
            #expect(rate <= alpha + slack(alpha, trials), "\(law) at \(alpha): \(rate)")
        }
        #expect(share(drifts) { $0.effect >= 0.25 } <= 0.02, "\(law)")
    }

    @Test func theNominalRateIsReachedAndNotFarBelow() {
        let drifts = Self.drifts(1_500, seed: 1) { numbers in
            (numbers.normals(400).columnValues, numbers.normals(50).columnValues)
        }
        #expect(share(drifts) { $0.pValue <= 0.05 } >= 0.03)
    }

    @Test func seesAMeasurementScaledByThirteenTenths() {
        // Mean 14, deviation 3.5: the first measurement of the breast-cancer data.
        let drifts = Self.drifts(300, seed: 2) { numbers in
            let reference = numbers.normals(400, mean: 14, deviation: 3.5)
            return (reference.columnValues, numbers.normals(50, mean: 14, deviation: 3.5).map { $0 * 1.3 }.columnValues)
        }
        #expect(share(drifts) { $0.pValue <= 1e-3 && $0.effect >= 0.25 } >= 0.98)
    }

    @Test func seesAChangeOfSpreadAlone() {
        let drifts = Self.drifts(300, seed: 3) { numbers in
            (numbers.normals(400).columnValues, numbers.normals(400, deviation: 1.6).columnValues)
        }
        #expect(share(drifts) { $0.pValue <= 0.01 } >= 0.8)
    }

    @Test func seesNamesThatTheReferenceNeverHad() {
        let reference = (0..<400).map { ColumnValue.text(["a", "b", "c"][$0 % 3]) }
        let window = (0..<50).map { ColumnValue.text($0 < 10 ? "new" : ["a", "b", "c"][$0 % 3]) }
        let drift = Self.drift(reference, window)
        #expect(drift.test == .chiSquare)
        #expect(drift.pValue < 1e-6)
        #expect(drift.effect > 0.2)
    }

    @Test func aColumnThatWentMissingDriftsAsFarAsCanBe() {
        var numbers = SeededNumbers(seed: 4)
        let drift = Self.drift(numbers.normals(400).columnValues, Array(repeating: .missing, count: 50))
        #expect(drift.windowMissingShare == 1)
        #expect(drift.pValue < 1e-12)
        #expect(drift.effect > 0.9)
    }

    @Test func textInANumericColumnCountsAsMissing() {
        var numbers = SeededNumbers(seed: 4)
        let window = numbers.normals(25).columnValues + Array(repeating: ColumnValue.text("12,5"), count: 25)
        let drift = Self.drift(numbers.normals(400).columnValues, window)
        #expect(drift.windowMissingShare == 0.5)
        #expect(drift.pValue < 1e-12)
    }

    @Test func theEffectOfNoChangeStaysNearZeroAtAnySize() {
        var numbers = SeededNumbers(seed: 6)
        for count in [20, 50, 500, 5_000] {
            let effects = (0..<40).map { _ in
                Self.drift(numbers.normals(1_000).columnValues, numbers.normals(count).columnValues).effect
            }
            #expect(effects.median < 0.12, "\(count) rows")
        }
    }

    @Test func theSameShiftHasTheSameEffectWhateverTheWindow() {
        var numbers = SeededNumbers(seed: 8)
        let effects = [50, 500, 5_000].map { count in
            (0..<40).map { _ in
                let window = numbers.normals(count, mean: 1)
                return Self.drift(numbers.normals(2_000).columnValues, window.columnValues).effect
            }.median
        }
        // The Jensen-Shannon distance, base 2, of N(0, 1) and N(1, 1) is 0.404.
        for effect in effects { #expect(abs(effect - 0.39) < 0.06) }
    }

    @Test func aSideWithoutRowsSaysNothing() {
        let drift = Self.drift([.number(1), .number(2)], [])
        #expect(drift.pValue == 1)
        #expect(drift.effect == 0)
    }
}
