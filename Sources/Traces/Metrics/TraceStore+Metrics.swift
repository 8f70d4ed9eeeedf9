import Database
import Tracking
import Wire

extension TraceStore {
    /// The points of a metric: by time, then by its dimensions in their order.
    func points(_ query: TraceMetricQuery) async throws -> Page<TraceMetricPoint> {
        try await database.read { reader in
            let points = try reader.rows(query.sql.once).compactMap(query.point)
            return Page(rows: points, limit: query.limit, offset: query.offset)
        }
    }
}

// A metric is asked for in two steps. The inner SELECT has a row for each trace, span or assessment: the value, and what
// it is grouped by. The outer one aggregates.

extension TraceMetricQuery {
    private var metricPlace: SQL { "c.experiment_id IN \(list: experimentIDs)" }
    private var hasPercentile: Bool { aggregations.contains { $0.kind == .percentile } }

    fileprivate var sql: SQL {
        let groups = (timeBucket.map { [$0] } ?? []) + dimensions.map(\.sql)
        let names = groups.indices.map { SQL(stringLiteral: "d\($0)") }
        var inner = zip(groups, names).map { "\($0) AS \($1)" as SQL } + ["\(value) AS v"]
        if hasPercentile {
            let partition: SQL = groups.isEmpty ? "" : "PARTITION BY \(groups.joined(separator: ", "))"
            inner.append("ROW_NUMBER() OVER (\(partition) ORDER BY \(value)) - 1 AS place")
            inner.append("COUNT(*) OVER (\(partition)) - 1 AS last_place")
        }
        let conditions = [metricPlace, "\(value) IS NOT NULL"] + range + groups.map { "\($0) IS NOT NULL" }
        let all = conditions + self.conditions.map { $0.metricSQL }
        let grouping: SQL =
            groups.isEmpty
            ? ""
            : "GROUP BY \(names.joined(separator: ", ")) ORDER BY \(names.joined(separator: ", "))"
        let results = names + aggregations.map { aggregate($0) }
        return """
            SELECT \(results.joined(separator: ", ")) FROM (
                SELECT \(inner.joined(separator: ", ")) FROM \(tables.joined(separator: " JOIN "))
                WHERE \(all.joined(separator: " AND "))) AS observed
            \(grouping) LIMIT \(limit + 1) OFFSET \(offset)
            """
    }

    private func aggregate(_ aggregation: TraceAggregation) -> SQL {
        switch aggregation.kind {
        case .count: metric.name == "session_count" ? "COUNT(DISTINCT v)" : "COUNT(v)"
        case .sum: "SUM(v)"
        case .average: "AVG(v)"
        case .minimum: "MIN(v)"
        case .maximum: "MAX(v)"
        case .percentile: percentile((aggregation.percentile ?? 0) / 100)
        }
    }

    /// Between the two values next to the percentile's place it lies on the straight line: each value weighs by how near it
    /// is to the place, and all that are one place or more away weigh nothing (Hyndman and Fan's definition 7, as
    /// `PERCENTILE_CONT` and NumPy have it).
    private func percentile(_ share: Double) -> SQL {
        let distance: SQL = "ABS(place - \(share) * last_place)"
        return "SUM(CASE WHEN \(distance) < 1 THEN v * (1 - \(distance)) ELSE 0 END)"
    }

    private var tables: [SQL] {
        var tables: [SQL] = ["traces c"]
        switch metric.view {
        case .traces: break
        case .spans: tables.append("spans s ON s.trace_id = c.trace_id")
        case .assessments: tables.append("assessments a ON a.trace_id = c.trace_id AND a.is_valid = 1")
        }
        if metric.kind == .amount {
            let span: SQL = metric.view == .spans ? "s.span_id" : "''"
            tables.append(
                "trace_measures m ON m.trace_id = c.trace_id AND m.span_id = \(span) AND m.key = \(metric.name)")
        }
        if dimensions.contains(.traceName) {
            tables.append("trace_tags n ON n.trace_id = c.trace_id AND n.key = \(TraceInfo.nameKey)")
        }
        return tables
    }

    /// What is aggregated of each row; rows without it are left out.
    private var value: SQL {
        switch (metric.view, metric.name) {
        case (_, _) where metric.kind == .amount: "m.value"
        case (.traces, "session_count"): "c.session_id"
        case (.traces, "latency"): "CAST(c.duration_ms AS DOUBLE PRECISION)"
        case (.traces, _): "c.trace_id"
        case (.spans, "latency"):
            """
            CASE WHEN s.end_nanoseconds > 0
                THEN CAST((s.end_nanoseconds - s.start_nanoseconds) / 1000000 AS DOUBLE PRECISION) END
            """
        case (.spans, _): "s.span_id"
        case (.assessments, "assessment_value"): "a.score"
        case (.assessments, _): "a.assessment_id"
        }
    }

    private static let nanoseconds: Int64 = 1_000_000

    /// The moments that are looked at: of the trace, but for costs, which are those of single spans.
    private var range: [SQL] {
        func scaled(_ milliseconds: Int64) -> Int64 {
            let (product, isTooGreat) = milliseconds.multipliedReportingOverflow(by: Self.nanoseconds)
            return isTooGreat ? (milliseconds < 0 ? .min : .max) : product
        }
        guard metric.isCost else {
            return [start.map { "c.request_time >= \($0)" }, end.map { "c.request_time <= \($0)" }]
                .compactMap(\.self)
        }
        // The whole of the last millisecond belongs to it.
        let after = end.map { scaled($0 == .max ? $0 : $0 + 1) }
        return [
            start.map { "s.start_nanoseconds >= \(scaled($0))" }, after.map { "s.start_nanoseconds < \($0)" },
        ].compactMap(\.self)
    }

    /// The beginning of the piece of time, in milliseconds; nil when there is one piece only.
    private var timeBucket: SQL? {
        guard let intervalSeconds else { return nil }
        func floor(_ time: SQL, perSecond: Int64) -> SQL {
            let (product, isTooGreat) = intervalSeconds.multipliedReportingOverflow(by: perSecond)
            let width = isTooGreat ? .max : product
            // A remainder may be negative, before 1970; the sum of two of them is not, and does not overflow.
            return
                "\(time) - CASE WHEN \(time) % \(width) < 0 THEN \(time) % \(width) + \(width) ELSE \(time) % \(width) END"
        }
        return metric.view == .spans
            ? "(\(floor("s.start_nanoseconds", perSecond: 1_000_000_000))) / \(Self.nanoseconds)"
            : floor("c.request_time", perSecond: 1000)
    }

    /// A row of the outer SELECT; nil when there was nothing to aggregate.
    fileprivate func point(_ row: Row) throws -> TraceMetricPoint? {
        var column = 0
        var tags: [Tag] = []
        if intervalSeconds != nil {
            let moment: Timestamp = try row.get(0)
            tags.append(Tag(key: "time_bucket", value: moment.iso8601.dropLast(".000Z".count) + "+00:00"))
            column = 1
        }
        for dimension in dimensions {
            tags.append(Tag(key: dimension.rawValue, value: try row.get(column)))
            column += 1
        }
        var values: [String: Double] = [:]
        for (index, aggregation) in aggregations.enumerated() {
            if let value = try row.get(column + index, as: Double?.self) { values[aggregation.label] = value }
        }
        return values.isEmpty ? nil : TraceMetricPoint(metric: metric.name, dimensions: tags, values: values)
    }
}

extension TraceDimension {
    fileprivate var sql: SQL {
        switch self {
        case .traceName: "n.value"
        case .traceStatus: "c.state"
        case .spanName: "s.name"
        case .spanType: "s.type"
        case .spanStatus: "s.status"
        case .spanModel: "s.model"
        case .spanProvider: "s.provider"
        case .assessmentName: "a.name"
        case .assessmentValue: "a.value"
        }
    }
}

extension SearchFilter.Condition {
    /// The condition on the rows of a metric.
    fileprivate var metricSQL: SQL {
        switch (field.entity, field.key) {
        case (.span, "name"): sql(on: "s.name")
        case (.span, "status"): sql(on: "s.status")
        case (.span, _): sql(on: "s.type")
        case (.assessment, "name"): sql(on: "a.name")
        case (.assessment, _): sql(on: "a.kind")
        case (_, "status"): sql(on: "c.state")
        default: traceCondition.traceSQL
        }
    }

    /// `trace.tag.x` and `trace.metadata.x` mean what `tags.x` and `metadata.x` mean to a search.
    private var traceCondition: SearchFilter {
        let words = field.key.split(separator: ".", maxSplits: 1).map(String.init)
        let key = words.count > 1 ? words[1] : ""
        let field =
            words[0] == "tag"
            ? SearchField(.tag, key)
            : key == TraceInfo.runKey ? SearchField(.attribute, "run_id") : SearchField(.metadata, key)
        return .condition(SearchFilter.Condition(field, comparison, operand))
    }
}
