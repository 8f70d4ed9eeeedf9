package import Database
package import Wire

/// Where the points of metrics are kept. What a run's metric has come to stands in one row beside them, under whose number
/// the points are.
package struct MetricStore: Sendable {
    private let database: Database

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

    /// The latest point of each key, by run.
    static func latest(of runs: [String], in reader: Reader) throws -> [String: [Metric]] {
        var metrics: [String: [Metric]] = [:]
        try reader.forEachRow(of: runs) { runs in
            """
            SELECT timestamp, step, value, is_nan, key, run_id FROM latest_metrics
            WHERE run_id IN \(list: runs) ORDER BY run_id, key
            """
        } _: { row in
            metrics[try row.get(5), default: []].append(try Metric(point: row, of: try row.get(4)))
        }
        return metrics
    }

    // MARK: Logging

    /// Adds points; one that is there already is not added again.
    /// - Returns: how many were added.
    /// - Throws: `TrackingError` for a point of an unknown logged model.
    @discardableResult
    static func log(_ points: [Metric], to run: RunInfo, in transaction: Transaction) throws -> Int {
        guard !points.isEmpty else { return 0 }
        let known = try known(Set(points.map(\.key)), of: run.id, in: transaction)
        var summaries: [String: MetricSummary] = [:]
        for point in points {
            guard var summary = summaries[point.key] ?? known[point.key]?.summary else {
                summaries[point.key] = MetricSummary(of: point)
                continue
            }
            summary.add(point)
            summaries[point.key] = summary
        }
        let changed = summaries.filter { known[$0.key].map(\.summary) != $0.value }
        try write(changed, over: known.mapValues(\.series), of: run, in: transaction)
        var series = known.mapValues(\.series)
        if known.count < summaries.count {
            let new = Set(summaries.keys).subtracting(known.keys)
            series.merge(try Self.known(new, of: run.id, in: transaction).mapValues(\.series)) { old, _ in old }
        }
        let added = try transaction.insert(
            into: "metrics (series_id, timestamp, step, value, is_nan)",
            rows: points.map { point in
                [
                    series[point.key].sqlValue, point.timestamp.sqlValue, point.step.sqlValue,
                    point.storedValue.sqlValue, point.value.isNaN.sqlValue,
                ]
            }, "ON CONFLICT DO NOTHING")
        try LoggedModelStore.log(points.filter { $0.modelID != nil }, from: run, in: transaction)
        return added
    }

    /// What is known of some metrics of a run, by key.
    private static func known(
        _ keys: Set<String>, of run: String, in reader: Reader
    ) throws -> [String: (series: Int64, summary: MetricSummary)] {
        var known: [String: (series: Int64, summary: MetricSummary)] = [:]
        try reader.forEachRow(of: Array(keys)) { keys in
            """
            SELECT timestamp, step, value, is_nan, key, series_id, first_timestamp, first_step, first_value, min_value,
                max_value
            FROM latest_metrics WHERE run_id = \(run) AND key IN \(list: keys)
            """
        } _: { row in
            let key: String = try row.get(4)
            known[key] = (try row.get(5), try MetricSummary(row: row, of: key))
        }
        return known
    }

    /// Writes summaries over those whose numbers are known, and beside them the others.
    private static func write(
        _ summaries: [String: MetricSummary], over series: [String: Int64], of run: RunInfo, in transaction: Transaction
    ) throws {
        let columns: SQL = """
            run_id, experiment_id, key, timestamp, step, value, is_nan, first_timestamp, first_step, first_value, min_value,
            max_value
            """
        func row(_ key: String, _ summary: MetricSummary) -> [SQLValue] {
            [run.id.sqlValue, run.experimentID.sqlValue, key.sqlValue] + summary.columns
        }
        try transaction.insert(
            into: "latest_metrics (\(columns))",
            rows: summaries.filter { series[$0.key] == nil }.map { row($0.key, $0.value) })
        try transaction.insert(
            into: "latest_metrics (series_id, \(columns))",
            rows: summaries.compactMap { key, summary in series[key].map { [$0.sqlValue] + row(key, summary) } },
            """
            ON CONFLICT (series_id) DO UPDATE SET timestamp = excluded.timestamp, step = excluded.step,
                value = excluded.value, is_nan = excluded.is_nan, first_timestamp = excluded.first_timestamp,
                first_step = excluded.first_step, first_value = excluded.first_value, min_value = excluded.min_value,
                max_value = excluded.max_value
            """)
    }
}

extension Metric {
    /// Columns: timestamp, step, value, is_nan.
    fileprivate init(point row: Row, of key: String, run: String? = nil) throws {
        let isNaN: Bool = try row.get(3)
        self.init(
            key: key, value: isNaN ? .nan : try row.get(2), timestamp: try row.get(0), step: try row.get(1), runID: run)
    }
}

extension MetricSummary {
    /// Columns: timestamp, step, value, is_nan, key, series_id, first_timestamp, first_step, first_value, min_value,
    /// max_value.
    fileprivate init(row: Row, of key: String) throws {
        var first: Metric?
        if let value: Double = try row.get(8) {
            first = Metric(key: key, value: value, timestamp: try row.get(6), step: try row.get(7))
        }
        self.init(
            latest: try Metric(point: row, of: key), first: first, minimum: try row.get(9), maximum: try row.get(10))
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
