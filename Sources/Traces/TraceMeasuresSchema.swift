import Database
import Tracking
import Wire

/// Fills what the migration `traces-004-measures` adds from the traces that were there before it.
///
/// Its statements are its own, although the store has some like them: what the store does to later tables must not reach
/// a database that has not come so far.
enum TraceMeasuresSchema {
    private static let portion = 100

    static func carryOver(_ transaction: Transaction) throws {
        var last = ""
        while true {
            let traces = try transaction.values(
                "SELECT trace_id FROM traces WHERE trace_id > \(last) ORDER BY trace_id LIMIT \(portion)",
                as: String.self)
            guard let end = traces.last else { break }
            for trace in traces {
                let spans = try spans(of: trace, in: transaction)
                for span in spans { try measure(span, of: trace, in: transaction) }
                try sumUsage(of: trace, spans, in: transaction)
                try noteMetadata(of: trace, in: transaction)
            }
            last = end
        }
        try measureAssessments(in: transaction)
    }

    private static func spans(of trace: String, in transaction: Transaction) throws -> [Span] {
        var attributes: [String: [SpanAttribute]] = [:]
        try transaction.forEachRow(
            """
            SELECT span_id, key, form, value FROM span_attributes WHERE trace_id = \(trace) ORDER BY span_id, position
            """
        ) { row in
            let form = StoredAttribute.Form(rawValue: try row.get(2)) ?? .text
            let value = try StoredAttribute(form: form, text: try row.get(3)).value()
            attributes[try row.get(0), default: []].append(SpanAttribute(try row.get(1), value))
        }
        return try transaction.rows("SELECT message FROM spans WHERE trace_id = \(trace) ORDER BY span_id").map { row in
            var span = try Span(Fields(try row.get(0, as: JSON.self)), ids: .base64)
            span.attributes = attributes[span.id.hexadecimal] ?? []
            return span
        }
    }

    private static func measure(_ span: Span, of trace: String, in transaction: Transaction) throws {
        let id = span.id.hexadecimal
        try transaction.execute(
            """
            UPDATE spans SET end_nanoseconds = \(span.endNanoseconds), model = \(span.model), provider = \(span.provider)
            WHERE trace_id = \(trace) AND span_id = \(id)
            """)
        for usage in Usage.allCases {
            try insert(span.numbers(of: usage) ?? [:], of: trace, span: id, in: transaction)
        }
    }

    private static func sumUsage(of trace: String, _ spans: [Span], in transaction: Transaction) throws {
        for usage in Usage.allCases {
            let nodes = spans.map { span in
                Usage.Node(
                    id: span.id.hexadecimal, parentID: span.parentID?.hexadecimal, numbers: span.numbers(of: usage))
            }
            guard let sums = usage.sums(of: nodes) else { continue }
            try transaction.execute(
                """
                INSERT INTO trace_metadata (trace_id, key, value)
                VALUES (\(trace), \(usage.metadata), \(usage.text(of: sums))) ON CONFLICT DO NOTHING
                """)
        }
    }

    private static func noteMetadata(of trace: String, in transaction: Transaction) throws {
        func metadata(_ key: String) throws -> String? {
            try transaction.value("SELECT value FROM trace_metadata WHERE trace_id = \(trace) AND key = \(key)")
        }
        if let session = try metadata(TraceInfo.sessionKey) {
            try transaction.execute(
                "UPDATE traces SET session_id = \(session.cut(to: 250)) WHERE trace_id = \(trace)")
        }
        if let text = try metadata(Usage.tokens.metadata), let json = try? JSON.parse(text) {
            try insert(Usage.tokens.numbers(in: json), of: trace, span: "", in: transaction)
        }
    }

    private static func insert(
        _ numbers: [String: Double], of trace: String, span: String, in transaction: Transaction
    ) throws {
        try transaction.insert(
            into: "trace_measures (trace_id, span_id, key, value)",
            rows: numbers.map { [trace.sqlValue, span.sqlValue, $0.key.sqlValue, $0.value.sqlValue] })
    }

    private static func measureAssessments(in transaction: Transaction) throws {
        var last = ""
        while true {
            let rows = try transaction.rows(
                """
                SELECT assessment_id, content, metadata FROM assessments WHERE assessment_id > \(last)
                ORDER BY assessment_id LIMIT \(portion)
                """)
            guard let end = rows.last else { return }
            for row in rows {
                let value = Assessment.value(of: try row.get(1, as: JSON.self))
                let isOfSession = try row.get(2, as: JSON.self)[TraceInfo.sessionKey] != nil
                try transaction.execute(
                    """
                    UPDATE assessments SET value = \(value.storableText), score = \(value.score),
                        is_of_session = \(isOfSession) WHERE assessment_id = \(try row.get(0, as: String.self))
                    """)
            }
            last = try end.get(0)
        }
    }
}
