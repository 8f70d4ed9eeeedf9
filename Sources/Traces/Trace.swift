package import Tracking
package import Wire

/// How far a trace has come.
package enum TraceState: String, MLflowEnumeration, Sendable, Hashable {
    case unspecified = "STATE_UNSPECIFIED"
    case ok = "OK"
    case error = "ERROR"
    case inProgress = "IN_PROGRESS"

    package static var firstNumber: Int { 0 }
}

/// What is known of a trace beside its spans: one call of traced code, from outside.
package struct TraceInfo: Sendable, Hashable {
    /// `tr-` and 32 hexadecimal digits when its spans came over OpenTelemetry's protocol; otherwise what its client chose.
    package let id: String
    package let experimentID: ExperimentID
    /// What the caller knows the call by.
    package let clientRequestID: String?
    package let requestPreview: String?
    package let responsePreview: String?
    package let requestTime: Timestamp
    /// Nil while it has not ended.
    package let durationMs: Int64?
    package let state: TraceState
    /// What does not change, by key.
    package let metadata: [Tag]
    /// What people may change, by key.
    package let tags: [Tag]
    /// In the order in which they were made.
    package var assessments: [Assessment]

    static let nameKey = "mlflow.traceName"
    /// Says where the spans are; clients look for them in a file unless it says here.
    static let spansLocation = Tag(key: "mlflow.trace.spansLocation", value: "TRACKING_STORE")
    /// The metadata that names the run within which the traced code ran.
    static let runKey = "mlflow.sourceRun"
    /// The metadata that names the conversation which the trace belongs to.
    static let sessionKey = "mlflow.trace.session"
    /// The metadata in which a client says how many spans it sends.
    static let sizeKey = "mlflow.trace.sizeStats"

    /// The id of the trace with an id of OpenTelemetry.
    static func id(ofSpanTrace bytes: [UInt8]) -> String { "tr-" + bytes.hexadecimal }

    /// What its client called it.
    package var name: String? { tag(Self.nameKey) }

    package func tag(_ key: String) -> String? { tags.first { $0.key == key }?.value }
    package func metadata(_ key: String) -> String? { metadata.first { $0.key == key }?.value }

    /// How many spans its client sends; 0 when it did not say.
    var announcedSpans: Int {
        guard let text = metadata(Self.sizeKey), let stats = try? JSON.parse(text) else { return 0 }
        return Int(clamping: stats["num_spans"]?.integerValue ?? 0)
    }
}

/// A trace with all its spans: roots first, then by when they began.
package struct Trace: Sendable, Hashable {
    package let info: TraceInfo
    package let spans: [Span]
}

extension TraceInfo: JSONRepresentable {
    package var json: JSON {
        .compact([
            "trace_id": .string(id), "client_request_id": clientRequestID.map(JSON.string),
            "trace_location": [
                "type": "MLFLOW_EXPERIMENT", "mlflow_experiment": ["experiment_id": .string(experimentID.text)],
            ],
            "request_preview": requestPreview.map(JSON.string), "response_preview": responsePreview.map(JSON.string),
            "request_time": .string(requestTime.iso8601),
            "execution_duration": durationMs.map { .string(Self.duration(milliseconds: $0)) },
            "state": .string(state.rawValue), "trace_metadata": .map(metadata), "tags": .map(tags),
            "assessments": .nonEmpty(assessments),
        ])
    }

    /// The older form of version 2.0, with lists of keys and values.
    var legacyJSON: JSON {
        .compact([
            "request_id": .string(id), "experiment_id": .string(experimentID.text), "timestamp_ms": requestTime.json,
            "execution_time_ms": durationMs.map(JSON.integer),
            "status": .string(state == .unspecified ? "TRACE_STATUS_UNSPECIFIED" : state.rawValue),
            "request_metadata": .nonEmpty(metadata), "tags": .nonEmpty(tags),
        ])
    }

    /// `0.005s`: seconds with milliseconds, as protobuf's JSON mapping spells durations.
    package static func duration(milliseconds: Int64) -> String {
        let fraction = String(milliseconds.magnitude % 1000)
        let padded = String(repeating: "0", count: 3 - fraction.count) + fraction
        return "\(milliseconds < 0 ? "-" : "")\(milliseconds.magnitude / 1000).\(padded)s"
    }
}

extension Trace: JSONRepresentable {
    package var json: JSON { .compact(["trace_info": info.json, "spans": .nonEmpty(spans)]) }
}

extension JSON {
    /// Keys and values as members of one object; nil when there are none.
    static func map(_ tags: [Tag]) -> JSON? {
        tags.isEmpty ? nil : .members(tags.map { ($0.key, .string($0.value)) })
    }
}
