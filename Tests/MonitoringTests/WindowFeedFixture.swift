import Database
import Incidents
import NIOCore
import Runtimes
import Statistics
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Monitoring
@testable import Predictions

/// A prediction log whose only observer is a feed, over a real database. Opened again it is the server after it was killed.
struct WindowFeedFixture {
    let folder: TemporaryFolder
    let home: TestDatabase
    let clock: SteppedClock
    let database: Database
    let store: WindowStore
    let feed: WindowFeed
    let log: PredictionLog
    let plans: Plans
    /// Given when there is another plan, as the manifests do.
    let replanned: Signal

    /// What the monitors ask for, as it is now.
    final class Plans: Sendable {
        private struct State {
            var plans: [WindowPlan] = []
            var anchors: WindowAnchors?
            var failure: DatabaseError?
            var isMaking = false
        }

        private let state = Mutex(State())

        init(_ plans: [WindowPlan], anchors: WindowAnchors?) {
            state.withLock { ($0.plans, $0.anchors) = (plans, anchors) }
        }

        /// Whether references are being made.
        var isMaking: Bool {
            get { state.withLock { $0.isMaking } }
            set { state.withLock { $0.isMaking = newValue } }
        }

        var all: [WindowPlan] {
            get { state.withLock { $0.plans } }
            set { state.withLock { $0.plans = newValue } }
        }

        /// Why the reference of the monitor `broken` cannot be read.
        var failure: DatabaseError? {
            get { state.withLock { $0.failure } }
            set { state.withLock { $0.failure = newValue } }
        }

        var anchors: WindowAnchors? {
            get { state.withLock { $0.anchors } }
            set { state.withLock { $0.anchors = newValue } }
        }
    }

    init(
        _ plans: [WindowPlan] = [WindowPlan(monitor: "health", endpoint: "clinic", window: .rows(50))],
        anchors: WindowAnchors? = nil
    ) async throws {
        try await self.init(
            folder: TemporaryFolder(), home: TestDatabase(), clock: SteppedClock(),
            plans: Plans(plans, anchors: anchors))
    }

    private init(folder: TemporaryFolder, home: TestDatabase, clock: SteppedClock, plans: Plans) async throws {
        (self.folder, self.home, self.clock, self.plans) = (folder, home, clock, plans)
        replanned = Signal()
        database = try home.open()
        try await database.migrate(WindowSchema.migrations)
        store = WindowStore(database: database)
        feed = WindowFeed(store: store, clock: clock.clock, logger: LiveServer.quiet, replanned: replanned) {
            plans.all
        } anchors: { plan, _, _ in
            if plan.monitor == "broken", let failure = plans.failure { throw failure }
            return plans.isMaking ? .making(isReplaced: false) : .known(plans.anchors)
        }
        log = try await PredictionLog(
            folder: folder.path("predictions"), clock: clock.clock, entropy: .system, observers: [feed.observer],
            logger: LiveServer.quiet)
    }

    /// The same after the server was killed: what was not stored is lost.
    func killed() async throws -> WindowFeedFixture {
        try await WindowFeedFixture(folder: folder, home: home, clock: clock, plans: plans)
    }

    /// Lets the feed count all there is, and store what it wants to.
    func tell() async throws {
        _ = try await log.predictions(PredictionQuery())
        while let telling = await log.telling { await telling.value }
    }

    /// Answers requests.
    func predict(
        _ count: Int, version: Int = 1, variant: String = "main", endpoint: String = "clinic", caller: String = "ann",
        rows: Int = 1, pauseMs: Int64 = 1_000, policy: LogPolicy = .standard,
        inputs: (Int) -> JSON = { ["age": .integer(Int64($0))] }
    ) async throws {
        for number in 0..<count {
            clock.advance(by: pauseMs)
            _ = try await log.append(
                LoggedRequest(
                    endpoint: endpoint, variant: variant, model: "clinic", version: version, latencyUs: 100,
                    caller: caller, input: .document(inputs(number)), output: .json(.double(Double(number) / 10)),
                    rowCount: rows), policy: policy)
        }
    }

    /// Imports predictions that were made elsewhere, a line each, and lets the feed count them.
    func take(_ lines: [String]) async throws {
        let body = ByteBuffer(string: lines.joined(separator: "\n") + "\n")
        let bytes = AsyncThrowingStream<ByteBuffer, any Error> { continuation in
            continuation.yield(body)
            continuation.finish()
        }
        let receipt = try await PredictionImport(
            to: log, policies: [:], caller: "ann", endpoint: nil, clock: clock.clock, entropy: .system
        ).take(bytes: bytes)
        #expect(receipt.accepted == lines.count)
        try await log.settleObservers()
    }

    /// All records of a monitor in one.
    func whole(_ slice: TrafficSlice = .whole, of monitor: String = "health") async throws -> WindowRecord? {
        try await store.merged(
            monitor: monitor, slice: slice, from: Timestamp(milliseconds: 0), to: Timestamp(milliseconds: .max))
    }

    func waiting(of monitor: String = "health") async throws -> [TrafficWindow] {
        try await store.waiting(of: monitor, at: clock.now)
    }
}
