import Experiments
import Logging
import Predictions
import Runtimes
import Synchronization
import Telemetry
import Wire

/// A request that was answered, on its way to the model that is tried in the shadow.
struct ShadowRequest: Sendable {
    let id: PredictionID
    let input: ModelInput
    let parameters: JSON?
    let rowCount: Int
    let answer: ModelOutput
    /// The version that answered, such as `churn/3`.
    let version: String
    let latencyUs: Int64
}

/// Gives copies of requests to a model whose answers nobody waits for, and keeps how they compare.
///
/// It is the first to go without when there is much to do: nothing is copied while the endpoint is crowded, and what does
/// not fit into a short queue is left out, and counted.
final class ShadowMirror: Sendable {
    let deployment: Deployment
    let percent: Int
    /// Requests of which it took a copy, and those that it went without.
    let taken = Counter()
    let dropped = Counter()
    private let endpoint: String
    private let store: ShadowStore
    private let clock: WallClock
    private let logger: Logger
    private let queue: AsyncStream<ShadowRequest>
    private let feed: AsyncStream<ShadowRequest>.Continuation
    private let compared = Mutex(Compared())

    /// What has not been written down yet.
    private struct Compared {
        var pairs: [ShadowPair] = []
        /// Requests that were left out.
        var dropped = 0
    }

    /// So many requests may wait.
    private static let queueLimit = 64
    /// A request with more rows than this is left out.
    private static let maximumRows = 1000
    /// So many rows are written together at most.
    private static let groupRows = 500
    private static let pace = Duration.milliseconds(250)
    /// The longest that a shadow may think about one request.
    private static let patience = Duration.seconds(30)

    init(
        _ deployment: Deployment, percent: Int, endpoint: String, store: ShadowStore, clock: WallClock, logger: Logger
    ) {
        self.deployment = deployment
        self.percent = percent
        self.endpoint = endpoint
        self.store = store
        self.clock = clock
        self.logger = logger
        (queue, feed) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.queueLimit))
    }

    /// Takes a copy of a request, if it is one of the sample and there is room.
    /// - Parameter isCrowded: whether requests may have to wait for each other.
    func offer(_ request: ShadowRequest, isCrowded: Bool) {
        guard isSampled(request.id) else { return }
        if !isCrowded, request.rowCount <= Self.maximumRows, case .enqueued = feed.yield(request) {
            taken.add()
        } else {
            dropped.add()
            compared.withLock { $0.dropped += 1 }
        }
    }

    /// By the id, so that it can be told afterwards which requests were meant to be copied.
    private func isSampled(_ id: PredictionID) -> Bool {
        Bucket(unit: id.request, salt: "shadow").index < percent * 100
    }

    /// Answers copies until it is closed, and writes down how they compare a few times a second.
    func run() async {
        await withDiscardingTaskGroup { tasks in
            tasks.addTask {
                while (try? await Task.sleep(for: Self.pace)) != nil { await self.keep() }
            }
            for await request in queue {
                let pairs = await answer(request)
                let isMuch = compared.withLock { compared in
                    compared.pairs += pairs
                    return compared.pairs.count >= Self.groupRows
                }
                if isMuch { await keep() }
            }
            tasks.cancelAll()
        }
        await keep()
    }

    /// Takes no more copies, and returns once what runs the model has ended.
    func close() async {
        feed.finish()
        await deployment.retire()
    }

    private func answer(_ request: ShadowRequest) async -> [ShadowPair] {
        guard deployment.enter() else { return [] }
        defer { deployment.leave() }
        let start = ContinuousClock.now
        var output: ModelOutput?
        var problem: String?
        do {
            output = try await deployment.runtime.predict(
                request.input, parameters: request.parameters,
                context: PredictionContext(deadline: start + Self.patience))
        } catch {
            problem = String("\(error)".prefix(500))
        }
        let latencyUs = start.duration(to: .now).microseconds
        let now = clock.now
        return (0..<request.rowCount).map { row in
            ShadowPair(
                prediction: PredictionID(request: request.id.request, row: request.rowCount > 1 ? row : nil).text,
                time: now, primaryVersion: request.version, shadowVersion: deployment.version.label,
                primary: request.answer.row(row, of: request.rowCount).finite,
                shadow: output?.row(row, of: request.rowCount).finite, primaryLatencyUs: request.latencyUs,
                shadowLatencyUs: latencyUs, problem: problem)
        }
    }

    private func keep() async {
        let group = compared.withLock { compared in
            defer { compared = Compared() }
            return compared
        }
        guard !group.pairs.isEmpty else {
            compared.withLock { $0.dropped += group.dropped }
            return
        }
        do {
            try await store.add(group.pairs, dropped: group.dropped, of: endpoint)
        } catch {
            logger.error("\(group.pairs.count) comparisons with the shadow of \(endpoint) are lost: \(error)")
        }
    }
}
