import Testing
import Web
import Wire

@testable import Experiments

/// The part of an endpoint's page that tells of its experiment.
@Suite struct ExperimentPageTests {
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)
    private static let experiment = OnlineExperiment(
        ExperimentID(.experiment, endpoint: "churn", salt: "<s1>"), arms: ["champion", "challenger"],
        spec: ExperimentSpec(metric: .init(name: "conversion", kind: .binary)))

    /// - Parameter converted: of 1000 units of each arm.
    private static func page(
        converted: [Int], units: [Int] = [1000, 1000], guardrails: [GuardrailState] = [],
        decision: ExperimentVerdict? = nil
    ) throws -> String {
        let sums = zip(units, converted).map { units, converted in
            ArmSums(
                units: units, crossed: 0, rewards: converted, y: Double(converted), yy: Double(converted), known: 0,
                x: 0, xx: 0, xy: 0, knownY: 0)
        }
        let result = ExperimentResult(
            arms: experiment.arms, spec: try #require(experiment.spec),
            periods: [ExperimentResult.Period(shares: [0.5, 0.5], sums: sums)], guardrails: guardrails)
        return ExperimentStanding(
            experiment: experiment, start: now, result: result, decision: decision, bandit: []
        ).html(now: now).text
    }

    @Test func showsTheEffectWithItsIntervalAndWhatFollows() throws {
        let page = try Self.page(converted: [100, 200])
        #expect(page.contains("challenger is better"))
        #expect(page.contains("Promote &#39;challenger&#39;.") || page.contains("Promote 'challenger'."))
        #expect(page.contains("Against champion"))
        #expect(page.contains("+0.1<"), "\(page)")
        #expect(page.contains("+100 %"))
        #expect(page.contains("svg class=\"interval clear\""))
        #expect(page.contains("as intended, p 1"))
        #expect(page.contains("&lt;s1&gt;") && !page.contains("<s1>"))
        let even = try Self.page(converted: [100, 100])
        #expect(even.contains("running") && even.contains("svg class=\"interval open\""))
    }

    @Test func saysThatNothingCanBeConcludedWhenTheSampleRatioIsOff() throws {
        let page = try Self.page(converted: [100, 200], units: [1000, 1400])
        #expect(page.contains("Units do not fall into the arms as intended"))
        #expect(page.contains("champion 41.7 % instead of 50 %, challenger 58.3 % instead of 50 %"), "\(page)")
        #expect(page.contains("off, p &lt; 0.0001"))
        #expect(!page.contains("challenger is better"))
    }

    @Test func showsGuardrailsAndWhatWasDecidedBefore() throws {
        let slow = GuardrailState(
            GuardrailTest(Guardrail(.latency(quantile: 0.99), .max(50)), level: 0.05, share: 0.5), arm: "challenger")
        let page = try Self.page(
            converted: [100, 100], guardrails: [slow], decision: ExperimentVerdict(.stop, "Stop. It was slow."))
        #expect(page.contains("latency_p99_ms ≤ 50<br>"), "\(page)")
        #expect(page.contains("badge good\">kept"))
        #expect(page.contains("stopped") && page.contains("Stop. It was slow.") && page.contains("So it was decided."))
    }

    @Test func showsWhatTheArmsOfABanditEarned() {
        let bandit = OnlineExperiment(
            ExperimentID(.bandit, endpoint: "offers", salt: "s1"), arms: ["a", "b"],
            bandit: BanditSpec(method: .thompson, metric: "click"))
        let arms = [BanditArm("a", tries: 30, rewardCount: 3, sum: 3), BanditArm("b", tries: 10)]
        let page = ExperimentStanding(
            experiment: bandit, start: nil, result: nil, decision: nil, bandit: arms
        ).html(now: Self.now).text
        #expect(page.contains("75 %") && page.contains("0.1<") && page.contains("thompson"), "\(page)")
    }
}
