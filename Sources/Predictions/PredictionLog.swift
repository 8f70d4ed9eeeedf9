package import Logging
import NIOPosix
import ServiceLifecycle
package import Wire

/// Every prediction that was answered, with the labels that arrived later.
///
/// A prediction is written to a journal before it is answered and moved from there into the store of its day, in groups,
/// soon after. Reading waits until everything that was answered by then is in the store.
package actor PredictionLog: Service {
    private nonisolated let journal: PredictionJournal
    private let partitions: PredictionPartitionStore
    private nonisolated let clock: WallClock
    private nonisolated let entropy: Entropy
    private let logger: Logger
    private var moving: Task<Void, any Error>?

    /// Opens the log in a folder of its own. Predictions that an earlier process answered and did not move are there.
    package init(folder: String, clock: WallClock, entropy: Entropy, logger: Logger) async throws {
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
        let partitions = try PredictionPartitionStore(folder: folder)
        self.partitions = partitions
        var last: String?
        if let day = try await partitions.days().last {
            last = try await partitions.with(day) { try await $0.lastRequest() }
        }
        let newest = last ?? ""
        journal = try await NIOThreadPool.singleton.runIfActive {
            try PredictionJournal(folder: "\(folder)/journal", after: newest)
        }
    }

    /// Moves predictions into the store until the server shuts down, and the rest then.
    package func run() async throws {
        let appended = journal.appended.subscribe()
        await moveAll()
        for await _ in appended.cancelOnGracefulShutdown() { await moveAll() }
        await moveAll()
        await journal.close()
        await partitions.close()
    }

    /// Writes a request to the journal.
    /// - Returns: the id that its answer carries.
    package nonisolated func append(_ request: LoggedRequest) async throws -> PredictionID {
        let id = try await journal.append(request, at: clock.now, entropy: entropy)
        return PredictionID(request: id)
    }

    // MARK: Reading

    /// Given whenever predictions were added.
    package nonisolated var appended: Signal { journal.appended }

    /// - Throws: `PredictionError` 404 when no prediction has this id.
    package func prediction(_ id: PredictionID) async throws -> Prediction {
        try await settle()
        let found = try await partitions.ifPresent(PredictionDay(containing: id.time)) { store in
            try await store.prediction(id)
        }
        guard let prediction = found ?? nil else { throw Self.unknown([id]) }
        return prediction
    }

    /// Up to `query.limit` predictions with their labels, in the order of their ids. Whoever asks again with `after` set
    /// to the last id it got misses none and gets none twice.
    package func predictions(_ query: PredictionQuery) async throws -> [Prediction] {
        try await settle()
        let first = max(query.from ?? .distantPast, query.after?.time ?? .distantPast)
        var found: [Prediction] = []
        for day in try await partitions.days() where day >= PredictionDay(containing: first) {
            if let to = query.to, PredictionDay(containing: to) < day { break }
            var rest = query
            rest.limit = query.limit - found.count
            guard rest.limit > 0 else { break }
            let question = rest
            found += try await partitions.ifPresent(day) { try await $0.predictions(question) } ?? []
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

    // MARK: Labels

    /// Joins labels to their predictions. A later label for the same prediction replaces the earlier one.
    /// - Throws: `PredictionError` 404 that names the first ids which no prediction has; nothing is stored then.
    package func label(_ labels: [PredictionLabel]) async throws {
        try await settle()
        let days = Dictionary(grouping: labels) { PredictionDay(containing: $0.id.time) }
        var unknown: [PredictionID] = []
        for (day, labels) in days {
            let ids = labels.map(\.id)
            unknown += try await partitions.ifPresent(day) { try await $0.unknown(among: ids) } ?? ids
        }
        guard unknown.isEmpty else { throw Self.unknown(unknown) }
        for (day, labels) in days.sorted(by: { $0.key < $1.key }) {
            try await partitions.with(day) { try await $0.label(labels) }
        }
    }

    private static func unknown(_ ids: [PredictionID]) -> PredictionError {
        let names = ids.sorted().prefix(5).map { "'\($0.text)'" }.joined(separator: ", ")
        let rest = ids.count > 5 ? " and \(ids.count - 5) more" : ""
        return PredictionError(
            .doesNotExist, "No prediction has the id \(names)\(rest).",
            hint: "Ids are in the header X-Martlet-Prediction-Id of an answer; row i of several has '.i' after it.")
    }

    // MARK: From the journal into the store

    /// Returns once everything that is in the journal now is in the store.
    private func settle() async throws {
        let end = journal.end
        while journal.storedEnd < end {
            // It clears its own place, so that nobody waits for one that has ended.
            let task =
                moving
                ?? Task {
                    defer { moving = nil }
                    try await move()
                }
            moving = task
            try await task.value
        }
    }

    private func moveAll() async {
        do {
            try await settle()
        } catch {
            logger.error("Predictions stay in the journal for now: \(error)")
        }
    }

    /// Moves all lines there are, a few megabytes at a time, each day in one transaction.
    private func move() async throws {
        let journal = journal
        while let (lines, end) = try await NIOThreadPool.singleton.runIfActive({ try journal.unstored() }) {
            let predictions = lines.split(separator: UInt8(ascii: "\n")).flatMap(parsed)
            for (day, predictions) in Dictionary(grouping: predictions, by: { PredictionDay(containing: $0.time) }) {
                try await partitions.with(day) { try await $0.add(predictions) }
            }
            journal.markStored(end, bytes: lines.count)
        }
    }

    /// A line that is no prediction is passed over: it must not keep those after it from being stored.
    private func parsed(_ line: ArraySlice<UInt8>) -> [Prediction] {
        do {
            return try JournalLine.predictions(of: line)
        } catch {
            logger.error("A line of the prediction journal is passed over: \(error)")
            return []
        }
    }
}

extension Timestamp {
    fileprivate static let distantPast = Timestamp(milliseconds: 0)
}
