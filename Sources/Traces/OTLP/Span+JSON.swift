import Tracking
package import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

// A span in protobuf's JSON mapping with the names of fields in snake_case, ids in base64 and moments as numbers: how
// MLflow answers. What is empty or zero is left out.

extension Span: JSONRepresentable {
    package var json: JSON {
        .compact([
            "trace_id": .string(traceID.base64), "span_id": .string(id.base64),
            "trace_state": .nonEmpty(traceState), "parent_span_id": parentID.map { .string($0.base64) },
            "name": .string(name), "kind": kind == .unspecified ? nil : .string(kind.rawValue),
            "start_time_unix_nano": .integer(startNanoseconds),
            "end_time_unix_nano": endNanoseconds == 0 ? nil : .integer(endNanoseconds),
            "attributes": .nonEmpty(attributes), "dropped_attributes_count": .nonZero(droppedAttributes),
            "events": .nonEmpty(events), "dropped_events_count": .nonZero(droppedEvents),
            "links": .nonEmpty(links), "dropped_links_count": .nonZero(droppedLinks), "status": status.json,
            "flags": .nonZero(flags),
        ])
    }
}

extension SpanStatus: JSONRepresentable {
    package var json: JSON {
        .compact(["message": .nonEmpty(message), "code": code == .unset ? nil : .string(code.rawValue)])
    }
}

extension SpanEvent: JSONRepresentable {
    package var json: JSON {
        .compact([
            "time_unix_nano": .integer(nanoseconds), "name": .string(name), "attributes": .nonEmpty(attributes),
            "dropped_attributes_count": .nonZero(droppedAttributes),
        ])
    }
}

extension SpanLink: JSONRepresentable {
    package var json: JSON {
        .compact([
            "trace_id": .string(traceID.base64), "span_id": .string(spanID.base64),
            "trace_state": .nonEmpty(traceState), "attributes": .nonEmpty(attributes),
            "dropped_attributes_count": .nonZero(droppedAttributes), "flags": .nonZero(flags),
        ])
    }
}

extension JSON {
    static func nonEmpty(_ text: String) -> JSON? { text.isEmpty ? nil : .string(text) }
    static func nonZero(_ number: UInt32) -> JSON? { number == 0 ? nil : .integer(Int64(number)) }
}

// MARK: - Reading

/// How ids are spelt where a span is read from JSON: OTLP writes hexadecimal, where protobuf's mapping has base64.
enum SpanIDSpelling {
    case hexadecimal
    case base64

    func bytes(_ text: String) -> [UInt8]? {
        switch self {
        case .base64: Data(base64Encoded: text).map(Array.init)
        case .hexadecimal: Self.bytes(hex: text)
        }
    }

    private static func bytes(hex text: String) -> [UInt8]? {
        let digits = text.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2), digits.allSatisfy({ $0 != nil }) else { return nil }
        let values = digits.compactMap { $0 }
        return stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
    }
}

extension Span {
    /// - Throws: `FieldProblem` where a member has the wrong type, and for ids that are none.
    init(_ fields: Fields, ids: SpanIDSpelling) throws {
        try self.init(
            traceID: fields.bytes("trace_id", ids), id: fields.bytes("span_id", ids),
            parentBytes: fields.bytes("parent_span_id", ids),
            traceState: fields.optionalString("trace_state") ?? "", name: fields.optionalString("name") ?? "",
            kind: fields.optionalCase("kind") ?? .unspecified,
            startNanoseconds: fields.optionalInteger("start_time_unix_nano") ?? 0,
            endNanoseconds: fields.optionalInteger("end_time_unix_nano") ?? 0,
            attributes: fields.objects("attributes").map(SpanAttribute.init),
            events: fields.objects("events").map(SpanEvent.init),
            links: fields.objects("links").map { try SpanLink($0, ids: ids) },
            status: SpanStatus(fields.optionalObject("status")), flags: fields.count("flags"),
            droppedAttributes: fields.count("dropped_attributes_count"),
            droppedEvents: fields.count("dropped_events_count"), droppedLinks: fields.count("dropped_links_count"))
    }
}

extension SpanStatus {
    fileprivate init(_ fields: Fields?) throws {
        code = try fields?.optionalCase("code") ?? .unset
        message = try fields?.optionalString("message") ?? ""
    }
}

extension SpanEvent {
    fileprivate init(_ fields: Fields) throws {
        name = try fields.optionalString("name") ?? ""
        nanoseconds = try fields.optionalInteger("time_unix_nano") ?? 0
        attributes = try fields.objects("attributes").map(SpanAttribute.init)
        droppedAttributes = try fields.count("dropped_attributes_count")
    }
}

extension SpanLink {
    fileprivate init(_ fields: Fields, ids: SpanIDSpelling) throws {
        traceID = try fields.bytes("trace_id", ids)
        spanID = try fields.bytes("span_id", ids)
        traceState = try fields.optionalString("trace_state") ?? ""
        attributes = try fields.objects("attributes").map(SpanAttribute.init)
        droppedAttributes = try fields.count("dropped_attributes_count")
        flags = try fields.count("flags")
    }
}

extension Fields {
    fileprivate func bytes(_ name: String, _ spelling: SpanIDSpelling) throws -> [UInt8] {
        guard let text = try optionalString(name) else { return [] }
        guard let bytes = spelling.bytes(text) else {
            throw FieldProblem("Invalid value '\(text.prefix(80))' for parameter '\(name)' supplied: it is no id.")
        }
        return bytes
    }

    fileprivate func count(_ name: String) throws -> UInt32 {
        UInt32(clamping: try optionalInteger(name) ?? 0)
    }
}
