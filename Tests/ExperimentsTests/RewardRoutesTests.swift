import Database
import Events
import Experiments
import Predictions
import Runtimes
import TestSupport
import Testing
import Web
import Wire

/// A server with a log of predictions, whose clock stands still.
@Suite(.everyEngine) struct RewardRoutesTests {
    private let home: TestDatabase
    private let folder: TemporaryFolder
    private let log: PredictionLog
    private let exposures: ExposureStore
    private let bandits: BanditStore
    private let guardrails: GuardrailStore
    private let routes: Routes
    private static let now = Timestamp(milliseconds: 1_800_000_000_000)
    private static let experiment = OnlineExperiment(
        ExperimentID(.experiment, endpoint: "churn", salt: "s1"), arms: ["champion", "challenger"],
        spec: ExperimentSpec(metric: .init(name: "conversion", kind: .binary)))
    private static let bandit = OnlineExperiment(
        ExperimentID(.bandit, endpoint: "offers", salt: "s1"), arms: ["a", "b"],
        bandit: BanditSpec(method: .thompson, metric: "click", windowMinutes: 60))

    init() async throws {
        home = try await TestDatabase()
        folder = try TemporaryFolder()
        let database = try home.open()
        try await database.migrate(EventSchema.migrations + ExperimentSchema.migrations)
        let clock = WallClock { Self.now }
        exposures = ExposureStore(
            database: database, events: EventLog(database: database, clock: clock), clock: clock)
        log = try await PredictionLog(
            folder: folder.path("predictions"), clock: clock, entropy: .system, observers: [exposures.observer],
            logger: LiveServer.quiet)
        bandits = BanditStore(database: database)
        guardrails = GuardrailStore(database: database)
        let rewards = RewardStore(database: database)
        let desk = RewardDesk(
            log: log, exposures: exposures, rewards: rewards, guardrails: GuardrailStore(database: database),
            entropy: .system)
        let board = ExperimentBoard(
            exposures: exposures, rewards: rewards, guardrails: GuardrailStore(database: database), bandits: bandits)
        var routes = Routes()
        RewardRoutes(desk: desk, board: board, clock: clock).routes(into: &routes)
        self.routes = routes
        try await exposures.declare(
            Self.experiment, shares: try Shares([("champion", 5000), ("challenger", 5000)]), by: "ann")
        try await exposures.declare(Self.bandit, shares: try Shares([("a", 5000), ("b", 5000)]), by: "ann")
    }

    /// Logs a prediction, of which only the log tells the experiment. Half of them are not in the sample.
    private func predict(
        _ experiment: OnlineExperiment?, endpoint: String = "churn", variant: String, unit: String?,
        propensity: Double? = 0.5, rollout: RolloutPart? = nil
    ) async throws -> String {
        let id = try await log.append(
            LoggedRequest(
                endpoint: endpoint, variant: variant, model: "churn", version: 2, latencyUs: 1, caller: "ada",
                unit: unit, propensity: propensity, experiment: experiment?.id.text, rollout: rollout?.text,
                input: .document([:]), output: .json(1), rowCount: 1), policy: LogPolicy(samplePercent: 50))
        return id.text
    }

    @Test func rewardsAreJoinedToUnitsAndArms() async throws {
        let first = try await predict(Self.experiment, variant: "champion", unit: "ann")
        _ = try await predict(Self.experiment, variant: "challenger", unit: "bob")
        let forced = try await predict(Self.experiment, variant: "challenger", unit: "cem", propensity: nil)
        try await LiveServer.run(routes) { server in
            let rewards: JSON = [
                "rewards": [
                    ["prediction_id": .string(first), "value": 1], ["unit": "bob", "value": 2.5, "metric": "revenue"],
                    ["prediction_id": .string(forced), "value": 1],
                ]
            ]
            for _ in 0..<2 {
                let answer = try await server.post("/api/v1/endpoints/churn/rewards", json: rewards)
                #expect(answer.status == 200)
                #expect(try answer.json == ["accepted": 2, "late": 0, "outside": 1])
            }
            let covariates: JSON = ["covariates": [["unit": "ann", "value": 3]]]
            let accepted = try await server.post("/api/v1/endpoints/churn/covariates", json: covariates)
            #expect(try accepted.json == ["accepted": 1])
            let result = try await server.get("/api/v1/endpoints/churn/experiment").json
            #expect(result["experiment"] == "experiment/churn/s1")
            #expect(result["arms"]?.arrayValue?.map { $0["units"] } == [1, 1])
            #expect(result["arms"]?.arrayValue?.map { $0["sum"] } == [1.0, 0.0])
            #expect(result["arms"]?.arrayValue?.map { $0["covariates"] } == [1, 0])
            #expect(result["verdict"]?["action"] == "keep running")
        }
    }

    /// A rollout may go on within an experiment, or without one, and asks for rewards of its own.
    @Test func rewardsCountForTheRolloutThatAsksForThem() async throws {
        let id = ExperimentID.rollout(7, of: "churn")
        let nothing = GuardrailTest.tests(
            of: [Guardrail(.reward("cured"), .maxDecrease(0))], alpha: 0.05, share: 0.5)
        try await guardrails.merge(nothing, of: "candidate", in: id)
        let new = try await predict(nil, variant: "main", unit: nil, rollout: RolloutPart(7, .candidate))
        let former = try await predict(nil, variant: "main", unit: nil, rollout: RolloutPart(7, .control))
        let both = try await predict(
            Self.experiment, variant: "champion", unit: "ann", rollout: RolloutPart(7, .control))
        let over = try await predict(nil, variant: "main", unit: nil, rollout: RolloutPart(6, .candidate))
        try await LiveServer.run(routes) { server in
            let sent: [(String, JSON)] = [
                (new, ["value": 0]), (former, ["value": 1, "metric": "cured"]),
                (both, ["value": 1, "metric": "cured"]),
                (new, ["value": 9, "metric": "paid"]), (over, ["value": 1]),
            ]
            let rewards = sent.map { id, reward -> JSON in
                .members([("prediction_id", .string(id))] + (reward.memberList ?? []).map { ($0.key, $0.value) })
            }
            let answer = try await server.post("/api/v1/endpoints/churn/rewards", json: ["rewards": .array(rewards)])
            #expect(try answer.json == ["accepted": 3, "late": 0, "outside": 2], "\(answer.text)")
        }
        let counted = try await guardrails.merge(nothing, of: "candidate", in: id)
        #expect(counted.first?.candidate == GuardrailTest.Tally(count: 1, sum: 0))
        #expect(counted.first?.control == GuardrailTest.Tally(count: 2, sum: 2))
    }

    @Test func aBanditsTriesAreItsRequests() async throws {
        let first = try await predict(Self.bandit, endpoint: "offers", variant: "a", unit: "ann")
        let second = try await predict(Self.bandit, endpoint: "offers", variant: "b", unit: "ann")
        try await log.settleObservers()
        try await LiveServer.run(routes) { server in
            let late = Self.now.milliseconds + 61 * 60_000
            let answer = try await server.post(
                "/api/v1/endpoints/offers/rewards",
                json: [
                    "rewards": [
                        ["prediction_id": .string(first), "value": 1],
                        ["prediction_id": .string(second), "value": 1, "time": .integer(late)],
                    ]
                ])
            #expect(try answer.json == ["accepted": 1, "late": 1, "outside": 0])
            let result = try await server.get("/api/v1/endpoints/offers/experiment").json
            #expect(result["arms"]?.arrayValue?.map { $0["mean"] } == [1.0, 0.0])
        }
        let spec = try #require(Self.bandit.bandit)
        #expect(try await bandits.earned(by: Self.bandit.id, spec).map(\.tries) == [1, 1])
    }

    @Test func whatIsNotThereIsNamedAndNothingIsStored() async throws {
        let first = try await predict(Self.experiment, variant: "champion", unit: "ann")
        try await LiveServer.run(routes) { server in
            let cases: [(String, JSON, Int, String)] = [
                (
                    "churn", ["prediction_id": .string(first.dropLast() + "x"), "value": 1], 404,
                    "No prediction has the id"
                ),
                ("churn", ["unit": "zoe", "value": 1], 404, "'zoe'"),
                ("offers", ["prediction_id": .string(first), "value": 1], 404, "of the endpoint 'churn'"),
                ("nowhere", ["unit": "ann", "value": 1], 404, "'nowhere' runs no experiment"),
                ("churn", ["value": 1], 400, "either 'prediction_id' or 'unit'"),
                ("churn", ["unit": "ann", "prediction_id": .string(first), "value": 1], 400, "either 'prediction_id'"),
                ("churn", ["unit": "ann"], 400, "rewards[1].value"),
                ("churn", ["unit": "ann", "value": "NaN"], 400, "finite number"),
            ]
            for (endpoint, reward, status, words) in cases {
                let good: JSON = ["prediction_id": .string(first), "value": 1]
                let sent = endpoint == "churn" ? [good, reward] : [reward]
                let answer = try await server.post(
                    "/api/v1/endpoints/\(endpoint)/rewards", json: ["rewards": .array(sent)])
                #expect(answer.status == status, "\(words)")
                #expect(answer.text.contains(words), "\(answer.text)")
            }
            let missing = try await server.get("/api/v1/endpoints/nowhere/experiment")
            #expect(missing.status == 404)
            let result = try await server.get("/api/v1/endpoints/churn/experiment").json
            #expect(result["arms"]?.arrayValue?.map { $0["rewards"] } == [0, 0])
        }
    }
}
