import Testing
import Wire

@testable import Experiments

struct ExperimentOutlookTests {
    private static let start = Timestamp(milliseconds: 1_800_000_000_000)
    private static let hour: Int64 = 3_600_000

    private static func outlook(
        _ converted: (Int, Int), units: Int, _ decision: ExperimentSpec.Decision = .init(then: .report)
    ) -> ExperimentOutlook {
        let sums = [converted.0, converted.1].map { converted in
            ArmSums(
                units: units, crossed: 0, rewards: converted, y: Double(converted), yy: Double(converted), known: 0,
                x: 0,
                xx: 0, xy: 0, knownY: 0)
        }
        let spec = ExperimentSpec(metric: .init(name: "cured", kind: .binary), decision: decision)
        let result = ExperimentResult(
            arms: ["a", "b"], spec: spec, periods: [ExperimentResult.Period(shares: [0.5, 0.5], sums: sums)])
        return ExperimentOutlook(result, spec, since: start, now: start + .seconds(3_600))
    }

    @Test func aFixedPlanEndsWithItsUnits() {
        let decision = ExperimentSpec.Decision(method: .fixed, then: .report, units: 400)
        #expect(Self.outlook((10, 12), units: 100, decision).outlook == .planned(3 * Self.hour, units: 400))
        let endless = ExperimentSpec.Decision(method: .fixed, then: .report, units: .max)
        #expect(Self.outlook((0, 1), units: 1, endless).outlook == .planned(.max, units: .max))
    }

    /// Four times as many units are needed where the half-width is twice the effect.
    @Test func theIntervalHasToShrinkToTheEffect() throws {
        let near = Self.outlook((200, 230), units: 1000)
        guard case .likely(let left) = near.outlook else {
            Issue.record("\(near)")
            return
        }
        #expect(left > Self.hour && left < 100 * Self.hour)
        let nearer = Self.outlook((200, 250), units: 1000)
        guard case .likely(let less) = nearer.outlook else {
            Issue.record("\(nearer)")
            return
        }
        #expect(less < left)
        #expect(Self.outlook((200, 201), units: 1000).outlook == .far)
    }

    @Test func withoutUnitsNothingIsSaid() {
        #expect(Self.outlook((0, 0), units: 0).outlook == .unknown)
        #expect(Self.outlook((0, 0), units: 50).outlook == .unknown)
    }

    @Test func anArmHasAnIntervalOfItsMean() throws {
        let sums = ArmSums(
            units: 100, crossed: 0, rewards: 20, y: 20, yy: 20, known: 0, x: 0, xx: 0, xy: 0, knownY: 0)
        let interval = try #require(ExperimentResult.Arm(name: "a", sums: sums, mean: 0.2, share: 0.5).interval)
        // 0.2 ± 1.96·√(0.2·0.8/99).
        #expect(abs(interval.lowerBound - 0.1212) < 0.0005 && abs(interval.upperBound - 0.2788) < 0.0005)
        #expect(ExperimentResult.Arm(name: "a", sums: ArmSums(), mean: nil, share: 0.5).interval == nil)
    }
}
