import Experiments
import TestSupport
import Testing
import Web
import Wire

@testable import Serving

/// What the pages of rollouts and of shadows say of numbers.
struct RolloutPageTests {
    private static let minute: Int64 = 60_000
    private static let start = SimulatedRollout.now

    private static func rollout(
        _ plan: RolloutPlan = RolloutPlan(steps: [5, 25, 50], requests: 100), step: Int = 0, requests: Int = 0
    ) -> Rollout {
        var rollout = SimulatedRollout.rollout(plan)
        rollout.step = step
        rollout.stepRequests = requests
        rollout.requests = requests
        return rollout
    }

    private static let endpoint = Endpoint(
        name: "clinic", team: nil, state: .ready, message: nil, manifest: ["kind": "Endpoint"])

    @Test func thePaceOfTheStepTellsWhenItMayBeThrough() {
        // Ten requests in ten minutes: ninety are missing, a minute each. The next steps see five and ten times as many.
        let pace = RolloutPace(Self.rollout(requests: 10), now: Self.start + .seconds(600))
        #expect(pace.step == 90 * Self.minute)
        #expect(pace.whole == (90 + 20 + 10) * Self.minute)
    }

    @Test func aStepTakesTheMinutesThatItHasTo() {
        let plan = RolloutPlan(steps: [5, 50], requests: 100, minutes: 60)
        let pace = RolloutPace(Self.rollout(plan, requests: 100), now: Self.start + .seconds(600))
        #expect(pace.step == 50 * Self.minute)
        #expect(pace.whole == 110 * Self.minute)
    }

    @Test func whatTakesLongerThanCanBeSaidIsNoCrash() {
        let plan = RolloutPlan(steps: [5, 50], requests: 1_000_000_000)
        let pace = RolloutPace(Self.rollout(plan, requests: 1), now: Self.start + .seconds(110 * 86_400))
        #expect(pace.step == .max && pace.whole == .max)
    }

    @Test func withoutRequestsThereIsNothingToGoBy() {
        #expect(RolloutPace(Self.rollout(), now: Self.start + .seconds(600)).step == nil)
        var over = Self.rollout(requests: 10)
        over.state = .promoted
        #expect(RolloutPace(over, now: Self.start + .seconds(600)).whole == nil)
    }

    @Test func thePageHoldsTheNumbersOfEachGuardrail() {
        var rollout = Self.rollout(step: 1, requests: 40)
        rollout.evidence = [
            [
                "guardrail": .string(rollout.plan.guardrails[0].text), "verdict": "holds so far", "p_value": 0.31,
                "level": 0.05, "candidate": ["count": 40, "mean": 0.05], "control": ["count": 160, "mean": 0.025],
            ]
        ]
        var former = Self.rollout()
        former.state = .rolledBack
        former.reason = "<b>broken</b>"
        let page = RolloutListPage.page([rollout, former], of: Self.endpoint, now: Self.start + .seconds(60)).body.text
        #expect(page.contains("<li class=\"done\">5 %</li><li class=\"current\" aria-current=\"step\">25 %</li>"))
        // Wilson's interval of 2 of 40.
        #expect(page.contains("1.4–17 %</small> of 40"), "\(page)")
        #expect(page.contains("0.31") && page.contains("holds so far"))
        #expect(page.contains("At this pace the step has seen enough in about"))
        #expect(page.contains("&lt;b&gt;broken") && !page.contains("<b>broken"))
        #expect(page.contains("action=\"/endpoints/clinic/promote\""))
    }

    @Test func withoutRolloutsThePageSaysSo() {
        let page = RolloutListPage.page([], of: Self.endpoint, now: Self.start).body.text
        #expect(page.contains("No version has come to this endpoint yet"))
    }

    @Test func differencesAreCountedByPowersOfTen() {
        let outputs: [(JSON, JSON)] = [
            ([1.0], [1.0]), ([1.0], [1.05]), ([1.0], [1.5]), ([1.0], [1.6]), ([1.0], [4.0]), ("a", "b"),
        ]
        let pairs = outputs.enumerated().map { place, outputs in
            ShadowPair(
                prediction: "p\(place)", time: Self.start, primaryVersion: "a/1", shadowVersion: "a/2",
                primary: outputs.0, shadow: outputs.1, primaryLatencyUs: 1, shadowLatencyUs: 1, problem: nil)
        }
        let totals = ShadowTotals(
            primaryVersion: "a/1", shadowVersion: "a/2", requests: 6, rows: 6, agreeing: 1, failed: 0, dropped: 0,
            numericRows: 5, differenceSum: 4.15, largestDifference: 3, start: Self.start, end: Self.start)
        let found = ShadowReport(totals: totals, pairs: pairs, worst: []).differences
        #expect(found.map(\.words) == ["the same", "0.01 to 0.1", "0.1 to 1", "1 to 10"])
        #expect(found.map(\.rows) == [1, 1, 2, 1])
    }
}
