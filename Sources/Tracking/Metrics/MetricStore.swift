package import Database
package import Wire

/// Where the points of metrics are kept, with the latest of each key beside them so that nothing scans points to show or
/// search runs.
package struct MetricStore: Sendable {
    private let database: Database

    package init(database: Database) {
        self.database = database
    }

    /// The points of a metric by timestamp, step and value. An unknown run or key has none.
    /// - Parameter limit: nil for all.
    package func history(of key: String, run: String, limit: Int?, offset: Int = 0) async throws -> Page<Metric> {
        let most = limit ?? Int(Int32.max) - 1
        let rows = try await database.read { reader in
            try reader.rows(
                """
                SELECT key, timestamp, step, value, is_nan FROM metrics WHERE run_id = \(run) AND key = \(key)
                ORDER BY timestamp, step, value LIMIT \(most + 1) OFFSET \(offset)
                """, as: Metric.self)
        }
        return Page(rows: rows, limit: most, offset: offset)
    }

    /// The points of a metric of several runs, by run, timestamp, step and value: `limit` in all.
    package func history(of key: String, runs: [String], limit: Int) async throws -> [Metric] {
        try await database.read { reader in
            try reader.rows(
                """
                SELECT key, timestamp, step, value, is_nan, run_id FROM metrics
                WHERE run_id IN \(list: runs) AND key = \(key)
                ORDER BY run_id, timestamp, step, value LIMIT \(limit)
                """)
        }
    }

    /// At most `limit` points of a metric of one run, evenly spread over those within `steps`, by step, timestamp and
    /// value.
    package func samples(
        of key: String, run: String, steps: ClosedRange<Int64> = .min ... .max, limit: Int
    ) async throws -> [Metric] {
        try await database.read { reader in
            let points: SQL = """
                FROM metrics WHERE run_id = \(run) AND key = \(key)
                AND step >= \(steps.lowerBound) AND step <= \(steps.upperBound)
                """
            let count = try reader.value("SELECT COUNT(*) \(points)", as: Int.self) ?? 0
            var places = Sampling.evenPlaces(count: count, limit: limit)[...]
            var samples: [Metric] = []
            var place = 0
            try reader.forEachRow(
                "SELECT key, timestamp, step, value, is_nan, run_id \(points) ORDER BY step, timestamp, value"
            ) { row in
                if places.first == place {
                    samples.append(try Metric(row: row))
                    places.removeFirst()
                }
                place += 1
            }
            return samples
        }
    }

    /// The latest point of each key, by run.
    static func latest(of runs: [String], in reader: Reader) throws -> [String: [Metric]] {
        var metrics: [String: [Metric]] = [:]
        try reader.forEachRow(of: runs) { runs in
            """
            SELECT key, timestamp, step, value, is_nan, run_id FROM latest_metrics
            WHERE run_id IN \(list: runs) ORDER BY run_id, key
            """
        } _: { row in
            metrics[try row.get(5), default: []].append(try Metric(row: row).withoutRun)
        }
        return metrics
    }

    /// Adds points; one that is there already is not added again.
    /// - Throws: `TrackingError` for a point of an unknown logged model.
    static func log(_ points: [Metric], to run: RunInfo, in transaction: Transaction) throws {
        try transaction.insert(
            "INSERT INTO metrics (run_id, key, timestamp, step, value, is_nan) VALUES",
            rows: points.map { $0.row(of: run.id) }, "ON CONFLICT DO NOTHING")
        var latest: [String: Metric] = [:]
        for point in points where latest[point.key].map(point.isLater) ?? true { latest[point.key] = point }
        try transaction.insert(
            "INSERT INTO latest_metrics (run_id, key, timestamp, step, value, is_nan) VALUES",
            rows: latest.values.map { $0.row(of: run.id) },
            """
            ON CONFLICT (run_id, key) DO UPDATE SET timestamp = excluded.timestamp, step = excluded.step,
                value = excluded.value, is_nan = excluded.is_nan
            WHERE (excluded.step, excluded.timestamp, excluded.value)
                > (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)
            """)
        try LoggedModelStore.log(points.filter { $0.modelID != nil }, from: run, in: transaction)
    }
}

extension Metric: RowDecodable {
    /// Columns: key, timestamp, step, value, is_nan, and optionally run_id.
    package init(row: Row) throws {
        let isNaN: Bool = try row.get(4)
        self.init(
            key: try row.get(0), value: isNaN ? .nan : try row.get(3), timestamp: try row.get(1),
            step: try row.get(2), runID: row.values.count > 5 ? try row.get(5) : nil)
    }

    fileprivate func row(of run: String) -> SQL {
        "(\(run), \(key), \(timestamp), \(step), \(storedValue), \(value.isNaN))"
    }

    fileprivate var withoutRun: Metric {
        Metric(key: key, value: value, timestamp: timestamp, step: step)
    }
}
