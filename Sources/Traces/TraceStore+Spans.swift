import Database
import Tracking
import Wire

extension TraceStore {
    /// Keeps the spans of one export, all or none, in an experiment unless their trace is there already.
    /// - Parameter run: the run to which the traces of root spans belong.
    /// - Throws: `TrackingError` for a new trace in an experiment that is unknown or deleted.
    func log(_ export: SpanExport, in experiment: ExperimentID, run: String?) async throws {
        let batches = Dictionary(grouping: export.entries) { TraceInfo.id(ofSpanTrace: $0.span.traceID) }
            .map { SpanBatch(trace: $0.key, entries: $0.value) }.sorted { $0.trace < $1.trace }
        try await database.write { transaction in
            for batch in batches { try Self.log(batch, in: experiment, transaction) }
            guard let run else { return }
            _ = try RunStore.info(run, in: transaction)
            try Self.link(batches.filter { $0.root != nil }.map(\.trace), to: run, in: transaction)
        }
    }

    private static func log(_ batch: SpanBatch, in experiment: ExperimentID, _ transaction: Transaction) throws {
        if try transaction.row("SELECT 1 FROM traces WHERE trace_id = \(batch.trace)") == nil {
            let experiment = try ExperimentStore.active(experiment, in: transaction)
            let place = ArtifactLocation.ofTrace(batch.trace, in: experiment.artifactLocation)
            try transaction.execute(
                """
                INSERT INTO traces (trace_id, experiment_id, request_time, state, is_final)
                VALUES (\(batch.trace), \(experiment.id), \(batch.start), \(TraceState.inProgress), 0)
                """)
            try set([Tag(key: locationKey, value: place)], of: batch.trace, in: transaction)
        }
        try insert(batch.spans, of: batch.trace, in: transaction)
        try tell(batch, in: transaction)
        // People's own tags come last, because they may have the name of one that describes the program.
        try set(batch.resourceTags + batch.tags + [TraceInfo.spansLocation], of: batch.trace, in: transaction)
    }

    /// Notes on the trace what its spans tell, where the client has not said it.
    private static func tell(_ batch: SpanBatch, in transaction: Transaction) throws {
        let row: SQL = "trace_id = \(batch.trace)"
        // The earliest start and the latest end of all spans so far.
        let start: SQL = "CASE WHEN request_time < \(batch.start) THEN request_time ELSE \(batch.start) END"
        var changes: [SQL] = ["request_time = \(start)"]
        if let end = batch.end {
            let known: SQL = "request_time + COALESCE(duration_ms, 0)"
            changes.append("duration_ms = CASE WHEN \(known) > \(end) THEN \(known) ELSE \(end) END - \(start)")
        } else {
            changes.append("duration_ms = duration_ms + request_time - \(start)")
        }
        try transaction.execute(
            "UPDATE traces SET \(changes.joined(separator: ", ")) WHERE \(row) AND is_final = 0")
        try sumUsage(of: batch, in: transaction)
        guard let root = batch.root else { return }
        try transaction.execute(
            """
            UPDATE traces SET state = \(root.status.code == .error ? TraceState.error : .ok)
            WHERE \(row) AND state IN (\(TraceState.inProgress), \(TraceState.unspecified))
            """)
        try transaction.execute(
            """
            UPDATE traces SET request_preview = COALESCE(request_preview, \(root.preview(of: Span.inputsKey))),
                response_preview = COALESCE(response_preview, \(root.preview(of: Span.outputsKey)))
            WHERE \(row)
            """)
        for tag in batch.metadata {
            let isNew = try transaction.execute(
                """
                INSERT INTO trace_metadata (trace_id, key, value) VALUES (\(batch.trace), \(tag.key), \(tag.value))
                ON CONFLICT DO NOTHING
                """)
            if isNew > 0 { try note([tag], of: batch.trace, in: transaction) }
        }
    }

    /// A span that is sent again takes the place of the one before.
    static func insert(_ spans: [Span], of trace: String, in transaction: Transaction) throws {
        var rest = spans[...]
        while !rest.isEmpty {
            let ids = rest.prefix(512).map(\.id.hexadecimal)
            try transaction.execute(
                "DELETE FROM span_attributes WHERE trace_id = \(trace) AND span_id IN \(list: ids)")
            rest = rest.dropFirst(512)
        }
        try transaction.insert(
            into: """
                spans (trace_id, span_id, parent_id, name, type, status, start_nanoseconds, end_nanoseconds, model,
                    provider, message)
                """,
            rows: spans.map { row($0, of: trace) },
            """
            ON CONFLICT (trace_id, span_id) DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name,
                type = excluded.type, status = excluded.status, start_nanoseconds = excluded.start_nanoseconds,
                end_nanoseconds = excluded.end_nanoseconds, model = excluded.model, provider = excluded.provider,
                message = excluded.message
            """)
        try transaction.insert(
            into: "span_attributes (trace_id, span_id, position, key, form, value)",
            rows: spans.flatMap { attributeRows($0, of: trace) })
        try measure(spans, of: trace, in: transaction)
    }

    private static func row(_ span: Span, of trace: String) -> [SQLValue] {
        var message = span
        message.attributes = []
        return [
            trace.sqlValue, span.id.hexadecimal.sqlValue, (span.parentID?.hexadecimal).sqlValue,
            span.name.storable.sqlValue,
            span.type.storable.sqlValue, span.status.word.sqlValue, span.startNanoseconds.sqlValue,
            span.endNanoseconds.sqlValue, span.model.sqlValue, span.provider.sqlValue, message.json.sqlValue,
        ]
    }

    /// The id of the trace is written anew: what a client says of it is not to be trusted.
    private static func attributeRows(_ span: Span, of trace: String) -> [[SQLValue]] {
        let others = span.attributes.filter { $0.key != Span.traceIDKey }
        let all = others + [SpanAttribute(Span.traceIDKey, .string(trace))]
        return all.enumerated().map { position, attribute in
            let stored = StoredAttribute(attribute.value)
            return [
                trace.sqlValue, span.id.hexadecimal.sqlValue, position.sqlValue, attribute.key.storable.sqlValue,
                stored.form.rawValue.sqlValue, stored.text.sqlValue,
            ]
        }
    }
}
