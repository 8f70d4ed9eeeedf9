package import Logging
import NIOPosix
import ServiceLifecycle
package import Wire

/// Every prediction that was answered, with the labels and the feedback that arrived later.
///
/// A prediction is written to a journal before it is answered and moved from there into the store of its day, in groups,
/// soon after. Reading waits until everything that was answered by then is in the store.
package actor PredictionLog: Service {
    nonisolated let journal: PredictionJournal
    /// What models printed with the requests that are logged, and with those that failed.
    package nonisolated let printed = PrintedOutputs()
    let partitions: PredictionPartitionStore
    let observers: [PredictionObserver]
    /// Predictions that were made elsewhere come in one after the other.
    nonisolated let imports = Turnstile(places: 1, queueLimit: 64)
    nonisolated let clock: WallClock
    nonisolated let entropy: Entropy
    let logger: Logger
    /// Given whenever labels came.
    package nonisolated let labelled = Signal()
    /// The days that may have labels which nobody has looked at; nil before anybody asked.
    var labelledDays: Set<PredictionDay>?
    var moving: Task<Void, any Error>?
    var telling: Task<Void, Never>?
    /// What the store took and observers were not told yet, as far as it is here, so that they need not read it again; in the
    /// order of the journal.
    var taken: [TakenPortion] = []

    /// Opens the log in a folder of its own. Predictions that an earlier process answered and did not move are there.
    package init(
        folder: String, clock: WallClock, entropy: Entropy, observers: [PredictionObserver] = [], logger: Logger
    ) async throws {
        self.clock = clock
        self.entropy = entropy
        self.observers = observers
        self.logger = logger
        let partitions = try PredictionPartitionStore(folder: folder)
        self.partitions = partitions
        var last: String?
        // A day may have labels only, of predictions of other days.
        for day in try await partitions.days().reversed() where last == nil {
            last = try await partitions.with(day) { try await $0.lastRequest() }
        }
        let newest = last.flatMap(RequestNumber.init)
        let limits = observers.isEmpty ? PredictionJournal.Limits(heldNumbers: 0) : PredictionJournal.Limits()
        journal = try await NIOThreadPool.singleton.runIfActive {
            try PredictionJournal(folder: "\(folder)/journal", after: newest, limits: limits, entropy: entropy)
        }
    }

    /// Moves predictions into the store until the server shuts down, and the rest then.
    package func run() async throws {
        let appended = journal.appended.subscribe()
        await announce()
        await moveAll()
        for await _ in appended.cancelOnGracefulShutdown() {
            await moveAll()
            // A transaction for every few predictions would take longer than to answer them. Who reads does not wait for it.
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.pause) }
        }
        await moveAll()
        await telling?.value
        await journal.close(keepsAll: !(await haveObserversSettled()))
        await partitions.close()
    }

    /// Between two moves of what was answered meanwhile.
    private static let pause = Duration.milliseconds(250)

    /// The longest `unit`, in bytes.
    package static let maximumUnitBytes = 4096

    /// Writes a request to the journal.
    /// - Returns: the id that its answer carries, once it is as safe as the policy wants it.
    /// - Throws: `PredictionError` for a unit that cannot be kept; when the disk is full or cannot keep up.
    package nonisolated func append(
        _ request: LoggedRequest, policy: LogPolicy = .standard
    ) async throws -> PredictionID {
        if let unit = request.unit, unit.utf8.count > Self.maximumUnitBytes || unit.utf8.contains(0) {
            throw PredictionError(
                .invalidParameterValue,
                "Who a request is about is a text of up to \(Self.maximumUnitBytes) bytes without the character U+0000.",
                hint: "Send a short name of it, such as a customer's number.")
        }
        let id = try await journal.append(request, policy: policy, at: clock.now, entropy: entropy)
        return PredictionID(request: id)
    }

    // MARK: Reading

    /// Names this log among those of other data folders: what its observers count is told apart by it.
    package nonisolated var source: String { journal.source }

    /// Given whenever predictions were added.
    package nonisolated var appended: Signal { journal.appended }

    /// The largest id that a request has.
    nonisolated var newest: PredictionID { PredictionID(request: journal.newest.text) }

    /// - Throws: `PredictionError` 404 when no prediction has this id, or it was not kept.
    package func prediction(_ id: PredictionID) async throws -> Prediction {
        try await settle()
        let day = PredictionDay(containing: id.time)
        let found = try await partitions.ifPresent(day) { try await $0.prediction(id) }
        if var prediction = found ?? nil {
            prediction.printed = printed.lines(of: id)
            return prediction
        }
        let contexts = try await partitions.ifPresent(day) { try await $0.contexts(of: [id]) } ?? []
        throw contexts.first.map(Self.notKept) ?? Self.unknown([id])
    }

    /// Up to `query.limit` predictions with their labels, in the order of their ids; fewer when they are large. Whoever asks
    /// again with `after` set to the last id it got misses none and gets none twice.
    package func predictions(_ query: PredictionQuery) async throws -> [Prediction] {
        try await settle()
        let first = max(query.from ?? .distantPast, query.after?.time ?? .distantPast)
        var found: [Prediction] = []
        for day in try await partitions.days() where day >= PredictionDay(containing: first) {
            if let to = query.to, PredictionDay(containing: to) < day { break }
            let rest = query.rest(after: found)
            guard !rest.isSatisfied else { break }
            found += try await partitions.ifPresent(day) { try await $0.predictions(rest) } ?? []
        }
        return found
    }

    /// The newest predictions of an endpoint, newest first.
    package func latest(of endpoint: String, limit: Int) async throws -> [Prediction] {
        try await settle()
        var found: [Prediction] = []
        for day in try await partitions.days().reversed() where found.count < limit {
            let query = PredictionQuery(endpoint: endpoint, limit: limit - found.count)
            found += try await partitions.ifPresent(day) { try await $0.predictions(query, newestFirst: true) } ?? []
        }
        return found
    }

    /// How predictions came about, also of those that are not in their endpoint's sample: a few statements a day, however
    /// many there are. Ids that no prediction has are missing.
    package func contexts(of ids: some Collection<PredictionID>) async throws -> [PredictionID: PredictionContext] {
        try await settle()
        var found: [PredictionID: PredictionContext] = [:]
        for (day, ids) in Dictionary(grouping: ids, by: { PredictionDay(containing: $0.time) }) {
            for context in try await partitions.ifPresent(day, { try await $0.contexts(of: ids) }) ?? [] {
                found[context.id] = context
            }
        }
        return found
    }

    static func unknown(_ ids: [PredictionID]) -> PredictionError {
        let names = ids.sorted().prefix(5).map { "'\($0.text)'" }.joined(separator: ", ")
        let rest = ids.count > 5 ? " and \(ids.count - 5) more" : ""
        return PredictionError(
            .doesNotExist, "No prediction has the id \(names)\(rest).",
            hint: "Ids are in the header X-Martlet-Prediction-Id of an answer; row i of several has '.i' after it.")
    }

    private static func notKept(_ context: PredictionContext) -> PredictionError {
        PredictionError(
            .doesNotExist,
            "Prediction '\(context.id.text)' was answered by variant '\(context.variant)' of endpoint "
                + "'\(context.endpoint)' and not kept: it was sampled out.",
            hint: "What is kept is log.sample_percent of the endpoint's manifest.")
    }
}

extension Timestamp {
    fileprivate static let distantPast = Timestamp(milliseconds: 0)
}
