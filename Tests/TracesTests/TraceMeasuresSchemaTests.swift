import Database
import Events
import TestSupport
import Testing
import Tracking
import Wire

@testable import Traces

/// A database of before the numbers of traces were kept apart.
@Suite(.everyEngine) struct TraceMeasuresSchemaTests {
    @Test func fillsTheNumbersOfTracesThatWereThere() async throws {
        let home = try await TestDatabase()
        let database = try home.open()
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let before = EventSchema.migrations + TrackingSchema.migrations(now: now)
        let former = TraceSchema.migrations.filter { $0.id != "traces-004-measures" }
        #expect(former.count == TraceSchema.migrations.count - 1)
        try await database.migrate(before + former)
        // More traces than one portion takes, as the former version wrote them.
        try await database.write { transaction in
            for number in 0..<250 { try Self.insert("tr-\(1000 + number)", number, in: transaction) }
        }
        try await database.migrate(before + TraceSchema.migrations)

        let rows = try await database.read { reader in
            try reader.rows(
                """
                SELECT s.span_id, s.end_nanoseconds, s.model, m.key, m.value FROM spans s
                LEFT JOIN trace_measures m ON m.trace_id = s.trace_id AND m.span_id = s.span_id
                WHERE s.trace_id = 'tr-1007' ORDER BY s.span_id, m.key
                """)
        }
        #expect(
            rows.map(\.values) == [
                [.text("00000000000000a1"), .integer(2_000_000), .null, .null, .null],
                [.text("00000000000000b2"), .integer(0), .text("small"), .text("input_tokens"), .double(7)],
            ])
        let summed = try await database.read { reader in
            (
                tokens: try reader.value(
                    "SELECT SUM(value) FROM trace_measures WHERE span_id = '' AND key = 'input_tokens'", as: Double.self
                ),
                session: try reader.value("SELECT session_id FROM traces WHERE trace_id = 'tr-1249'", as: String.self),
                assessments: try reader.rows(
                    "SELECT DISTINCT value, score, is_of_session FROM assessments ORDER BY value"
                ).map(\.values)
            )
        }
        #expect(summed.tokens == Double((0..<250).reduce(0, +)))
        #expect(summed.session == "s1")
        #expect(
            summed.assessments == [
                [.text(#""yes""#), .double(1), .integer(1)], [.text("true"), .double(1), .integer(0)],
            ])
        let store = TraceStore(
            database: database, events: EventLog(database: database, clock: WallClock { now }),
            clock: WallClock { now }, entropy: .system)
        #expect(
            try await store.info("tr-1007").metadata("mlflow.trace.tokenUsage")
                == #"{"input_tokens": 7, "output_tokens": 0, "total_tokens": 0}"#)
    }

    private static func insert(_ trace: String, _ number: Int, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO traces (trace_id, experiment_id, request_time, state, is_final)
            VALUES (\(trace), 0, 0, 'OK', 1)
            """)
        try transaction.execute(
            "INSERT INTO trace_metadata (trace_id, key, value) VALUES (\(trace), 'mlflow.trace.session', 's1')")
        for (id, end) in [("00000000000000a1", 2_000_000), ("00000000000000b2", 0)] as [(String, Int64)] {
            let bytes = try #require(Self.bytes[id])
            let message: JSON = .compact([
                "trace_id": .string([UInt8](repeating: 1, count: 16).base64), "span_id": .string(bytes.base64),
                "name": "n", "start_time_unix_nano": 1_000_000, "end_time_unix_nano": end == 0 ? nil : .integer(end),
            ])
            try transaction.execute(
                """
                INSERT INTO spans (trace_id, span_id, name, type, status, start_nanoseconds, message)
                VALUES (\(trace), \(id), 'n', 'UNKNOWN', 'OK', 1000000, \(message))
                """)
        }
        for (position, (key, value)) in [
            ("mlflow.chat.tokenUsage", "{\"input_tokens\":\(number)}"), ("mlflow.llm.model", "small"),
        ].enumerated() {
            try transaction.execute(
                """
                INSERT INTO span_attributes (trace_id, span_id, position, key, form, value)
                VALUES (\(trace), '00000000000000b2', \(position), \(key), 0, \(value))
                """)
        }
        let isEven = number.isMultiple(of: 2)
        let content: JSON = ["value": isEven ? "yes" : true]
        let metadata: JSON = isEven ? ["mlflow.trace.session": "s1"] : [:]
        try transaction.execute(
            """
            INSERT INTO assessments (assessment_id, trace_id, name, kind, content, text, source, metadata, created,
                last_updated, is_valid)
            VALUES (\("a-" + trace), \(trace), 'good', 'feedback', \(content), '', '{}', \(metadata), 0, 0, 1)
            """)
    }

    private static let bytes: [String: [UInt8]] = [
        "00000000000000a1": [0, 0, 0, 0, 0, 0, 0, 0xA1], "00000000000000b2": [0, 0, 0, 0, 0, 0, 0, 0xB2],
    ]
}
