import Database
import Events
import Experiments
import Logging
import Predictions
import TestSupport
import Testing
import Wire

@testable import Serving

/// Rollouts as they are kept: by several servers, across restarts, while their plan is edited.
@Suite(.everyEngine) struct RolloutStoreTests {
    private let home: TestDatabase
    private let database: Database
    private let rollouts: RolloutStore
    private static let variant = VariantName(endpoint: "clinic", name: "main")
    private static let errors = Guardrail(.errorRate, .maxIncrease(0))
    private static let cured = Guardrail(.reward(SimulatedRollout.reward), .maxDecrease(0))

    init() async throws {
        home = try await TestDatabase()
        database = try home.open()
        try await database.migrate(EventSchema.migrations + ExperimentSchema.migrations + ServingSchema.migrations)
        rollouts = Self.store(database)
    }

    private static func store(_ database: Database) -> RolloutStore {
        let clock = WallClock { SimulatedRollout.now }
        return RolloutStore(
            database: database, events: EventLog(database: database, clock: clock), clock: clock)
    }

    private static func control(_ rollouts: RolloutStore) -> RolloutControl {
        RolloutControl(
            rollouts: rollouts, clock: rollouts.clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func begun(_ plan: RolloutPlan) async throws -> Rollout {
        try await rollouts.begin("clinic/2", beside: "clinic/1", in: Self.variant, plan: plan)
        return try #require(try await newest())
    }

    private func newest() async throws -> Rollout? {
        try await rollouts.history(of: "clinic").first
    }

    /// Two people look at the same page, and both press the button.
    @Test func whoSawAnotherRolloutChangesNothing() async throws {
        let first = try await begun(RolloutPlan(steps: [50], requests: 10))
        _ = try await rollouts.promote("clinic", variant: "main", expected: first.id, by: "ann")
        try await rollouts.begin("clinic/3", beside: "clinic/2", in: Self.variant, plan: first.plan)
        let second = try #require(try await newest())
        _ = try await rollouts.rollBack("clinic", variant: "main", expected: second.id, by: "ann", reason: nil)
        let refused = await #expect(throws: ServingError.self) {
            _ = try await rollouts.rollBack("clinic", variant: "main", expected: second.id, by: "bob", reason: nil)
        }
        #expect(refused?.code == .conflict && refused?.message.contains("about clinic/2") == true)
        #expect(try await rollouts.history(of: "clinic").map(\.state) == [.rolledBack, .promoted])
        _ = try await rollouts.rollBack("clinic", variant: "main", by: "bob", reason: nil)
        #expect(try await rollouts.history(of: "clinic").map(\.state) == [.rolledBack, .rolledBack])
    }

    private func reward(_ rollout: Rollout, _ rewards: [(reward: Double, arm: GuardrailTest.Arm)], from id: Int)
        async throws
    {
        let store = RewardStore(database: database)
        try await store.add(
            rewards.enumerated().map { index, reward in
                Reward(
                    experiment: rollout.evidenceID.text, metric: SimulatedRollout.reward, id: "\(id + index)",
                    unit: "\(id + index)", variant: reward.arm.rawValue, value: reward.reward,
                    time: SimulatedRollout.now)
            })
    }

    private static func count(_ trial: RolloutTrial, _ count: Int, errors: Int = 0) {
        for index in 0..<count {
            trial.add(RequestOutcome(latencyMs: 1, isError: index < errors), to: .candidate)
            trial.add(RequestOutcome(latencyMs: 1, isError: false), to: .control)
        }
    }

    /// What is simulated by the thousand is what the server does: two of them take the requests in turn, and every look
    /// goes through the database.
    @Test(arguments: [SimulatedModel(), SimulatedModel(errorRate: 0.2), SimulatedModel(conversion: 0.01)])
    func aServerDecidesAsTheSimulationDoes(candidate: SimulatedModel) async throws {
        let plan = RolloutPlan(steps: [30, 60], requests: 150, rewards: 100, guardrails: [Self.errors, Self.cured])
        let simulation = SimulatedRollout(plan: plan, candidate: candidate)
        let controls = [Self.control(rollouts), Self.control(Self.store(try home.open()))]
        for seed in UInt64(0)..<3 {
            let begun = try await begun(plan)
            let trial = RolloutTrial(begun)
            var numbers = SeededNumbers(seed: seed)
            var asked = 0
            while try await newest()?.state == .running {
                let before = asked
                try await reward(begun, simulation.ask(trial, &asked, &numbers), from: before)
                _ = try await controls[(asked / 10) % 2].look(trial)
                if let next = try await newest(), next.state == .running { trial.go(on: next) }
            }
            let ended = try #require(try await newest())
            let simulated = simulation.end(seed: seed)
            #expect(ended.state == simulated.state)
            #expect(ended.requests == simulated.requests)
            #expect(ended.reason == simulated.reason)
            // Another one begins afresh.
            try await rollouts.close("clinic")
        }
    }

    @Test func aStepWaitsForItsRewardsAndSaysSo() async throws {
        let begun = try await begun(RolloutPlan(steps: [50], requests: 10, rewards: 20, guardrails: [Self.cured]))
        let trial = RolloutTrial(begun)
        Self.count(trial, 30)
        let control = Self.control(rollouts)
        #expect(try await control.look(trial))
        #expect(
            try await newest()?.progress
                == "At 50 %: 30 of 10 requests, 0 of 20 rewards 'cured', 0 of 20 rewards 'cured' of the former version."
        )
        try await reward(begun, (0..<25).map { _ in (1, .candidate) }, from: 0)
        #expect(try await control.look(trial))
        #expect(
            try await newest()?.progress
                == "At 50 %: 30 of 10 requests, 25 of 20 rewards 'cured', 0 of 20 rewards 'cured' of the former version."
        )
        try await reward(begun, (0..<20).map { _ in (1, .control) }, from: 100)
        #expect(try await !control.look(trial))
        let ended = try #require(try await newest())
        #expect(ended.state == .promoted)
        #expect(ended.evidence.arrayValue?.first?["candidate"]?["count"] == 25)
        #expect(ended.evidence.arrayValue?.first?["rewards_needed"] == 20)
        // What was needed for the evidence only is gone.
        let left = try await database.read { try $0.value("SELECT COUNT(*) FROM rewards", as: Int.self) }
        #expect(left == 0)
    }

    /// Whoever sends conversions only, and nothing for those who do not convert.
    @Test func whatHasNoRewardInTimeEarnedNothing() async throws {
        let plan = RolloutPlan(
            steps: [50], requests: 10, rewards: 20, rewardMinutes: 60, guardrails: [Self.cured])
        let begun = try await begun(plan)
        let trial = RolloutTrial(begun)
        let control = Self.control(rollouts)
        let now = SimulatedRollout.now.milliseconds
        let exposures = ExposureStore(database: database, events: rollouts.events, clock: rollouts.clock)
        // The prediction and its age; all of the former version are rewarded, none of the new one.
        func predict(_ numbers: Range<Int>, minutesAgo: Int64) async throws {
            let time = Timestamp(milliseconds: now - minutesAgo * 60_000)
            let predictions = numbers.map { number in
                Prediction(
                    id: PredictionID(request: Entropy.system.sortableID(at: time)), endpoint: "clinic",
                    variant: "main", model: "clinic", version: 1, inputs: .null, output: .null, latencyUs: 1,
                    caller: "ann", propensity: 1,
                    rollout: RolloutPart(begun.id, number.isMultiple(of: 2) ? .candidate : .control).text)
            }
            try await exposures.expose(predictions)
            try await RewardStore(database: database).add(
                predictions.enumerated().filter { !$0.offset.isMultiple(of: 2) }.map { _, prediction in
                    Reward(
                        experiment: begun.evidenceID.text, metric: SimulatedRollout.reward, id: prediction.id.text,
                        unit: prediction.id.request, variant: "control", value: 1, time: time)
                })
        }
        try await predict(0..<100, minutesAgo: 59)
        #expect(try await control.look(trial))
        let waiting = try #require(try await newest())
        #expect(waiting.evidence.arrayValue?.first?["control"]?["count"] == 0)
        #expect(waiting.progress?.hasSuffix("each counted 60 minutes after its prediction.") == true)
        try await predict(0..<10, minutesAgo: 61)
        #expect(try await control.look(trial))
        #expect(try await newest()?.evidence.arrayValue?.first?["candidate"] == ["count": 5, "mean": 0.0])
        #expect(try await newest()?.evidence.arrayValue?.first?["control"] == ["count": 5, "mean": 1.0])
        // Each counts once.
        #expect(try await control.look(trial))
        #expect(try await newest()?.evidence.arrayValue?.first?["control"]?["count"] == 5)
        try await rollouts.change(
            begun, to: RolloutPlan(steps: [50], requests: 10, rewards: 20, rewardMinutes: 30, guardrails: [Self.cured]))
        trial.go(on: try #require(try await newest()))
        #expect(try await !control.look(trial))
        #expect(try await newest()?.state == .rolledBack)
    }

    /// What one variant tries out is not hidden by what has come to another since.
    @Test func tellsOfAllThatIsUnderWay() async throws {
        let running = try await begun(RolloutPlan(steps: [5, 50], requests: 10, guardrails: []))
        for (version, former) in [("clinic/7", nil), ("clinic/8", "clinic/7")] as [(String, String?)] {
            try await rollouts.record(
                version, instead: former, in: VariantName(endpoint: "clinic", name: "other"), after: nil)
        }
        try await rollouts.record("scan/1", instead: nil, in: VariantName(endpoint: "scan", name: "main"), after: nil)
        let newest = try await rollouts.newest()
        #expect(newest["clinic"]?.map(\.to) == ["clinic/8", "clinic/2"])
        #expect(newest["clinic"]?.last?.id == running.id && newest["clinic"]?.last?.progress != nil)
        #expect(newest["scan"]?.map(\.to) == ["scan/1"])
    }

    @Test func anEditedPlanKeepsTheEvidenceOfGuardrailsThatStay() async throws {
        let begun = try await begun(RolloutPlan(steps: [5, 50], requests: 1000, guardrails: [Self.errors]))
        let trial = RolloutTrial(begun)
        Self.count(trial, 100, errors: 3)
        #expect(try await Self.control(rollouts).look(trial))
        let before = try #require(try await newest()?.evidence.arrayValue?.first)
        let strict = Guardrail(.latency(quantile: 0.5), .max(0.5))
        let plan = RolloutPlan(steps: [5, 20, 50], requests: 1000, guardrails: [strict, Self.errors])
        let changed = try #require(try await rollouts.change(begun, to: plan))
        #expect(changed.percent == 5)
        #expect(changed.stepRequests == 100)
        let after = try #require(try await newest()?.evidence.arrayValue)
        #expect(after.map { $0["guardrail"] } == [.string(strict.text), .string(Self.errors.text)])
        #expect(after.last?["candidate"] == before["candidate"])
        #expect(after.last?["p_value"] == before["p_value"])
        #expect(after.map { $0["level"] } == [0.025, 0.025])
        // Another server has seen to it already.
        #expect(try await rollouts.change(begun, to: plan) == nil)
        // A look by the former plan leaves its outcomes, and they count by the new one.
        Self.count(trial, 50)
        #expect(try await Self.control(rollouts).look(trial))
        #expect(try await newest()?.requests == 100)
        trial.go(on: changed)
        #expect(try await Self.control(rollouts).look(trial))
        #expect(try await newest()?.requests == 150)
        Self.count(trial, 50)
        #expect(try await !Self.control(rollouts).look(trial))
        #expect(try await newest()?.state == .rolledBack)
        let events = try await rollouts.events.events(after: 0, subject: "endpoints/clinic", limit: 10)
        #expect(events.map(\.kind) == ["rollout.started", "rollout.changed", "rollout.rolled_back"])
    }

    @Test(arguments: [
        ([5, 25, 50], 1, [5, 10, 25, 60], 25), ([5, 25, 50], 1, [5, 10, 20, 50], 20), ([5, 25, 50], 2, [10, 20], 20),
        ([5, 25, 50], 0, [10, 20], 10),
    ])
    func editedStepsNeverRaiseTheShareByThemselvesExceptToTheFirst(
        former: [Int], step: Int, steps: [Int], percent: Int
    ) {
        var rollout = SimulatedRollout.rollout(RolloutPlan(steps: former))
        rollout.step = step
        rollout.stepRequests = 70
        let isSame = rollout.percent == percent
        rollout.follow(RolloutPlan(steps: steps), from: SimulatedRollout.now)
        #expect(rollout.percent == percent)
        #expect(rollout.stepRequests == (isSame ? 70 : 0))
    }

    /// A rollout that was under way when the server was updated goes on at its step, by the plan of the manifest.
    @Test func carriesOverARolloutOfTheFormerShape() async throws {
        let former = try await TestDatabase()
        let database = try former.open()
        let before = EventSchema.migrations + ExperimentSchema.migrations.prefix(1) + ServingSchema.migrations.prefix(3)
        try await database.migrate(before)
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO rollouts (endpoint, variant, from_version, to_version, state, steps, step, start_time,
                    step_time, reason, evidence)
                VALUES ('clinic', 'main', 'clinic/1', 'clinic/2', 'running', '[5,25]', 1, 1, 2, 'It gets 25 %.', 'null')
                """)
        }
        try await database.migrate(EventSchema.migrations + ExperimentSchema.migrations + ServingSchema.migrations)
        let rollouts = Self.store(database)
        let rollout = try #require(try await rollouts.history(of: "clinic").first)
        #expect(rollout.percent == 25)
        let plan = RolloutPlan(steps: [5, 25], requests: 10, guardrails: [])
        #expect(try await rollouts.change(rollout, to: plan)?.percent == 25)
        #expect(try await rollouts.history(of: "clinic").first?.plan == plan)
    }
}
