package import Database
package import Wire

/// Where the points of metrics are kept. What a run's metric has come to stands in one row beside them, under whose number
/// the points are.
package struct MetricStore: Sendable {
    let database: Database

    package init(database: Database) {
        self.database = database
    }

    /// The points of a metric by timestamp, step and value. An unknown run or key has none.
    /// - Parameter limit: nil for all.
    package func history(of key: String, run: String, limit: Int?, offset: Int = 0) async throws -> Page<Metric> {
        let most = limit ?? Int(Int32.max) - 1
        let points = try await database.read { reader in
            guard let series = try Self.series(of: key, run: run, in: reader) else { return [] as [Metric] }
            var points: [Metric] = []
            try reader.forEachRow(
                """
                SELECT timestamp, step, value, is_nan FROM metrics WHERE series_id = \(series)
                ORDER BY timestamp, step, value, is_nan LIMIT \(most + 1) OFFSET \(offset)
                """
            ) { points.append(try Metric(point: $0, of: key)) }
            return points
        }
        return Page(rows: points, limit: most, offset: offset)
    }

    /// The points of a metric of several runs, by run, timestamp, step and value: `limit` in all.
    package func history(of key: String, runs: [String], limit: Int) async throws -> [Metric] {
        try await database.read { reader in
            var points: [Metric] = []
            try reader.forEachRow(
                """
                SELECT p.timestamp, p.step, p.value, p.is_nan, l.run_id
                FROM latest_metrics l JOIN metrics p ON p.series_id = l.series_id
                WHERE l.run_id IN \(list: runs) AND l.key = \(key)
                ORDER BY l.run_id, p.timestamp, p.step, p.value, p.is_nan LIMIT \(limit)
                """
            ) { points.append(try Metric(point: $0, of: key, run: try $0.get(4))) }
            return points
        }
    }

    /// At most `limit` points of a metric of one run, evenly spread over those within `steps`, by step, timestamp and
    /// value.
    package func samples(
        of key: String, run: String, steps: ClosedRange<Int64> = .min ... .max, limit: Int
    ) async throws -> [Metric] {
        try await database.read { reader in
            guard let series = try Self.series(of: key, run: run, in: reader) else { return [] }
            let points: SQL = """
                FROM metrics WHERE series_id = \(series)
                AND step >= \(steps.lowerBound) AND step <= \(steps.upperBound)
                """
            let count = try reader.value("SELECT COUNT(*) \(points)", as: Int.self) ?? 0
            var places = Sampling.evenPlaces(count: count, limit: limit)[...]
            var samples: [Metric] = []
            var place = 0
            try reader.forEachRow(
                "SELECT timestamp, step, value, is_nan \(points) ORDER BY step, timestamp, value, is_nan"
            ) { row in
                if places.first == place {
                    samples.append(try Metric(point: row, of: key, run: run))
                    places.removeFirst()
                }
                place += 1
            }
            return samples
        }
    }

    private static func series(of key: String, run: String, in reader: Reader) throws -> Int64? {
        try reader.value("SELECT series_id FROM latest_metrics WHERE run_id = \(run) AND key = \(key)")
    }

    private static let summaries = OwnedRows(
        "timestamp, step, value, is_nan, key", from: "latest_metrics", owner: "run_id", orderedBy: "key")

    /// The latest point of each key, by key; at each run's place.
    /// - Parameter most: of each run no more are read; all when nil.
    static func latest(of runs: [String], most: Int? = nil, in reader: Reader) throws -> [[Metric]] {
        try reader.lists(summaries.first(most), of: runs) { try Metric(point: $0, of: try $0.get(4)) }
    }

    // MARK: Logging

    /// A metric of a run while points are added to it.
    private struct Series {
        /// Nil while it has no row.
        let number: Int64?
        var summary: MetricSummary
        var isChanged = false

        mutating func add(_ point: MetricPoint) {
            if summary.add(point), number != nil { isChanged = true }
        }
    }

    /// What became of points that were logged.
    struct Logged {
        /// How many were not there already.
        var added = 0
        /// The keys that the run did not have before.
        var newKeys: [String] = []
    }

    /// Adds points; one that is there already is not added again.
    /// - Throws: `TrackingError` for a point of an unknown logged model.
    static func log(_ points: [Metric], to run: RunInfo, in transaction: Transaction) throws -> Logged {
        guard !points.isEmpty else { return Logged() }
        let keys = points.count == 1 ? [points[0].key] : Set(points.map(\.key))
        var series = try series(keys, of: run.id, in: transaction)
        var newKeys: [String] = []
        for metric in points {
            let point = metric.point
            if series[metric.key]?.add(point) == nil {
                series[metric.key] = Series(number: nil, summary: MetricSummary(of: point))
                newKeys.append(metric.key)
            }
        }
        try update(series.values.filter(\.isChanged), in: transaction)
        if !newKeys.isEmpty {
            try insert(newKeys.compactMap { key in series[key].map { (key, $0.summary) } }, of: run, in: transaction)
            let new = try Self.series(Set(newKeys), of: run.id, in: transaction)
            series.merge(new) { $1 }
        }
        let added = try transaction.insert(
            into: "metrics (series_id, timestamp, step, value, is_nan)",
            rows: points.map { metric in [(series[metric.key]?.number).sqlValue] + metric.point.columns },
            "ON CONFLICT DO NOTHING")
        try LoggedModelStore.log(points.filter { $0.modelID != nil }, from: run, in: transaction)
        return Logged(added: added, newKeys: newKeys)
    }

    /// What is known of some metrics of a run, by key.
    private static func series(_ keys: Set<String>, of run: String, in reader: Reader) throws -> [String: Series] {
        var series: [String: Series] = [:]
        series.reserveCapacity(keys.count)
        try reader.forEachRow(of: Array(keys)) { keys in
            """
            SELECT timestamp, step, value, is_nan, key, series_id, first_timestamp, first_step, first_value, min_value,
                max_value
            FROM latest_metrics WHERE run_id = \(run) AND key IN \(list: keys)
            """
        } _: { row in
            series[try row.get(4)] = Series(number: try row.get(5), summary: try MetricSummary(row: row))
        }
        return series
    }

    private static func update(_ series: [Series], in transaction: Transaction) throws {
        try transaction.update(
            "latest_metrics",
            set: [
                "timestamp", "step", "value", "is_nan", "first_timestamp", "first_step", "first_value", "min_value",
                "max_value",
            ], by: "series_id",
            rows: series.compactMap { series in
                series.number.map { series.summary.columns + [$0.sqlValue] }
            })
    }

    private static func insert(
        _ summaries: [(key: String, summary: MetricSummary)], of run: RunInfo, in transaction: Transaction
    ) throws {
        try transaction.insert(
            into: """
                latest_metrics (run_id, experiment_id, key, timestamp, step, value, is_nan, first_timestamp, first_step,
                    first_value, min_value, max_value)
                """,
            rows: summaries.map { key, summary in
                [run.id.sqlValue, run.experimentID.sqlValue, key.sqlValue] + summary.columns
            })
    }
}

extension MetricPoint {
    /// Columns: timestamp, step, value, is_nan.
    init(row: Row) throws {
        let isNaN: Bool = try row.get(3)
        self.init(timestamp: try row.get(0), step: try row.get(1), value: isNaN ? .nan : try row.get(2))
    }

    fileprivate var columns: [SQLValue] {
        [timestamp.sqlValue, step.sqlValue, storedValue.sqlValue, value.isNaN.sqlValue]
    }
}

extension Metric {
    /// Columns: timestamp, step, value, is_nan.
    fileprivate init(point row: Row, of key: String, run: String? = nil) throws {
        let point = try MetricPoint(row: row)
        self.init(key: key, value: point.value, timestamp: point.timestamp, step: point.step, runID: run)
    }
}

extension MetricSummary {
    /// Columns: timestamp, step, value, is_nan, key, series_id, first_timestamp, first_step, first_value, min_value,
    /// max_value.
    fileprivate init(row: Row) throws {
        var first: MetricPoint?
        if let value: Double = try row.get(8) {
            first = MetricPoint(timestamp: try row.get(6), step: try row.get(7), value: value)
        }
        self.init(latest: try MetricPoint(row: row), first: first, minimum: try row.get(9), maximum: try row.get(10))
    }

    /// In the order in which they are written.
    fileprivate var columns: [SQLValue] {
        [
            latest.timestamp.sqlValue, latest.step.sqlValue, latest.storedValue.sqlValue, latest.value.isNaN.sqlValue,
            (first?.timestamp).sqlValue, (first?.step).sqlValue, (first?.value).sqlValue, minimum.sqlValue,
            maximum.sqlValue,
        ]
    }
}
