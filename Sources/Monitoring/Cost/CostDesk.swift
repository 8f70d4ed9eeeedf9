import Incidents
package import Wire

/// Answers what a monitor's predictions cost.
package struct CostDesk: Sendable {
    private let store: CostStore
    let sampler: CostSampler
    private let clock: WallClock
    private let serves: @Sendable (_ endpoint: String) async throws -> Bool

    /// - Parameters:
    ///   - sampler: is asked for what it has seen of the minute under way.
    ///   - serves: whether an endpoint is served here; of others predictions are sent, and what they took is not seen.
    package init(
        store: CostStore, sampler: CostSampler, clock: WallClock,
        serves: @escaping @Sendable (_ endpoint: String) async throws -> Bool = { _ in true }
    ) {
        self.store = store
        self.sampler = sampler
        self.clock = clock
        self.serves = serves
    }

    /// Bears nothing of what the servers took where predictions were made elsewhere.
    func cost(_ cost: WindowCost?, at endpoint: String) async throws -> WindowCost? {
        guard let cost, cost.server.rows > 0, try await !serves(endpoint) else { return cost }
        var server = cost.server
        server.rows = 0
        return WindowCost(workers: nil, server: server, disk: cost.disk, rows: cost.rows)
    }

    /// What a rule asks of a time: no more is looked for. Nil when it asks nothing, or nothing was recorded.
    /// - Parameter rows: whose rows the workers answered in these minutes.
    package func cost(
        model: String, version: Int, from start: Timestamp, to end: Timestamp, rows: WindowCost.Rows? = nil,
        by rule: CostRule
    ) async throws -> WindowCost? {
        if rule.asksWhatWasTaken {
            return try await cost(model: model, version: version, from: start, to: end, rows: rows)
        }
        guard rule.diskFullDays != nil, let disk = try await disk() else { return nil }
        return WindowCost(workers: nil, server: CostRecord(), disk: disk)
    }

    /// What was taken in a time by a model's workers and by the servers; nil when nothing was recorded.
    /// - Parameter rows: whose rows the workers answered in these minutes.
    package func cost(
        model: String, version: Int, from start: Timestamp, to end: Timestamp, rows: WindowCost.Rows? = nil
    ) async throws -> WindowCost? {
        try await sampler.bringUpToDate()
        let records = try await store.records(from: start, to: end + .milliseconds(1))
        guard let server = records[.server] else { return nil }
        return WindowCost(
            workers: records[.model(model, version: version)], server: server, disk: try await disk(),
            rows: rows)
    }

    /// What the minutes of a window took, and whose rows they had. A window that the clock cuts ends before the minute of its end.
    func cost(of window: TrafficWindow, of monitor: Monitor, counted windows: WindowStore) async throws -> WindowCost? {
        let rule = monitor.cost
        let end = window.source == nil ? window.end + .milliseconds(-1) : window.end
        let rows =
            rule.asksWhatWasTaken
            ? try await windows.shares(of: window.lane, in: window.monitor, from: window.start, to: end) : nil
        let taken = try await cost(
            model: window.lane.model ?? "", version: window.lane.version ?? 0, from: window.start, to: end, rows: rows,
            by: rule)
        return try await cost(taken, at: monitor.endpoint)
    }

    /// When this server's disk will be full; nil while too little is known.
    package func disk() async throws -> DiskForecast? {
        try await sampler.disk()
    }

    /// What every subject took in the last `minutes`.
    package func records(minutes: Int) async throws -> [CostSubject: CostRecord] {
        try await sampler.bringUpToDate()
        let now = clock.now
        return try await store.records(
            from: Timestamp(milliseconds: now.milliseconds - Int64(minutes) * 60_000), to: now + .milliseconds(1))
    }
}
