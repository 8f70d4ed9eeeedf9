import Database
package import Wire

extension MetricStore {
    /// How many pieces a curve has at most, about: a chart has no more pixels.
    package static let curvePieces = 400

    /// The courses of metrics of some runs, by key and then in the order of the runs; without those that a run has no points of.
    /// Points of a step (or of a time) are told apart no further than a chart can show: each piece has their mean, the lowest
    /// and the highest, which are never left out.
    package func curves(of keys: [String], runs: [RunInfo], _ view: CurveView) async throws -> [Curve] {
        try await database.read { reader in
            var curves: [Curve] = []
            for key in keys {
                for run in runs {
                    if let curve = try Self.curve(of: key, run, view, in: reader) { curves.append(curve) }
                }
            }
            return curves
        }
    }

    /// The keys of metrics that any of some runs logged more than once, in order: what there are curves of.
    package func longKeys(of runs: [String]) async throws -> [String] {
        try await database.read { reader in
            // The first and the last point of a metric of one point are the same.
            try reader.values(
                """
                SELECT DISTINCT key FROM latest_metrics
                WHERE run_id IN \(list: runs)
                    AND (first_step IS NULL OR step <> first_step OR timestamp <> first_timestamp OR is_nan = 1
                        OR min_value <> max_value)
                ORDER BY key
                """)
        }
    }

    /// Up to `limit` points of a metric of a run, every one there is in the stretch that is looked at, by timestamp, step and value.
    /// - Parameter last: the one after which they come; from the first on when nil.
    func points(
        of key: String, _ run: RunInfo, _ view: CurveView, after last: MetricPoint?, limit: Int
    ) async throws -> [MetricPoint] {
        // Over another metric nothing is left out: where a point would stand is known only beside the other.
        let places = Places(view, run) ?? Places("step", from: nil, to: nil)
        let within: [SQL] = [
            "l.run_id = \(run.id)", "l.key = \(key)", "p.\(places.column) >= \(places.from)",
            "p.\(places.column) <= \(places.to)",
        ]
        let later = last.map { last -> SQL in
            """
            (p.timestamp, p.step, p.value, p.is_nan)
                > (\(last.timestamp), \(last.step), \(last.storedValue), \(last.value.isNaN ? 1 : 0))
            """
        }
        let conditions = within + (later.map { [$0] } ?? [])
        return try await database.read { reader in
            var points: [MetricPoint] = []
            try reader.forEachRow(
                """
                SELECT p.timestamp, p.step, p.value, p.is_nan
                FROM latest_metrics l JOIN metrics p ON p.series_id = l.series_id
                WHERE \(conditions.joined(separator: " AND "))
                ORDER BY p.timestamp, p.step, p.value, p.is_nan LIMIT \(limit)
                """
            ) { points.append(try MetricPoint(row: $0)) }
            return points
        }
    }

    private static func curve(
        of key: String, _ run: RunInfo, _ view: CurveView, in reader: Reader
    ) throws -> Curve? {
        if case .metric(let other) = view.axis { return try curve(of: key, over: other, run, view, in: reader) }
        guard let places = Places(view, run) else { return nil }
        return try series(of: key, run: run.id, by: places, in: reader).map { pieces in
            Curve(
                key: key, run: run.id,
                pieces: pieces.map { $0.piece(at: Double($0.first) - Double(places.zero)) })
        }
    }

    /// Over another metric: both are condensed by step in the same way, and meet there.
    private static func curve(
        of key: String, over other: String, _ run: RunInfo, _ view: CurveView, in reader: Reader
    ) throws -> Curve? {
        let places = Places("step", from: nil, to: nil)
        guard let extent = try extent(of: key, run: run.id, places, in: reader),
            let pieces = try series(of: key, run: run.id, by: places, within: extent, in: reader),
            let others = try series(of: other, run: run.id, by: places, within: extent, in: reader)
        else { return nil }
        let xs = Dictionary(others.map { ($0.bucket, $0.mean) }) { first, _ in first }
        let range = (view.from ?? -.infinity)...(view.to ?? .infinity)
        let met = pieces.compactMap { piece in
            xs[piece.bucket].flatMap { range.contains($0) ? piece.piece(at: $0) : nil }
        }
        return met.isEmpty ? nil : Curve(key: key, run: run.id, pieces: met.sorted { $0.x < $1.x })
    }

    /// The column by which points are put into pieces, and which of them are asked for.
    private struct Places {
        let column: SQL
        let zero: Int64
        let from: Int64
        let to: Int64

        /// Nil over another metric.
        init?(_ view: CurveView, _ run: RunInfo) {
            switch view.axis {
            case .step: self.init("step", from: view.from, to: view.to)
            case .time: self.init("timestamp", from: view.from, to: view.to)
            case .relative:
                self.init("timestamp", from: view.from, to: view.to, zero: run.startTime.milliseconds)
            case .metric: return nil
            }
        }

        /// Beyond these a difference of two would be too large for a whole number.
        private static let widest = Double(Int64(1) << 61)

        init(_ column: SQL, from: Double?, to: Double?, zero: Int64 = 0) {
            self.column = column
            self.zero = zero
            func clamped(_ value: Double) -> Int64 { Int64(max(-Self.widest, min(Self.widest, value + Double(zero)))) }
            self.from = clamped((from ?? -Self.widest).rounded(.up))
            self.to = clamped((to ?? Self.widest).rounded(.down))
        }
    }

    private struct Condensed {
        let bucket: Int64
        let first: Int64
        let count: Int
        let mean: Double
        let low: Double
        let high: Double

        func piece(at x: Double) -> Curve.Piece {
            Curve.Piece(x: x, count: count, mean: mean, low: low, high: high)
        }
    }

    /// From the first to the last place of a metric's points, as far as they are asked for; nil when there are none.
    private static func extent(
        of key: String, run: String, _ places: Places, in reader: Reader
    ) throws -> ClosedRange<Int64>? {
        let row = try reader.row(
            """
            SELECT MIN(p.\(places.column)), MAX(p.\(places.column))
            FROM latest_metrics l JOIN metrics p ON p.series_id = l.series_id
            WHERE l.run_id = \(run) AND l.key = \(key)
                AND p.\(places.column) >= \(places.from) AND p.\(places.column) <= \(places.to)
            """)
        guard let row, let low: Int64 = try row.get(0), let high: Int64 = try row.get(1) else { return nil }
        return low...high
    }

    /// - Parameter extent: what is divided into pieces; where the points are when nil.
    private static func series(
        of key: String, run: String, by places: Places, within extent: ClosedRange<Int64>? = nil, in reader: Reader
    ) throws -> [Condensed]? {
        guard let extent = try extent ?? Self.extent(of: key, run: run, places, in: reader) else { return nil }
        let width = max(1, (extent.upperBound - extent.lowerBound) / Int64(curvePieces) + 1)
        // What no double can add up counts among the points, and not in their mean.
        let value: SQL = "CASE WHEN p.is_nan = 0 AND ABS(p.value) < 1e300 THEN p.value END"
        var pieces: [Condensed] = []
        try reader.forEachRow(
            """
            SELECT (p.\(places.column) - \(extent.lowerBound)) / \(width) AS bucket, MIN(p.\(places.column)), COUNT(*),
                AVG(\(value)), MIN(\(value)), MAX(\(value))
            FROM latest_metrics l JOIN metrics p ON p.series_id = l.series_id
            WHERE l.run_id = \(run) AND l.key = \(key)
                AND p.\(places.column) >= \(extent.lowerBound) AND p.\(places.column) <= \(extent.upperBound)
            GROUP BY bucket ORDER BY bucket
            """
        ) { row in
            let mean: Double? = try row.get(3)
            pieces.append(
                Condensed(
                    bucket: try row.get(0), first: try row.get(1), count: try row.get(2), mean: mean ?? .nan,
                    low: try row.get(4) ?? .nan, high: try row.get(5) ?? .nan))
        }
        return pieces.isEmpty ? nil : pieces
    }
}
