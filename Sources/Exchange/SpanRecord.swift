import Traces
import Wire

/// Spans as MLflow's files and databases keep them, in the form of its REST API.
///
/// They are written by `Span.to_dict` of MLflow: attributes are an object whose values are JSON as text. Before version 3 the
/// members had other names, and ids were written in hexadecimal.
enum SpanRecord {
    static let maximumFileBytes = 256 << 20

    static func record(of trace: String, _ spans: [JSON]) -> JSON {
        ["trace_id": .string(trace), "spans": .array(spans)]
    }

    /// - Throws: `ExchangeError` when the file holds no spans.
    static func record(of trace: String, file: JSON) throws -> JSON {
        guard let spans = file["spans"]?.arrayValue else {
            throw ExchangeError(.invalidParameterValue, "\(TraceRecord.fileName) has no list of spans")
        }
        return record(of: trace, try spans.map(span))
    }

    /// - Throws: `ExchangeError` for what is no span.
    static func span(_ stored: JSON) throws -> JSON {
        guard stored.memberList != nil else { throw ExchangeError(.invalidParameterValue, "a span is no object") }
        let context = stored["context"]
        let (trace, id) = (context?["trace_id"] ?? stored["trace_id"], context?["span_id"] ?? stored["span_id"])
        let parent = stored["parent_span_id"] ?? stored["parent_id"]
        let end = (stored["end_time_unix_nano"] ?? stored["end_time"])?.wholeNumber
        return .compact([
            "trace_id": identifier(trace, bytes: 16), "span_id": identifier(id, bytes: 8),
            "parent_span_id": identifier(parent, bytes: 8), "name": stored["name"],
            "start_time_unix_nano": (stored["start_time_unix_nano"] ?? stored["start_time"])?.wholeNumber
                .map(JSON.integer),
            "end_time_unix_nano": end.map(JSON.integer),
            "attributes": attributes(stored["attributes"], areTexts: true), "events": events(stored["events"]),
            "links": links(stored["links"]), "status": status(of: stored),
        ])
    }

    /// An id in base64: as it is, or from hexadecimal with or without a prefix.
    private static func identifier(_ json: JSON?, bytes: Int) -> JSON? {
        guard let text = json?.stringValue, !text.isEmpty else { return nil }
        var digits = text[...]
        for prefix in ["0x", "tr-"] where digits.hasPrefix(prefix) { digits = digits.dropFirst(prefix.count) }
        if digits.hasPrefix("trace:/") {
            digits = digits[digits.index(after: digits.lastIndex(of: "/") ?? text.startIndex)...]
        }
        let isPrefixed = digits.startIndex != text.startIndex
        guard isPrefixed || digits.utf8.count == bytes * 2, digits.utf8.count <= bytes * 2,
            digits.allSatisfy(\.isHexDigit)
        else { return json }
        let padded = String(repeating: "0", count: bytes * 2 - digits.utf8.count) + digits
        let values = padded.compactMap(\.hexDigitValue)
        let raw = stride(from: 0, to: values.count, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
        return .string(raw.base64)
    }

    /// - Parameter areTexts: whether values are JSON as text, where they are texts.
    private static func attributes(_ stored: JSON?, areTexts: Bool) -> JSON? {
        guard let members = stored?.memberList, !members.isEmpty else { return nil }
        return .array(
            members.map { key, value in
                let parsed = areTexts ? value.stringValue.flatMap { try? JSON.parse($0) } : nil
                return SpanAttribute(key, SpanValue(plain: parsed ?? value)).json
            })
    }

    private static func events(_ stored: JSON?) -> JSON? {
        guard let events = stored?.arrayValue, !events.isEmpty else { return nil }
        return .array(
            events.map { event in
                .compact([
                    "time_unix_nano": (event["time_unix_nano"] ?? event["timestamp"])?.wholeNumber.map(JSON.integer),
                    "name": event["name"], "attributes": attributes(event["attributes"], areTexts: false),
                ])
            })
    }

    private static func links(_ stored: JSON?) -> JSON? {
        guard let links = stored?.arrayValue, !links.isEmpty else { return nil }
        return .array(
            links.map { link in
                .compact([
                    "trace_id": identifier(link["trace_id"], bytes: 16),
                    "span_id": identifier(link["span_id"], bytes: 8),
                    "attributes": attributes(link["attributes"], areTexts: false),
                ])
            })
    }

    private static func status(of stored: JSON) -> JSON {
        let code = (stored["status"]?["code"] ?? stored["status_code"])?.stringValue ?? ""
        let message = (stored["status"]?["message"] ?? stored["status_message"])?.stringValue
        let word = code.isEmpty ? "UNSET" : code
        return .compact([
            "code": .string(word.hasPrefix("STATUS_CODE_") ? word : "STATUS_CODE_\(word)"),
            "message": message.flatMap { $0.isEmpty ? nil : .string($0) },
        ])
    }
}
