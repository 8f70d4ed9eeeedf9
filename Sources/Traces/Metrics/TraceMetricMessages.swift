import Tracking
import Wire

extension SearchGrammar {
    /// What metrics of traces are confined by: one comparison with `=` a filter.
    static let traceMetrics: SearchGrammar = {
        let equal = Rule(.text, [.equal])
        return SearchGrammar(
            prefixes: ["trace": .attribute, "span": .span, "assessment": .assessment],
            keys: [
                .attribute: .knownOrPrefixed(["status": ("status", equal)], prefixes: ["tag.", "metadata."], equal),
                .span: .known(["name": ("name", equal), "status": ("status", equal), "type": ("type", equal)]),
                .assessment: .known(["name": ("name", equal), "type": ("type", equal)]),
            ], sortable: [:])
    }()
}

extension TraceMetricQuery {
    /// The most points of one answer; the default is that of MLflow.
    private static let limits = (default: 1000, maximum: 50_000)

    /// - Throws: `FieldProblem` or `FilterProblem` for what no metric, aggregation, dimension or filter is.
    init(_ fields: Fields) throws {
        guard try !fields.strings("experiment_ids").isEmpty else { throw FieldProblem.missing("experiment_ids") }
        experimentIDs = try fields.searchedExperimentIDs()
        metric = try TraceMetric(fields)
        aggregations = try fields.objects("aggregations").map(TraceAggregation.init)
        guard !aggregations.isEmpty else { throw FieldProblem.missing("aggregations") }
        dimensions = try metric.dimensions(named: fields.strings("dimensions"))
        try metric.check(aggregations)
        let view = metric.view
        conditions = try fields.strings("filters").map { try view.condition($0) }
        let interval = try fields.optionalInteger("time_interval_seconds")
        guard interval.map({ $0 >= 0 }) ?? true else {
            throw FieldProblem("Parameter 'time_interval_seconds' must not be negative.")
        }
        intervalSeconds = interval == 0 ? nil : interval
        start = try fields.optionalInteger("start_time_ms")
        end = try fields.optionalInteger("end_time_ms")
        guard intervalSeconds == nil || start != nil && end != nil else {
            throw FieldProblem("start_time_ms and end_time_ms are required if time_interval_seconds is set")
        }
        limit = try fields.limit(default: Self.limits.default, maximum: Self.limits.maximum)
        offset = try fields.offset()
    }
}

extension TraceMetric {
    fileprivate init(_ fields: Fields) throws {
        guard let view: View = try fields.optionalCase("view_type") else { throw FieldProblem.missing("view_type") }
        let name = try fields.string("metric_name")
        let known = Self.all.filter { $0.view == view }
        guard let metric = known.first(where: { $0.name == name }) else {
            throw FieldProblem("metric_name must be one of \(known.map(\.name).listed), got '\(name.cut(to: 80))'")
        }
        self = metric
    }

    fileprivate func check(_ asked: [TraceAggregation]) throws {
        let invalid = Set(asked.map(\.kind)).subtracting(kind.aggregations).map(\.rawValue).sorted()
        guard invalid.isEmpty else {
            throw FieldProblem(
                "Found invalid aggregation_type(s): \(invalid.listed). Supported aggregation types: "
                    + kind.aggregations.map(\.rawValue).sorted().listed)
        }
    }

    fileprivate func dimensions(named names: [String]) throws -> [TraceDimension] {
        let invalid = Set(names).subtracting(dimensions.map(\.rawValue)).sorted()
        guard invalid.isEmpty else {
            throw FieldProblem(
                "Found invalid dimension(s): \(invalid.map { $0.cut(to: 80) }.listed). Supported dimensions: "
                    + dimensions.map(\.rawValue).sorted().listed)
        }
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }.compactMap(TraceDimension.init(rawValue:))
    }
}

extension TraceMetric.View {
    /// - Throws: `FilterProblem` for a text that is no filter of metrics, `FieldProblem` for one of another view.
    fileprivate func condition(_ text: String) throws -> SearchFilter.Condition {
        guard case .condition(let condition) = try SearchGrammar.traceMetrics.filter(text) else {
            throw FieldProblem("Invalid filter: '\(text.cut(to: 200))'. Expected one filter clause.")
        }
        let home: Self? =
            switch condition.field.entity {
            case .span: .spans
            case .assessment: .assessments
            default: nil
            }
        if let home, home != self {
            throw FieldProblem(
                "Filtering by \(condition.field.entity.rawValue) is only supported for \(home.rawValue) view type, got "
                    + rawValue)
        }
        return condition
    }
}

extension TraceAggregation {
    fileprivate init(_ fields: Fields) throws {
        guard let kind: Kind = try fields.optionalCase("aggregation_type") else {
            throw FieldProblem.missing("aggregation_type")
        }
        let percentile = try fields.optionalDouble("percentile_value")
        switch (kind, percentile) {
        case (.percentile, nil): throw FieldProblem("Percentile value is required for PERCENTILE aggregation")
        case (.percentile, let value?) where !(0...100).contains(value):
            throw FieldProblem("Percentile value must be between 0 and 100, got \(value)")
        case (.percentile, _), (_, nil): break
        default:
            throw FieldProblem("Percentile value is only allowed for PERCENTILE aggregation type, got \(kind.rawValue)")
        }
        self.init(kind: kind, percentile: percentile)
    }
}

extension [String] {
    /// `['a', 'b']`
    fileprivate var listed: String { "[\(map { "'\($0)'" }.joined(separator: ", "))]" }
}
