import Tracking
import Wire

/// The spans of one trace that came together, and what they tell of the trace.
struct SpanBatch: Sendable {
    let trace: String
    /// One of each id, the last that came.
    let spans: [Span]
    private let resource: [SpanAttribute]

    init(trace: String, entries: [SpanExport.Entry]) {
        self.trace = trace
        var places: [[UInt8]: Int] = [:]
        var spans: [Span] = []
        for entry in entries {
            if let place = places[entry.span.id] {
                spans[place] = entry.span
            } else {
                places[entry.span.id] = spans.count
                spans.append(entry.span)
            }
        }
        self.spans = spans
        resource = entries.first { !$0.resource.isEmpty }?.resource ?? []
    }

    var root: Span? { spans.first { $0.parentID == nil } }

    var start: Timestamp {
        Timestamp(milliseconds: (spans.map(\.startNanoseconds).min() ?? 0) / 1_000_000)
    }

    /// When the last span ended; nil while none has.
    var end: Timestamp? {
        let last = spans.map(\.endNanoseconds).max() ?? 0
        return last == 0 ? nil : Timestamp(milliseconds: last / 1_000_000)
    }

    private static let tagPrefix = "mlflow.traceTag."

    /// Tags of the trace that an exporter of OpenTelemetry carries as attributes of the root.
    var tags: [Tag] {
        (root?.attributes ?? []).filter { $0.key.hasPrefix(Self.tagPrefix) }.compactMap { attribute in
            Self.tag(String(attribute.key.dropFirst(Self.tagPrefix.count)), attribute.value)
        }
    }

    /// What describes the program, such as `service.name`, but for what its library says of itself and what is MLflow's.
    var resourceTags: [Tag] {
        resource.filter { !$0.key.hasPrefix("telemetry.sdk.") && !$0.key.hasPrefix("mlflow.") }
            .compactMap { Self.tag($0.key, $0.value) }
    }

    /// Whose call it was and in which conversation, by the names that OpenTelemetry has for them.
    var metadata: [Tag] {
        let names = [
            ("session.id", TraceInfo.sessionKey), ("gen_ai.conversation.id", TraceInfo.sessionKey),
            ("user.id", "mlflow.trace.user"),
        ]
        return names.compactMap { name, key in
            spans.lazy.compactMap { $0.attribute(name) }.first.flatMap { Self.tag(key, $0) }
        }
    }

    /// Nil for a key that is no name of a tag.
    private static func tag(_ key: String, _ value: SpanValue) -> Tag? {
        try? TagRule.trace.checked(Tag(key: key, value: value.spelled.storable))
    }
}

extension SpanValue {
    /// Text as it is, anything else as JSON.
    package var spelled: String {
        if case .string(let text) = self { text } else { plain.text }
    }
}

extension Span {
    private static let previewLength = 1000

    /// The beginning of an attribute; nil without one.
    func preview(of key: String) -> String? {
        attribute(key).map { value in
            let text = value.spelled.storable
            return text.isLonger(than: Self.previewLength) ? text.cut(to: Self.previewLength - 3) + "..." : text
        }
    }
}
