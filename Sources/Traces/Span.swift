import Tracking
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One operation of a trace, as OpenTelemetry has it: everything that was sent is kept and given back.
package struct Span: Sendable, Hashable {
    /// 16 bytes, not all zero.
    package let traceID: [UInt8]
    /// 8 bytes, not all zero.
    package let id: [UInt8]
    /// Nil for the root.
    package let parentID: [UInt8]?
    package let traceState: String
    package let name: String
    package let kind: SpanKind
    package let startNanoseconds: Int64
    /// 0 while it has not ended.
    package let endNanoseconds: Int64
    package internal(set) var attributes: [SpanAttribute]
    package let events: [SpanEvent]
    package let links: [SpanLink]
    package let status: SpanStatus
    package let flags: UInt32
    package let droppedAttributes: UInt32
    package let droppedEvents: UInt32
    package let droppedLinks: UInt32

    /// The attribute in which MLflow's clients look for the id of the trace.
    static let traceIDKey = "mlflow.traceRequestId"
    static let inputsKey = "mlflow.spanInputs"
    static let outputsKey = "mlflow.spanOutputs"
    static let typeKey = "mlflow.spanType"

    package func attribute(_ key: String) -> SpanValue? {
        attributes.last { $0.key == key }?.value
    }

    /// What kind of step it was to the traced code, such as `CHAIN`.
    package var type: String {
        if case .string(let text)? = attribute(Self.typeKey) { text } else { "UNKNOWN" }
    }

    /// Between its start and its end; nil while it has not ended.
    package var durationNanoseconds: Int64? {
        endNanoseconds == 0 ? nil : endNanoseconds - startNanoseconds
    }
}

/// Which side of a call a span is, in OpenTelemetry's words.
package enum SpanKind: String, MLflowEnumeration, Sendable {
    case unspecified = "SPAN_KIND_UNSPECIFIED"
    case `internal` = "SPAN_KIND_INTERNAL"
    case server = "SPAN_KIND_SERVER"
    case client = "SPAN_KIND_CLIENT"
    case producer = "SPAN_KIND_PRODUCER"
    case consumer = "SPAN_KIND_CONSUMER"

    package static var firstNumber: Int { 0 }
}

/// How an operation went, in OpenTelemetry's words.
package struct SpanStatus: Sendable, Hashable {
    package enum Code: String, MLflowEnumeration, Sendable {
        case unset = "STATUS_CODE_UNSET"
        case ok = "STATUS_CODE_OK"
        case error = "STATUS_CODE_ERROR"

        package static var firstNumber: Int { 0 }
    }

    package let code: Code
    package let message: String

    /// As MLflow searches it: OK, ERROR or UNSET.
    package var word: String { String(code.rawValue.dropFirst("STATUS_CODE_".count)) }
}

/// Something that happened within a span at one moment, such as an exception.
package struct SpanEvent: Sendable, Hashable {
    package let name: String
    package let nanoseconds: Int64
    package let attributes: [SpanAttribute]
    package let droppedAttributes: UInt32
}

/// A span, mostly of another trace, that this one has to do with.
package struct SpanLink: Sendable, Hashable {
    package let traceID: [UInt8]
    package let spanID: [UInt8]
    package let traceState: String
    package let attributes: [SpanAttribute]
    package let droppedAttributes: UInt32
    package let flags: UInt32
}

extension [UInt8] {
    package var base64: String { Data(self).base64EncodedString() }
}

extension Span {
    /// A span as it came, checked.
    /// - Parameter parentBytes: empty or all zero for a root.
    /// - Throws: `TraceError` 422 for ids of another length or of zeros only, and for moments before 1970.
    init(
        traceID: [UInt8], id: [UInt8], parentBytes: [UInt8], traceState: String, name: String, kind: SpanKind,
        startNanoseconds: Int64, endNanoseconds: Int64, attributes: [SpanAttribute], events: [SpanEvent],
        links: [SpanLink], status: SpanStatus, flags: UInt32, droppedAttributes: UInt32, droppedEvents: UInt32,
        droppedLinks: UInt32
    ) throws {
        let isRoot = parentBytes.allSatisfy { $0 == 0 }
        guard traceID.count == 16, traceID.contains(where: { $0 != 0 }), id.count == 8,
            id.contains(where: { $0 != 0 }), isRoot || parentBytes.count == 8
        else {
            throw TraceError.unprocessable(
                "The span '\(name.prefix(80))' has ids that are none: a trace has one of 16 bytes, a span of 8, and not "
                    + "all of them zero.")
        }
        guard startNanoseconds >= 0, endNanoseconds >= 0 else {
            throw TraceError.unprocessable("The span '\(name.prefix(80))' begins or ends before 1970.")
        }
        self.init(
            traceID: traceID, id: id, parentID: isRoot ? nil : parentBytes, traceState: traceState, name: name,
            kind: kind,
            startNanoseconds: startNanoseconds, endNanoseconds: endNanoseconds, attributes: attributes, events: events,
            links: links, status: status, flags: flags, droppedAttributes: droppedAttributes,
            droppedEvents: droppedEvents, droppedLinks: droppedLinks)
    }
}
