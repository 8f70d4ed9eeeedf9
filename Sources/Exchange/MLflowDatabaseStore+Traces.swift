import Database
import Foundation
import Wire

// Traces of MLflow's SQL stores.

extension MLflowDatabaseStore {
    /// A column of a table that not every version of MLflow has.
    private func optional(_ column: SQL, of table: String, named name: String) -> SQL {
        columns.contains("\(table).\(name)") ? column : "NULL"
    }

    func traces(of experiment: String, _ body: RecordBody) async throws {
        let extra = ["client_request_id", "request_preview", "response_preview", "trace_name", "session_id"]
        let names = extra + Self.tokenColumns + Self.costColumns
        let wanted = names.map { optional(SQL(stringLiteral: $0), of: "trace_info", named: $0) }.joined(separator: ", ")
        var last = ""
        while true {
            let after = last
            let portion = try await records(
                "trace_info",
                """
                SELECT request_id, timestamp_ms, execution_time_ms, status, \(wanted) FROM trace_info
                WHERE experiment_id = \(Int64(experiment) ?? -1) AND request_id > \(after)
                ORDER BY request_id LIMIT \(Self.portion)
                """
            ) { row in
                var members: [(String, JSON)] = [
                    ("id", try row.text(0) ?? ""), ("time", try row.number(1) ?? 0), ("state", try row.text(3) ?? ""),
                ]
                if let duration = try row.number(2) { members.append(("duration", duration)) }
                for (place, name) in names.enumerated() {
                    let isText = place < extra.count
                    let value = isText ? try row.text(place + 4) : try row.quantity(place + 4)
                    if let value { members.append((name, value)) }
                }
                return .members(members)
            }
            for row in portion {
                let id = row["id"]?.stringValue ?? ""
                try await body(try await SourceRecord.reading(id) { try await trace(row, id: id, in: experiment) })
            }
            guard let id = portion.last?["id"]?.stringValue, portion.count == Self.portion else { return }
            last = id
        }
    }

    private func trace(_ row: JSON, id: String, in experiment: String) async throws -> JSON {
        var tags = try await pairs("trace_tags", "key, value", where: "request_id = \(id)").arrayValue ?? []
        if let name = row["trace_name"], !tags.contains(where: { $0["key"] == .string(TraceRecord.nameTag) }) {
            tags.append(["key": .string(TraceRecord.nameTag), "value": name])
        }
        let kept = try await pairs("trace_request_metadata", "key, value", where: "request_id = \(id)")
        let prompts = try await records(
            "entity_associations",
            """
            SELECT destination_id FROM entity_associations
            WHERE source_type = 'trace' AND destination_type = 'prompt_version' AND source_id = \(id)
            ORDER BY destination_id
            """
        ) { try $0.text(0) ?? "" }
        return TraceRecord.record(
            TraceRecord.Facts(
                id: id, experimentID: experiment, timeMs: row["time"]?.integerValue ?? 0,
                durationMs: row["duration"]?.integerValue, state: row["state"]?.stringValue ?? ""),
            tags: .array(tags), metadata: .array((kept.arrayValue ?? []) + Self.metadata(in: row)),
            assessments: try await assessments(of: id), prompts: prompts.compactMap(\.stringValue),
            more: [
                "client_request_id": row["client_request_id"], "request_preview": row["request_preview"],
                "response_preview": row["response_preview"],
            ])
    }

    private static let tokenColumns = [
        "input_tokens", "output_tokens", "total_tokens", "cache_read_input_tokens", "cache_creation_input_tokens",
        "cache_creation_input_tokens_above_1hr",
    ]
    private static let costColumns = ["input_cost", "output_cost", "total_cost"]

    /// Metadata that newer versions of MLflow keep in columns, as its server writes them.
    private static func metadata(in row: JSON) -> [JSON] {
        func counts(_ columns: [String]) -> JSON? {
            let known = columns.compactMap { name in row[name].map { "\"\(name)\": \($0.text)" } }
            return known.isEmpty ? nil : .string("{\(known.joined(separator: ", "))}")
        }
        let values: [(String, JSON?)] = [
            ("mlflow.trace.session", row["session_id"]), ("mlflow.trace.tokenUsage", counts(tokenColumns)),
            ("mlflow.trace.cost", counts(costColumns)),
        ]
        return values.compactMap { key, value in value.map { ["key": .string(key), "value": $0] } }
    }

    private func assessments(of trace: String) async throws -> [JSON] {
        try await records(
            "assessments",
            """
            SELECT assessment_id, name, assessment_type, value, error, created_timestamp, last_updated_timestamp,
                source_type, source_id, span_id, rationale, overrides, valid, assessment_metadata
            FROM assessments WHERE trace_id = \(trace) ORDER BY created_timestamp, assessment_id
            """
        ) { row in
            let kind = try row.text(2)?.stringValue ?? "feedback"
            let content = try Self.content(
                of: kind, try JSON.parse(row.get(3, as: String.self)), error: row.text(4)?.stringValue)
            let members: [(String, JSON?)] = [
                ("assessment_id", try row.text(0)), ("assessment_name", try row.text(1)), ("trace_id", .string(trace)),
                ("span_id", try row.text(9)),
                ("source", .compact(["source_type": try row.text(7), "source_id": try row.text(8)])),
                ("create_time", try row.moment(5)), ("last_update_time", try row.moment(6)), (kind, content),
                ("rationale", try row.text(10)),
                ("metadata", try row.text(13)?.stringValue.map { try JSON.parse($0) }),
                ("overrides", try row.text(11)), ("valid", .bool(try row.number(12) != 0)),
            ]
            return .members(members.compactMap { key, value in value.map { (key, $0) } })
        }
    }

    /// What an assessment says, as MLflow's REST API writes it.
    private static func content(of kind: String, _ value: JSON, error: String?) throws -> JSON {
        switch (kind, value) {
        case ("expectation", .array), ("expectation", .object):
            ["serialized_value": ["serialization_format": "JSON_FORMAT", "value": .string(value.text)]]
        case ("issue", _): value
        default: .compact(["value": value, "error": try error.map { try JSON.parse($0) }])
        }
    }

    func spans(of trace: JSON, _ body: RecordBody) async throws {
        let id = RecordKind.traces.id(of: trace)
        guard TraceRecord.tag(TraceRecord.spansTag, of: trace) == TraceRecord.inStore else {
            return try await spansInFile(of: trace, body)
        }
        var last: Int64 = -1
        while true {
            let after = last
            let rows = try await read { reader in
                try reader.rows(
                    """
                    SELECT rowid, content FROM spans WHERE trace_id = \(id) AND rowid > \(after)
                    ORDER BY rowid LIMIT \(Self.portion)
                    """)
            }
            guard let row = rows.last else { return }
            last = try row.get(0)
            let record = try await SourceRecord.reading(id) {
                SpanRecord.record(of: id, try rows.map { try SpanRecord.span(JSON.parse($0.get(1, as: String.self))) })
            }
            try await body(record)
        }
    }

    func traceLinks(of runs: [String], in experiments: [String], _ body: RecordBody) async throws {
        let links = try await records(
            "entity_associations",
            """
            SELECT a.destination_id, a.source_id FROM entity_associations a
            JOIN runs r ON r.run_uuid = a.destination_id JOIN trace_info t ON t.request_id = a.source_id
            WHERE a.source_type = 'trace' AND a.destination_type = 'run' ORDER BY a.destination_id, a.source_id
            """
        ) { [try $0.text(0) ?? "", try $0.text(1) ?? ""] }
        let byRun = Dictionary(grouping: links) { $0.arrayValue?.first?.stringValue ?? "" }
        for (run, links) in byRun.sorted(by: { $0.key < $1.key }) {
            let traces = links.compactMap { $0.arrayValue?.last?.stringValue }
            for record in TraceRecord.links(of: traces, to: run) { try await body(.whole(record)) }
        }
    }
}

extension Row {
    /// A column as a moment; nil when it is null.
    fileprivate func moment(_ index: Int) throws -> JSON? {
        try number(index)?.integerValue.map { .string(Timestamp(milliseconds: $0).iso8601) }
    }

    /// A column as a number; nil when it is null.
    fileprivate func quantity(_ index: Int) throws -> JSON? {
        if case .double(let number) = values[index] { .double(number) } else { try number(index) }
    }
}
