import Database
import Tracking
import Wire

// The numbers that traces and spans are counted and compared by, kept apart from the texts that say them.

extension TraceStore {
    /// Keeps what spans say of usage, in place of what they said before.
    static func measure(_ spans: [Span], of trace: String, in transaction: Transaction) throws {
        var rest = spans[...]
        while !rest.isEmpty {
            let ids = rest.prefix(512).map(\.id.hexadecimal)
            try transaction.execute(
                "DELETE FROM trace_measures WHERE trace_id = \(trace) AND span_id IN \(list: ids)")
            rest = rest.dropFirst(512)
        }
        for span in spans {
            for usage in Usage.allCases {
                guard let numbers = span.numbers(of: usage) else { continue }
                try insert(numbers, of: trace, span: span.id.hexadecimal, in: transaction)
            }
        }
    }

    /// Sums up what the spans of a trace used, those of before too, unless its client has said it.
    static func sumUsage(of batch: SpanBatch, in transaction: Transaction) throws {
        for usage in Usage.allCases where batch.spans.contains(where: { $0.numbers(of: usage) != nil }) {
            let said = try transaction.row(
                """
                SELECT 1 FROM trace_metadata m JOIN traces c ON c.trace_id = m.trace_id
                WHERE m.trace_id = \(batch.trace) AND m.key = \(usage.metadata) AND c.is_final = 1
                """)
            guard said == nil, let sums = usage.sums(of: try nodes(of: batch.trace, usage, in: transaction)) else {
                continue
            }
            let sum = Tag(key: usage.metadata, value: usage.text(of: sums))
            try set(metadata: [sum], of: batch.trace, in: transaction)
        }
    }

    private static func nodes(of trace: String, _ usage: Usage, in reader: Reader) throws -> [Usage.Node] {
        var numbers: [String: [String: Double]] = [:]
        try reader.forEachRow(
            """
            SELECT span_id, key, value FROM trace_measures
            WHERE trace_id = \(trace) AND span_id <> '' AND key IN \(list: usage.keys + usage.optionalKeys)
            """
        ) { row in
            numbers[try row.get(0), default: [:]][try row.get(1)] = try row.get(2, as: Double.self)
        }
        return try reader.rows("SELECT span_id, parent_id FROM spans WHERE trace_id = \(trace)").map { row in
            let id: String = try row.get(0)
            return Usage.Node(id: id, parentID: try row.get(1), numbers: numbers[id])
        }
    }

    /// Keeps apart what the metadata of a trace says of its conversation and its tokens, where some of it changed.
    static func note(_ changed: [Tag], of trace: String, in transaction: Transaction) throws {
        let keys = [TraceInfo.sessionKey, Usage.tokens.metadata].filter { key in changed.contains { $0.key == key } }
        for key in keys {
            let text: String? = try transaction.value(
                "SELECT value FROM trace_metadata WHERE trace_id = \(trace) AND key = \(key)")
            if key == TraceInfo.sessionKey {
                try transaction.execute(
                    "UPDATE traces SET session_id = \(text?.cut(to: 250)) WHERE trace_id = \(trace)")
            } else {
                try transaction.execute("DELETE FROM trace_measures WHERE trace_id = \(trace) AND span_id = ''")
                let json = text.flatMap { try? JSON.parse($0) }
                try insert(Usage.tokens.numbers(in: json ?? .null), of: trace, span: "", in: transaction)
            }
        }
    }

    private static func insert(
        _ numbers: [String: Double], of trace: String, span: String, in transaction: Transaction
    ) throws {
        try transaction.insert(
            into: "trace_measures (trace_id, span_id, key, value)",
            rows: numbers.map { [trace.sqlValue, span.sqlValue, $0.key.sqlValue, $0.value.sqlValue] })
    }
}
