import Database
import Events
import Experiments
import TestSupport
import Testing
import Wire

@Suite(.everyEngine) struct BanditStoreTests {
    let home: TestDatabase
    let exposures: ExposureStore
    let rewards: RewardStore
    let bandits: BanditStore
    static let id = ExperimentID(.bandit, endpoint: "churn", salt: "s")
    static let spec = BanditSpec(method: .thompson, metric: "conversion")

    init() async throws {
        home = try await TestDatabase()
        let database = try home.open()
        try await database.migrate(EventSchema.migrations + ExperimentSchema.migrations)
        let clock = WallClock { Timestamp(milliseconds: 1) }
        exposures = ExposureStore(
            database: database, events: EventLog(database: database, clock: clock), clock: clock)
        rewards = RewardStore(database: database)
        bandits = BanditStore(database: database)
        try await exposures.add(
            (0..<6).map { index in
                Exposure(
                    experiment: Self.id.text, unit: "request-\(index)", variant: index < 4 ? "a" : "b",
                    time: Timestamp(milliseconds: Int64(1000 * index)))
            })
        try await rewards.add([reward(0, "a", 1), reward(1, "a", 0), reward(4, "b", 0.5)])
    }

    private func reward(_ index: Int, _ variant: String, _ value: Double) -> Reward {
        Reward(
            experiment: Self.id.text, metric: "conversion", id: "\(index)", unit: "request-\(index)", variant: variant,
            value: value, time: Timestamp(milliseconds: 9000))
    }

    private static let expected = [
        BanditArm("a", tries: 4, rewardCount: 2, sum: 1, sumOfSquares: 1),
        BanditArm("b", tries: 2, rewardCount: 1, sum: 0.5, sumOfSquares: 0.25),
    ]

    @Test func armsAreAddedUpWithTheirTriesInFlight() async throws {
        #expect(try await bandits.earned(by: Self.id, Self.spec) == Self.expected)
    }

    @Test func foldingOldTriesKeepsWhatTheyEarned() async throws {
        try await bandits.fold(Self.id, Self.spec, before: Timestamp(milliseconds: 2000))
        #expect(try await bandits.earned(by: Self.id, Self.spec) == Self.expected)
        try await bandits.fold(Self.id, Self.spec, before: Timestamp(milliseconds: 9000))
        #expect(try await bandits.earned(by: Self.id, Self.spec) == Self.expected)
        #expect(try await exposures.exposures(of: ["request-0"], in: Self.id).isEmpty)
        let left = try await home.open().read { try $0.value("SELECT COUNT(*) FROM rewards", as: Int.self) }
        #expect(left == 0)
    }

    @Test func aBinaryTryEarnsAtMostOneAndAGaussianOneItsSum() async throws {
        var more = reward(0, "a", 5)
        more = Reward(
            experiment: more.experiment, metric: more.metric, id: "more", unit: more.unit, variant: more.variant,
            value: more.value, time: more.time)
        try await rewards.add([more])
        #expect(try await bandits.earned(by: Self.id, Self.spec).first?.sum == 1)
        let gaussian = BanditSpec(method: .thompson, reward: .gaussian, metric: "conversion")
        #expect(try await bandits.earned(by: Self.id, gaussian).first?.sum == 6)
    }

    /// Two servers over one database know the same, and a bandit made anew goes on where the last one was.
    @Test func aBanditIsRestoredFromItsStore() async throws {
        var numbers = SeededNumbers(seed: 1)
        var bandit = Bandit(Self.spec, arms: [BanditArm("b"), BanditArm("a"), BanditArm("c")])
        let other = BanditStore(database: try home.open())
        bandit.refresh(with: try await other.earned(by: Self.id, Self.spec), draws: 100, using: &numbers)
        #expect(bandit.arms.map(\.name) == ["b", "a", "c"])
        #expect(bandit.arms.map(\.tries) == [2, 4, 0])
    }
}
