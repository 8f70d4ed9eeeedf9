import Logging
import Predictions
import Runtimes
import Synchronization
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
    private let endpoint: String
    private let store: ShadowStore
    private let clock: WallClock
    private let logger: Logger
    private let queue: AsyncStream<ShadowRequest>
    private let feed: AsyncStream<ShadowRequest>.Continuation
    private let dropped = Mutex(0)

    /// So many requests may wait.
    private static let queueLimit = 256
    /// So many rows are written together at most.
    private static let groupRows = 500
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
        if !isCrowded, case .enqueued = feed.yield(request) { return }
        dropped.withLock { $0 += 1 }
    }

    /// By the id, so that it can be told afterwards which requests were meant to be copied.
    private func isSampled(_ id: PredictionID) -> Bool {
        // FNV-1a over the id's digits.
        let hash = id.request.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
        return Int(hash % 100) < percent
    }

    /// Answers copies until it is closed.
    func run() async {
        var pairs: [ShadowPair] = []
        var requests = 0
        var written = ContinuousClock.now
        for await request in queue {
            pairs += await answer(request)
            requests += 1
            // Together while they come quickly, each at once when they come slowly.
            guard pairs.count >= Self.groupRows || ContinuousClock.now - written > .milliseconds(250) else { continue }
            await keep(&pairs, &requests)
            written = .now
        }
        await keep(&pairs, &requests)
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

    private func keep(_ pairs: inout [ShadowPair], _ requests: inout Int) async {
        guard !pairs.isEmpty else { return }
        let lost = dropped.withLock { dropped in
            defer { dropped = 0 }
            return dropped
        }
        do {
            try await store.add(pairs, requests: requests, dropped: lost, of: endpoint)
        } catch {
            logger.error("\(pairs.count) comparisons with the shadow of \(endpoint) are lost: \(error)")
        }
        pairs = []
        requests = 0
    }
}
