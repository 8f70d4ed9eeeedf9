import Database
import Events
import Experiments
import Predictions
import Statistics
import TestSupport
import Testing
import Wire

@Suite(.everyEngine) struct ExposureStoreTests {
    let home: TestDatabase
    let database: Database
    let events: EventLog
    let exposures: ExposureStore
    let rewards: RewardStore
    let board: ExperimentBoard
    static let id = ExperimentID(.experiment, endpoint: "churn", salt: "churn/2026")
    static let spec = ExperimentSpec(
        metric: .init(name: "conversion", kind: .binary), guardrails: [Guardrail(.reward("calls"), .maxIncrease(0))],
        decision: .init(then: .promote))
    static let experiment = OnlineExperiment(id, arms: ["champion", "challenger"], spec: spec)

    init() async throws {
        home = try await TestDatabase()
        database = try home.open()
        try await database.migrate(EventSchema.migrations + ExperimentSchema.migrations)
        let clock = WallClock { Timestamp(milliseconds: 1000) }
        events = EventLog(database: database, clock: clock)
        exposures = ExposureStore(database: database, events: events, clock: clock)
        rewards = RewardStore(database: database)
        board = ExperimentBoard(
            exposures: exposures, rewards: rewards, guardrails: GuardrailStore(database: database),
            bandits: BanditStore(database: database))
    }

    private func expose(_ unit: String, to variant: String, at time: Int64 = 2000) -> Exposure {
        Exposure(experiment: Self.id.text, unit: unit, variant: variant, time: Timestamp(milliseconds: time))
    }

    private func reward(_ unit: String, _ variant: String, metric: String = "conversion", id: String? = nil) -> Reward {
        Reward(
            experiment: Self.id.text, metric: metric, id: id ?? "\(unit)-\(metric)", unit: unit, variant: variant,
            value: 1, time: Timestamp(milliseconds: 3000))
    }

    @Test func declaringAgainChangesNothing() async throws {
        let shares = try Shares([("champion", 9000), ("challenger", 1000)])
        for _ in 0..<2 { try await exposures.declare(Self.experiment, shares: shares, by: "ann") }
        #expect(try await exposures.current(of: "churn") == Self.experiment)
        #expect(try await exposures.current(of: "other") == nil)
        #expect(try await exposures.periods(of: Self.id).map(\.shares) == [[0.9, 0.1]])
        #expect(try await events.events(after: 0, limit: 9).map(\.kind) == ["experiment.declared"])
    }

    @Test func aUnitIsExposedOnceAndKeepsItsFirstArm() async throws {
        try await exposures.add([expose("a", to: "champion"), expose("b", to: "challenger")])
        try await exposures.add([expose("a", to: "champion", at: 9000)])
        try await exposures.add([expose("b", to: "champion", at: 9000), expose("c", to: "champion")])
        let found = try await exposures.exposures(of: ["a", "b", "c", "d"], in: Self.id)
        #expect(found.mapValues(\.variant) == ["a": "champion", "b": "challenger", "c": "champion"])
        #expect(found["a"]?.time == Timestamp(milliseconds: 2000))
        let sums = try await rewards.sums(
            of: Self.id, metric: "conversion", kind: .binary, from: Timestamp(milliseconds: 0), to: nil)
        #expect(sums["challenger"]?.crossed == 1)
        #expect(sums["champion"]?.crossed == 0)
    }

    @Test func predictionsAreExposuresUnlessTheirVariantWasAskedForByName() async throws {
        let asked = Self.prediction("1", unit: "a", propensity: nil)
        try await exposures.expose([asked, Self.prediction("2", unit: "b"), Self.prediction("3", unit: nil)])
        let request = PredictionID(request: String(repeating: "3", count: 32)).request
        let found = try await exposures.exposures(of: ["a", "b", request], in: Self.id)
        #expect(Set(found.keys) == ["b", request])
    }

    @Test func sumsAreThoseOfTheUnits() async throws {
        try await exposures.add(
            [expose("a", to: "champion"), expose("b", to: "champion"), expose("c", to: "challenger")])
        let early = Reward(
            experiment: Self.id.text, metric: "conversion", id: "early", unit: "b", variant: "champion", value: 1,
            time: Timestamp(milliseconds: 1000))
        try await rewards.add([reward("a", "champion"), reward("a", "champion", id: "again"), early])
        try await rewards.add([reward("a", "champion")])
        try await rewards.add([Covariate(unit: "a", value: 3), Covariate(unit: "c", value: 5)], to: Self.id)
        let binary = try await rewards.sums(
            of: Self.id, metric: "conversion", kind: .binary, from: Timestamp(milliseconds: 0), to: nil)
        #expect(
            binary["champion"]
                == ArmSums(
                    units: 2, crossed: 0, rewards: 2, y: 1, yy: 1, known: 1, x: 3, xx: 9, xy: 3, knownY: 1))
        let continuous = try await rewards.sums(
            of: Self.id, metric: "conversion", kind: .continuous, from: Timestamp(milliseconds: 0), to: nil)
        #expect(continuous["champion"]?.y == 2)
        #expect(continuous["champion"]?.yy == 4)
        #expect(continuous["challenger"]?.y == 0)
        #expect(continuous["challenger"]?.x == 5)
        let later = try await rewards.sums(
            of: Self.id, metric: "conversion", kind: .binary, from: Timestamp(milliseconds: 2001), to: nil)
        #expect(later.isEmpty)
        let kept = try await home.open().read { try $0.value("SELECT COUNT(*) FROM rewards", as: Int.self) }
        #expect(kept == 3)
    }

    /// 2000 units in each arm, of whom 10 % and 16 % convert.
    private func fill() async throws {
        try await exposures.declare(
            Self.experiment, shares: try Shares([("champion", 5000), ("challenger", 5000)]), by: "ann")
        var exposed: [Exposure] = []
        var rewarded: [Reward] = []
        for unit in 0..<4000 {
            let variant = unit.isMultiple(of: 2) ? "champion" : "challenger"
            exposed.append(expose("u\(unit)", to: variant))
            if unit % 50 < (variant == "champion" ? 10 : 16),
                unit / 2 % 2 == 0 || variant == "challenger" || unit % 50 < 10
            {
                rewarded.append(reward("u\(unit)", variant))
            }
        }
        try await exposures.add(exposed)
        try await rewards.add(rewarded)
    }

    @Test func aBetterCandidateIsPromotedOnceWithAnEvent() async throws {
        try await fill()
        let first = try #require(try await board.verdict(of: "churn"))
        #expect(first.verdict.action == .promote("challenger"))
        #expect(first.isNew)
        let second = try #require(try await board.verdict(of: "churn"))
        #expect(second.verdict == first.verdict)
        #expect(!second.isNew)
        #expect(
            try await events.events(after: 0, limit: 9).map(\.kind) == ["experiment.declared", "experiment.decided"])
        let summary = try await board.summary(of: "churn")
        #expect(summary["verdict"]?["action"] == "promote")
        #expect(summary["sample_ratio"]?["alarm"] == false)
        #expect(summary["arms"]?.arrayValue?.map { $0["units"] } == [2000, 2000])
        #expect(summary["decision"]?["variant"] == "challenger")
    }

    @Test func aViolatedGuardrailStopsABetterCandidate() async throws {
        try await fill()
        try await rewards.add((0..<1000).map { reward("u\(2 * $0 + 1)", "challenger", metric: "calls") })
        let verdict = try #require(try await board.verdict(of: "churn")).verdict
        #expect(verdict.action == .stop)
        #expect(verdict.reason.contains("'challenger' violates calls max_increase 0.0"))
    }

    @Test func anEndpointWithoutAnExperimentSaysSo() async throws {
        #expect(try await board.verdict(of: "churn") == nil)
        let error = await #expect(throws: ExperimentError.self) { try await board.summary(of: "churn") }
        #expect(error?.code == .doesNotExist)
    }

    static func prediction(
        _ digit: Character, unit: String?, propensity: Double? = 0.5, variant: String = "champion",
        experiment: String = id.text
    ) -> Prediction {
        Prediction(
            id: PredictionID(request: String(repeating: digit, count: 32)), endpoint: "churn", variant: variant,
            model: "churn", version: 1, inputs: JSONText([:]), output: JSONText([:]), latencyUs: 1, caller: "ann",
            unit: unit,
            propensity: propensity, experiment: experiment)
    }
}
