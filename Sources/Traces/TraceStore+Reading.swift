import Database
import Tracking
import Wire

extension TraceStore {
    /// - Throws: `TraceError` when there is none.
    package func info(_ id: String) async throws -> TraceInfo {
        try await database.read { try Self.info(id, in: $0) }
    }

    /// Those of some ids that there are, in the order of the ids.
    package func infos(_ ids: [String]) async throws -> [TraceInfo] {
        try await database.read { try Self.infos(ids, in: $0) }
    }

    /// A trace with its spans.
    /// - Parameter allowsPartial: whether a trace will do of which spans are yet to come.
    /// - Throws: `TraceError` when there is none, and when not all of its spans have come.
    package func trace(_ id: String, allowsPartial: Bool = false) async throws -> Trace {
        try await database.read { reader in
            let info = try Self.info(id, in: reader)
            let trace = Trace(info: info, spans: try Self.spans(of: [id], in: reader)[id] ?? [])
            guard allowsPartial || trace.isComplete else { throw TraceError.unfinishedTrace(id) }
            return trace
        }
    }

    /// Those of some ids that there are and whose spans have all come, in the order of the ids.
    package func traces(_ ids: [String]) async throws -> [Trace] {
        try await database.read { reader in
            let infos = try Self.infos(ids, in: reader)
            let spans = try Self.spans(of: infos.map(\.id), in: reader)
            return infos.map { Trace(info: $0, spans: spans[$0.id] ?? []) }.filter(\.isComplete)
        }
    }

    /// The name of the span with which each trace began; none for a trace whose root has not come.
    package func rootNames(of traces: [String]) async throws -> [String: String] {
        try await database.read { reader in
            var names: [String: String] = [:]
            try reader.forEachRow(of: traces) { traces in
                """
                SELECT trace_id, name FROM spans WHERE trace_id IN \(list: traces) AND parent_id IS NULL
                ORDER BY start_nanoseconds DESC
                """
            } _: { row in
                // Of several roots the first one, which comes last.
                names[try row.get(0)] = try row.get(1)
            }
            return names
        }
    }

    static let columns: SQL = """
        c.trace_id, c.experiment_id, c.client_request_id, c.request_preview, c.response_preview, c.request_time,
        c.duration_ms, c.state
        """

    static func info(_ id: String, in reader: Reader) throws -> TraceInfo {
        guard let info = try infos([id], in: reader).first else { throw TraceError.unknownTrace(id) }
        return info
    }

    private static func infos(_ ids: [String], in reader: Reader) throws -> [TraceInfo] {
        var rows: [String: Row] = [:]
        try reader.forEachRow(of: Array(Set(ids))) {
            "SELECT \(columns) FROM traces c WHERE trace_id IN \(list: $0)"
        } _: {
            rows[try $0.get(0)] = $0
        }
        var seen: Set<String> = []
        let found = ids.filter { seen.insert($0).inserted }.compactMap { rows[$0] }
        return try complete(found, in: reader)
    }

    /// The traces of some rows, with what other tables know of them.
    static func complete(_ rows: [Row], in reader: Reader) throws -> [TraceInfo] {
        let ids: [String] = try rows.map { try $0.get(0) }
        let tags = try reader.tags(of: ids, table: "trace_tags", owner: "trace_id")
        let metadata = try reader.tags(of: ids, table: "trace_metadata", owner: "trace_id")
        let assessments = try assessments(of: ids, in: reader)
        return try rows.indices.map { place in
            let row = rows[place]
            return TraceInfo(
                id: ids[place], experimentID: try row.get(1), clientRequestID: try row.get(2),
                requestPreview: try row.get(3),
                responsePreview: try row.get(4), requestTime: try row.get(5), durationMs: try row.get(6),
                state: try row.get(7), metadata: metadata[place], tags: tags[place],
                assessments: assessments[ids[place]] ?? [])
        }
    }

    static func spans(of traces: [String], in reader: Reader) throws -> [String: [Span]] {
        var attributes: [SpanKey: [SpanAttribute]] = [:]
        try reader.forEachRow(of: traces) { traces in
            """
            SELECT trace_id, span_id, key, form, value FROM span_attributes WHERE trace_id IN \(list: traces)
            ORDER BY trace_id, span_id, position
            """
        } _: { row in
            let form = StoredAttribute.Form(rawValue: try row.get(3)) ?? .text
            let value = try StoredAttribute(form: form, text: try row.get(4)).value()
            let key = SpanKey(trace: try row.get(0), span: try row.get(1))
            attributes[key, default: []].append(SpanAttribute(try row.get(2), value))
        }
        var spans: [String: [Span]] = [:]
        try reader.forEachRow(of: traces) { traces in
            """
            SELECT trace_id, span_id, message FROM spans WHERE trace_id IN \(list: traces)
            ORDER BY CASE WHEN parent_id IS NULL THEN 0 ELSE 1 END, start_nanoseconds, span_id
            """
        } _: { row in
            let key = SpanKey(trace: try row.get(0), span: try row.get(1))
            var span = try Span(Fields(try row.get(2, as: JSON.self)), ids: .base64)
            span.attributes = attributes[key] ?? []
            spans[key.trace, default: []].append(span)
        }
        return spans
    }
}

private struct SpanKey: Hashable {
    let trace: String
    let span: String
}

extension Trace {
    /// Whether all spans have come that its client said there are, and at least one.
    fileprivate var isComplete: Bool { spans.count >= max(1, info.announcedSpans) }
}
