package import Logging
import ServiceLifecycle
package import Wire

/// Forgets predictions that are older than their endpoint keeps them, a day of an endpoint at a time, with their labels and
/// feedback. A day all of whose predictions go is a file that is deleted.
///
/// What an endpoint keeps is remembered when the endpoint is deleted, because what was promised of its predictions still
/// holds. An endpoint that never said so keeps them for ever.
package struct PredictionRetention: Service {
    private let log: PredictionLog
    private let store: RetentionStore
    private let policies: @Sendable () async throws -> [String: LogPolicy]
    private let clock: WallClock
    private let logger: Logger

    private static let pause = Duration.seconds(3600)

    /// - Parameter policies: those of the endpoints there are, by name.
    package init(
        log: PredictionLog, store: RetentionStore, clock: WallClock, logger: Logger,
        policies: @escaping @Sendable () async throws -> [String: LogPolicy]
    ) {
        self.log = log
        self.store = store
        self.policies = policies
        self.clock = clock
        self.logger = logger
    }

    /// Looks once an hour until the server shuts down.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await pass()
                } catch {
                    logger.error("Old predictions are not forgotten for now: \(error)")
                }
                try? await Task.sleep(for: Self.pause)
            }
        }
    }

    /// Forgets what is old enough at this moment.
    func pass() async throws {
        try await store.remember(try await policies().mapValues(\.retentionDays))
        let retention = try await store.retentionDays()
        let today = PredictionDay(containing: clock.now)
        for old in try await log.expired(on: today, keeping: retention) {
            // Told first: what is told twice after a crash is better than what is never told.
            try await store.record(old)
            try await log.forget(old)
        }
    }
}

/// Predictions of one day that are older than their endpoints keep them.
struct ExpiredPredictions: Sendable, Hashable {
    let day: PredictionDay
    /// How many there are of each endpoint; those that were sampled out count.
    let counts: [String: Int]
    /// Whether the day has no others.
    let isWholeDay: Bool
}

extension PredictionLog {
    /// The days that hold predictions which ended at least as many days ago as their endpoint keeps them.
    func expired(on today: PredictionDay, keeping retention: [String: Int]) async throws -> [ExpiredPredictions] {
        guard let shortest = retention.values.min() else { return [] }
        try await settle()
        var found: [ExpiredPredictions] = []
        for day in try await partitions.days() where day.ended(days: shortest, before: today) {
            let endpoints = retention.filter { day.ended(days: $0.value, before: today) }.map(\.key)
            let old = try await partitions.ifPresent(day) { store -> ExpiredPredictions? in
                let counts = try await store.counts(of: endpoints)
                // One that was forgotten in part is not looked through again.
                if counts.isEmpty, try await !store.isEmpty() { return nil }
                return ExpiredPredictions(
                    day: day, counts: counts, isWholeDay: try await !store.hasOthers(than: endpoints))
            }
            if let old = old ?? nil { found.append(old) }
        }
        return found
    }

    /// Drops predictions with all that became known of them.
    func forget(_ old: ExpiredPredictions) async throws {
        // A day that is being read at this moment loses its rows now and its file the next time.
        if old.isWholeDay, try await partitions.forget(old.day) { return }
        try await partitions.ifPresent(old.day) { store in
            for endpoint in old.counts.keys.sorted() { try await store.forget(endpoint) }
        }
    }
}

extension PredictionDay {
    /// Whether the day had ended so many days before `today` began.
    fileprivate func ended(days: Int, before today: PredictionDay) -> Bool {
        number + 1 + Int64(days) <= today.number
    }
}
