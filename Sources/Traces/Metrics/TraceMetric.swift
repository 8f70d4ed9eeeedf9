import Tracking
import Wire

/// Something that is counted or measured over many traces.
struct TraceMetric: Sendable, Hashable {
    /// What is looked at one by one.
    enum View: String, MLflowEnumeration, Sendable {
        case traces = "TRACES"
        case spans = "SPANS"
        case assessments = "ASSESSMENTS"
    }

    /// What a metric is about, which says how it may be aggregated.
    enum Kind: Sendable, Hashable {
        /// How many there are.
        case count
        /// Something that each has, such as how long it took.
        case measure
        /// Something that each adds to, such as tokens.
        case amount

        var aggregations: [TraceAggregation.Kind] {
            switch self {
            case .count: [.count]
            case .measure: [.average, .maximum, .minimum, .percentile]
            case .amount: [.average, .maximum, .minimum, .percentile, .sum]
            }
        }
    }

    let view: View
    let name: String
    let kind: Kind
    let dimensions: [TraceDimension]

    private init(_ view: View, _ name: String, _ kind: Kind, by dimensions: [TraceDimension] = []) {
        self.view = view
        self.name = name
        self.kind = kind
        self.dimensions = dimensions
    }

    /// Whether it is the cost of single spans, which is looked at by when they began, not by when their trace did.
    var isCost: Bool { view == .spans && kind == .amount }

    static let all: [TraceMetric] =
        [
            TraceMetric(.traces, "trace_count", .count, by: [.traceName, .traceStatus]),
            TraceMetric(.traces, "session_count", .count), TraceMetric(.traces, "latency", .measure, by: [.traceName]),
        ]
        + [
            "input_tokens", "output_tokens", "total_tokens", "cache_read_input_tokens", "cache_creation_input_tokens",
        ].map { TraceMetric(.traces, $0, .amount, by: [.traceName]) }
        + [
            TraceMetric(
                .spans, "span_count", .count, by: [.spanModel, .spanProvider, .spanName, .spanStatus, .spanType]),
            TraceMetric(.spans, "latency", .measure, by: [.spanName, .spanStatus]),
        ]
        + ["input_cost", "output_cost", "total_cost"]
        .map { TraceMetric(.spans, $0, .amount, by: [.spanModel, .spanProvider]) }
        + [
            TraceMetric(.assessments, "assessment_count", .count, by: [.assessmentName, .assessmentValue]),
            TraceMetric(.assessments, "assessment_value", .measure, by: [.assessmentName]),
        ]
}

/// What the points of a metric are set apart by.
enum TraceDimension: String, Sendable, Hashable {
    case traceName = "trace_name"
    case traceStatus = "trace_status"
    case spanName = "span_name"
    case spanType = "span_type"
    case spanStatus = "span_status"
    case spanModel = "span_model_name"
    case spanProvider = "span_model_provider"
    case assessmentName = "assessment_name"
    /// As JSON.
    case assessmentValue = "assessment_value"
}

/// How the values of a metric become one.
struct TraceAggregation: Sendable, Hashable {
    enum Kind: String, MLflowEnumeration, Sendable {
        case count = "COUNT"
        case sum = "SUM"
        case average = "AVG"
        case percentile = "PERCENTILE"
        case minimum = "MIN"
        case maximum = "MAX"
    }

    let kind: Kind
    /// From 0 to 100; of percentiles only.
    let percentile: Double?

    /// The name of the result, such as `AVG` or `P99.5`.
    var label: String { percentile.map { "P\($0)" } ?? kind.rawValue }
}

/// A question for the points of a metric.
struct TraceMetricQuery: Sendable {
    let metric: TraceMetric
    let experimentIDs: [ExperimentID]
    let aggregations: [TraceAggregation]
    let dimensions: [TraceDimension]
    /// All must hold.
    let conditions: [SearchFilter.Condition]
    /// The width of the pieces of time that points are set apart by; nil for one piece.
    let intervalSeconds: Int64?
    /// In milliseconds, both ends included.
    let start: Int64?
    let end: Int64?
    let limit: Int
    let offset: Int
}

/// What a metric was in one piece of time, for one value of each dimension.
struct TraceMetricPoint: Sendable, Hashable {
    let metric: String
    let dimensions: [Tag]
    /// By the labels of the aggregations.
    let values: [String: Double]
}

extension TraceMetricPoint: JSONRepresentable {
    var json: JSON {
        .compact([
            "metric_name": .string(metric), "dimensions": .map(dimensions),
            "values": .members(values.sorted { $0.key < $1.key }.map { ($0.key, .double($0.value)) }),
        ])
    }
}
