package import Logging
import ServiceLifecycle
package import Wire

/// Looks every few seconds at what the server and its workers take, and keeps a record for each minute. A process that is
/// killed loses what it saw of the minute under way.
package actor CostSampler: Service {
    private let reader: ResourceReader
    private let store: CostStore
    private let source: String
    private let clock: WallClock
    private let load: @Sendable () async throws -> ResourceReader.Load
    private let logger: Logger
    private var last: ResourceReading?
    private var minute: Int64?
    private var open: [CostSubject: CostRecord] = [:]
    private var rolledUp: Timestamp?
    /// What each subject has taken since the server started.
    private var sums: [CostSubject: CostRecord] = [:]
    private var outlook: (forecast: DiskForecast?, until: Timestamp)?

    private static let pause = Duration.seconds(5)
    private static let betweenRollUps: Int64 = 3_600_000
    /// What was seen so short a time ago is what there is now.
    private static let freshness = Duration.seconds(1)
    /// A trend of days does not change sooner.
    private static let outlookLifetime = Duration.seconds(60)
    private static let trendDays: Int64 = 7

    /// - Parameters:
    ///   - source: names this server among those over the same database.
    ///   - load: the worker processes there are, and how many rows were predicted since the server started.
    package init(
        reader: ResourceReader, store: CostStore, source: String, clock: WallClock, logger: Logger,
        load: @escaping @Sendable () async throws -> ResourceReader.Load
    ) {
        self.reader = reader
        self.store = store
        self.source = source
        self.clock = clock
        self.logger = logger
        self.load = load
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    try await self.look()
                } catch {
                    self.logger.error("What the server takes is not recorded for now: \(error)")
                }
                try? await Task.sleep(for: Self.pause)
            }
        }
        try? await flush()
    }

    /// Takes one sample.
    package func look() async throws {
        let reading = try await reader.read(try await load())
        // Somebody else has looked meanwhile.
        if let last, reading.time <= last.time { return }
        let now = reading.time.milliseconds / CostStore.minuteMs * CostStore.minuteMs
        if let minute, minute != now { try await flush() }
        minute = now
        if let last {
            for (subject, record) in reading.used(since: last) {
                open[subject, default: CostRecord()].merge(record)
                sums[subject, default: CostRecord()].merge(record)
            }
        }
        last = reading
        if reading.time.milliseconds - (rolledUp?.milliseconds ?? 0) > Self.betweenRollUps {
            rolledUp = reading.time
            try await store.rollUp(at: reading.time)
        }
    }

    /// Looks and writes down what was seen of the minute under way, for who asks for it now: once, however many ask at once.
    package func bringUpToDate() async throws {
        let isFresh = last.map { clock.now < $0.time + Self.freshness } ?? false
        if !isFresh { try await look() }
        try await flush()
    }

    /// Writes down what was seen of the minute under way.
    package func flush() async throws {
        guard let minute, !open.isEmpty else { return }
        let records = open
        open = [:]
        do {
            try await store.add(
                records, disk: last?.disk, at: Timestamp(milliseconds: minute), source: source)
        } catch {
            for (subject, record) in records { open[subject, default: CostRecord()].merge(record) }
            throw error
        }
    }

    /// When this server's disk will be full; nil while too little is known.
    package func disk() async throws -> DiskForecast? {
        let now = clock.now
        if let outlook, now < outlook.until { return outlook.forecast }
        let since = Timestamp(milliseconds: now.milliseconds - Self.trendDays * 86_400_000)
        let forecast = DiskForecast(try await store.disk(of: source, since: since))
        outlook = (forecast, now + Self.outlookLifetime)
        return forecast
    }

    /// The newest reading, and what was taken since the server started.
    package var state: (reading: ResourceReading, sums: [CostSubject: CostRecord])? {
        last.map { ($0, sums) }
    }
}
