import Experiments
import Statistics
import TestSupport
import Testing

@Suite struct ExperimentResultTests {
    static let spec = ExperimentSpec(metric: .init(name: "conversion", kind: .binary), decision: .init(then: .promote))
    static let arms = ["champion", "challenger"]

    private static func result(
        _ sums: [[ArmSums]], shares: [[Double]] = [[0.5, 0.5]], spec: ExperimentSpec = spec,
        guardrails: [GuardrailState] = []
    ) -> ExperimentResult {
        ExperimentResult(
            arms: arms, spec: spec,
            periods: zip(shares, sums).map { ExperimentResult.Period(shares: $0, sums: $1) }, guardrails: guardrails)
    }

    private static func sums(units: Int, converted: Int, crossed: Int = 0) -> ArmSums {
        ArmSums(
            units: units, crossed: crossed, rewards: converted, y: Double(converted), yy: Double(converted), known: 0,
            x: 0, xx: 0, xy: 0, knownY: 0)
    }

    /// 300 experiments without an effect, looked at 20 times each as they grow to 1000 units per arm.
    @Test func manyLooksPromoteAndStopNothingThatIsAlike() {
        let fifty = [BinomialLaw(count: 50, rate: 0.1)]
        var decided = 0
        for seed in 0..<300 {
            var numbers = SeededNumbers(seed: UInt64(seed))
            var sums = [ArmSums(), ArmSums()]
            for _ in 0..<20 {
                for arm in 0..<2 {
                    let converted = fifty[0].draw(using: &numbers)
                    sums[arm] = sums[arm] + Self.sums(units: 50, converted: converted)
                }
                if Self.result([sums]).verdict.action != .keepRunning {
                    decided += 1
                    break
                }
            }
        }
        #expect(decided <= 15)
    }

    /// The interval holds the true effect at all looks together in 95 of a hundred experiments or more.
    @Test func theIntervalHoldsTheTruthAtAllLooks() {
        let fifty = [BinomialLaw(count: 50, rate: 0.1), BinomialLaw(count: 50, rate: 0.15)]
        var missed = 0
        for seed in 0..<200 {
            var numbers = SeededNumbers(seed: UInt64(seed))
            var sums = [ArmSums(), ArmSums()]
            var hasMissed = false
            for look in 0..<20 {
                for arm in 0..<2 {
                    let converted = fifty[arm].draw(using: &numbers)
                    sums[arm] = sums[arm] + Self.sums(units: 50, converted: converted)
                }
                guard look >= 1, let interval = Self.result([sums]).comparisons.first?.absolute.alwaysValid else {
                    continue
                }
                hasMissed = hasMissed || interval.low > 0.05 || interval.high < 0.05
            }
            missed += hasMissed ? 1 : 0
        }
        #expect(missed <= 10)
    }

    @Test func aBetterCandidateIsPromotedInWordsWithNumbers() throws {
        let result = Self.result([[Self.sums(units: 4000, converted: 400), Self.sums(units: 4000, converted: 560)]])
        #expect(result.verdict.action == .promote("challenger"))
        #expect(
            result.verdict.reason.hasPrefix(
                "Promote 'challenger'. conversion: champion 0.1 in 4000 units, challenger 0.14 in 4000 units; "
                    + "difference 0.04, always-valid interval 0."))
        let comparison = try #require(result.comparisons.first)
        #expect(abs(try #require(comparison.relative).effect - 0.4) < 1e-12)
        #expect(comparison.absolute.fixed.low > comparison.absolute.alwaysValid.low)
        #expect(comparison.adjusted == nil)
    }

    @Test func whereLessIsBetterMoreStops() {
        let spec = ExperimentSpec(metric: .init(name: "calls", kind: .binary, direction: .down))
        let result = Self.result(
            [[Self.sums(units: 4000, converted: 400), Self.sums(units: 4000, converted: 560)]], spec: spec)
        #expect(result.verdict.action == .stop)
    }

    @Test func aFixedDecisionWaitsForItsUnits() {
        let spec = ExperimentSpec(
            metric: .init(name: "conversion", kind: .binary), decision: .init(method: .fixed, units: 5000))
        let early = [[Self.sums(units: 4000, converted: 400), Self.sums(units: 4000, converted: 560)]]
        #expect(Self.result(early, spec: spec).verdict.action == .keepRunning)
        let full = [[Self.sums(units: 5000, converted: 500), Self.sums(units: 5000, converted: 570)]]
        #expect(Self.result(full, spec: spec).verdict.action == .promote("challenger"))
        let alike = [[Self.sums(units: 5000, converted: 500), Self.sums(units: 5000, converted: 510)]]
        #expect(Self.result(alike, spec: spec).verdict.action == .stop)
    }

    @Test func anImbalanceOfUnitsHoldsEveryDecision() {
        let result = Self.result([[Self.sums(units: 4000, converted: 400), Self.sums(units: 3500, converted: 560)]])
        #expect(result.sampleRatioPValue < 0.001)
        #expect(result.verdict.action == .keepRunning)
        #expect(result.verdict.reason.contains("sample ratio"))
    }

    @Test func manyUnitsInBothArmsRaiseAnAlarm() {
        let few = Self.result([[Self.sums(units: 100, converted: 9, crossed: 9), Self.sums(units: 100, converted: 9)]])
        #expect(!few.hasManyCrossed)
        let many = Self.result([
            [Self.sums(units: 100, converted: 9, crossed: 9), Self.sums(units: 100, converted: 9, crossed: 1)]
        ])
        #expect(many.hasManyCrossed)
    }

    /// Everybody converts more often in the second period, in which the challenger has a larger share.
    @Test func sharesThatChangedMakeNoEffect() {
        let result = Self.result(
            [
                [Self.sums(units: 9000, converted: 450), Self.sums(units: 1000, converted: 50)],
                [Self.sums(units: 5000, converted: 1000), Self.sums(units: 5000, converted: 1000)],
            ], shares: [[0.9, 0.1], [0.5, 0.5]])
        #expect(result.sampleRatioPValue == 1)
        #expect(abs(result.comparisons.first?.absolute.effect ?? 1) < 1e-12)
        #expect(result.verdict.action == .keepRunning)
    }

    @Test func covariatesNarrowTheInterval() throws {
        var numbers = SeededNumbers(seed: 4)
        var sums = [ArmSums(), ArmSums()]
        for unit in 0..<4000 {
            let before = numbers.normal()
            let y = 0.8 * before + 0.6 * numbers.normal() + (unit % 2 == 1 ? 0.1 : 0)
            // One unit of ten was not there before.
            let isKnown = unit % 10 > 1
            sums[unit % 2] =
                sums[unit % 2]
                + ArmSums(
                    units: 1, crossed: 0, rewards: 1, y: y, yy: y * y, known: isKnown ? 1 : 0, x: isKnown ? before : 0,
                    xx: isKnown ? before * before : 0, xy: isKnown ? before * y : 0, knownY: isKnown ? y : 0)
        }
        let spec = ExperimentSpec(metric: .init(name: "value", kind: .continuous))
        let comparison = try #require(Self.result([sums], spec: spec).comparisons.first)
        let adjusted = try #require(comparison.adjusted)
        let narrowed =
            (adjusted.fixed.high - adjusted.fixed.low)
            / (comparison.absolute.fixed.high - comparison.absolute.fixed.low)
        // √(1 − 0.8 · 0.64) with four of five known.
        #expect(abs(narrowed - 0.6985) < 0.03)
        #expect(adjusted.fixed.low < 0.1 && adjusted.fixed.high > 0.1)
    }

    @Test func nothingIsConcludedFromNobody() {
        let result = Self.result([[ArmSums(), ArmSums()]])
        #expect(result.verdict.action == .keepRunning)
        #expect(result.comparisons.isEmpty)
        #expect(Self.result([], shares: []).verdict.action == .keepRunning)
    }
}
