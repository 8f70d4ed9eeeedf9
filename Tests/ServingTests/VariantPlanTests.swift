import Testing
import Wire

@testable import Serving

@Suite struct VariantPlanTests {
    private static func rollout(_ from: String?, _ to: String, _ state: Rollout.State) -> Rollout {
        let moment = Timestamp(milliseconds: 0)
        return Rollout(
            id: 1, endpoint: "e", variant: "v", from: from, to: to, state: state, plan: RolloutPlan(steps: [10]),
            start: moment,
            stepStart: moment, reason: "")
    }

    private static func next(
        _ wanted: String, stable: String? = nil, candidate: String? = nil, _ history: [Rollout] = [],
        isGradual: Bool = true
    ) -> VariantPlan {
        VariantPlan.next(
            wanted: wanted, place: .init(stable: stable, candidate: candidate), history: history, isGradual: isGradual)
    }

    @Test func theFirstVersionAnswersAtOnce() {
        #expect(Self.next("m/1") == .deploy("m/1", .recorded))
        #expect(Self.next("m/1", isGradual: false) == .deploy("m/1", .recorded))
        #expect(Self.next("m/1", stable: "m/1", [Self.rollout(nil, "m/1", .promoted)]) == .keep)
    }

    @Test func aNewVersionIsTriedOutInSteps() {
        let first = Self.rollout(nil, "m/1", .promoted)
        #expect(Self.next("m/2", stable: "m/1", [first]) == .tryOut("m/2"))
        let running = Self.rollout("m/1", "m/2", .running)
        #expect(Self.next("m/2", stable: "m/1", candidate: "m/2", [running, first]) == .keep)
        let promoted = Self.rollout("m/1", "m/2", .promoted)
        #expect(Self.next("m/2", stable: "m/1", candidate: "m/2", [promoted, first]) == .promoteCandidate)
        #expect(Self.next("m/2", stable: "m/2", [promoted, first]) == .keep)
    }

    @Test func withoutStepsItTakesOverAtOnce() {
        let first = Self.rollout(nil, "m/1", .promoted)
        #expect(Self.next("m/2", stable: "m/1", [first], isGradual: false) == .deploy("m/2", .recorded))
        // The steps were taken out of the manifest half-way.
        let running = Self.rollout("m/1", "m/2", .running)
        #expect(Self.next("m/2", stable: "m/1", candidate: "m/2", [running], isGradual: false) == .dropCandidate)
    }

    @Test func whatWasRolledBackIsLetGoAndNotTriedAgain() {
        let history = [Self.rollout("m/1", "m/2", .rolledBack), Self.rollout(nil, "m/1", .promoted)]
        #expect(Self.next("m/2", stable: "m/1", candidate: "m/2", history) == .dropCandidate)
        #expect(Self.next("m/2", stable: "m/1", history) == .keep)
        // One that had been promoted already gives way to the one before.
        #expect(Self.next("m/2", stable: "m/2", history) == .deploy("m/1", .unrecorded))
        // Another version is another attempt; and so is the same one once somebody wants it again.
        #expect(Self.next("m/3", stable: "m/1", history) == .tryOut("m/3"))
        let retried = [Self.rollout("m/1", "m/2", .superseded), Self.rollout(nil, "m/1", .promoted)]
        #expect(Self.next("m/2", stable: "m/1", retried) == .tryOut("m/2"))
    }

    @Test func anotherVersionTakesThePlaceOfTheOneThatIsTriedOut() {
        let running = Self.rollout("m/1", "m/2", .running)
        #expect(Self.next("m/3", stable: "m/1", candidate: "m/2", [running]) == .dropCandidate)
        #expect(Self.next("m/1", stable: "m/1", candidate: "m/2", [running]) == .dropCandidate)
    }

    @Test func aRestartGoesOnWhereItWas() {
        let first = Self.rollout(nil, "m/1", .promoted)
        let running = Self.rollout("m/1", "m/2", .running)
        #expect(Self.next("m/2", [running, first]) == .deploy("m/1", .unrecorded))
        #expect(Self.next("m/2", stable: "m/1", [running, first]) == .tryOut("m/2"))
        // The alias moved while the server was down.
        #expect(Self.next("m/2", [first]) == .deploy("m/1", .unrecorded))
        #expect(Self.next("m/2", [first], isGradual: false) == .deploy("m/2", .recorded))
        #expect(Self.next("m/1", [first]) == .deploy("m/1", .unrecorded))
        let back = Self.rollout("m/1", "m/2", .rolledBack)
        #expect(Self.next("m/2", [back, first]) == .deploy("m/1", .unrecorded))
    }

    /// Rolled back, and wanted again before the candidate was let go of: it begins anew.
    @Test func aCandidateWithoutARolloutIsLetGo() {
        let history = [Self.rollout("m/1", "m/2", .superseded), Self.rollout(nil, "m/1", .promoted)]
        #expect(Self.next("m/2", stable: "m/1", candidate: "m/2", history) == .dropCandidate)
    }

    /// Another server promoted the version while this one was still loading it.
    @Test func whatAnotherServerPromotedIsNotTriedOutAgain() {
        let history = [Self.rollout("m/1", "m/2", .promoted), Self.rollout(nil, "m/1", .promoted)]
        #expect(Self.next("m/2", stable: "m/1", history) == .deploy("m/2", .unrecorded))
    }

    /// 2 → 3, which is rolled back, → 4; then somebody wants 3, which stays refused.
    @Test func aVersionThatWasRefusedLongAgoBringsNoOlderOneBack() {
        let history = [
            Self.rollout("m/2", "m/4", .promoted), Self.rollout("m/2", "m/3", .rolledBack),
            Self.rollout(nil, "m/2", .promoted),
        ]
        #expect(Self.next("m/3", stable: "m/4", history) == .keep)
    }
}
