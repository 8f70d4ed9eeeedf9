import Tracking

// The messages of OpenTelemetry's trace.proto, version 1; the numbers are those of its fields. A field that is sent twice
// counts as sent last.

extension Span {
    init(_ reader: ProtobufReader) throws {
        var reader = reader
        var traceID: [UInt8] = []
        var id: [UInt8] = []
        var parentID: [UInt8] = []
        var (traceState, name, kind) = ("", "", SpanKind.unspecified)
        var (start, end): (UInt64, UInt64) = (0, 0)
        var attributes: [SpanAttribute] = []
        var events: [SpanEvent] = []
        var links: [SpanLink] = []
        var status = SpanStatus(code: .unset, message: "")
        var (flags, droppedAttributes, droppedEvents, droppedLinks): (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
        while let field = try reader.next() {
            switch field.number {
            case 1: traceID = Array(try field.bytes)
            case 2: id = Array(try field.bytes)
            case 3: traceState = try field.string
            case 4: parentID = Array(try field.bytes)
            case 5: name = try field.string
            case 6: kind = SpanKind(number: Int(truncatingIfNeeded: try field.varint)) ?? .unspecified
            case 7: start = try field.fixed64
            case 8: end = try field.fixed64
            case 9: attributes.append(try SpanAttribute(try field.message))
            case 10: droppedAttributes = UInt32(truncatingIfNeeded: try field.varint)
            case 11: events.append(try SpanEvent(try field.message))
            case 12: droppedEvents = UInt32(truncatingIfNeeded: try field.varint)
            case 13: links.append(try SpanLink(try field.message))
            case 14: droppedLinks = UInt32(truncatingIfNeeded: try field.varint)
            case 15: status = try SpanStatus(try field.message)
            case 16: flags = try field.fixed32
            default: break
            }
        }
        try self.init(
            traceID: traceID, id: id, parentBytes: parentID, traceState: traceState, name: name, kind: kind,
            startNanoseconds: Int64(clamping: start), endNanoseconds: Int64(clamping: end), attributes: attributes,
            events: events, links: links, status: status, flags: flags, droppedAttributes: droppedAttributes,
            droppedEvents: droppedEvents, droppedLinks: droppedLinks)
    }
}

extension SpanStatus {
    fileprivate init(_ reader: ProtobufReader) throws(ProtobufProblem) {
        var reader = reader
        var (code, message) = (Code.unset, "")
        while let field = try reader.next() {
            switch field.number {
            case 2: message = try field.string
            case 3: code = Code(number: Int(truncatingIfNeeded: try field.varint)) ?? .unset
            default: break
            }
        }
        self.code = code
        self.message = message
    }
}

extension SpanEvent {
    fileprivate init(_ reader: ProtobufReader) throws(ProtobufProblem) {
        var reader = reader
        var (name, nanoseconds, dropped): (String, UInt64, UInt32) = ("", 0, 0)
        var attributes: [SpanAttribute] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: nanoseconds = try field.fixed64
            case 2: name = try field.string
            case 3: attributes.append(try SpanAttribute(try field.message))
            case 4: dropped = UInt32(truncatingIfNeeded: try field.varint)
            default: break
            }
        }
        self.init(
            name: name, nanoseconds: Int64(clamping: nanoseconds), attributes: attributes, droppedAttributes: dropped)
    }
}

extension SpanLink {
    fileprivate init(_ reader: ProtobufReader) throws(ProtobufProblem) {
        var reader = reader
        var traceID: [UInt8] = []
        var spanID: [UInt8] = []
        var (traceState, dropped, flags): (String, UInt32, UInt32) = ("", 0, 0)
        var attributes: [SpanAttribute] = []
        while let field = try reader.next() {
            switch field.number {
            case 1: traceID = Array(try field.bytes)
            case 2: spanID = Array(try field.bytes)
            case 3: traceState = try field.string
            case 4: attributes.append(try SpanAttribute(try field.message))
            case 5: dropped = UInt32(truncatingIfNeeded: try field.varint)
            case 6: flags = try field.fixed32
            default: break
            }
        }
        self.init(
            traceID: traceID, spanID: spanID, traceState: traceState, attributes: attributes,
            droppedAttributes: dropped, flags: flags)
    }
}
