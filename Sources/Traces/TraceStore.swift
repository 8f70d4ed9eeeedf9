package import Database
package import Events
package import Tracking
package import Wire

/// Where traces are kept.
///
/// A trace comes in two halves that know nothing of each other's order: its spans, and what its client says of the whole.
/// Whichever is first makes the trace. What the client says counts; until then the spans have to tell.
///
/// Traces are observations, like metrics: they come too fast to chain each in the log of events. That one is deleted, or
/// judged, is an event.
package struct TraceStore: Sendable {
    let database: Database
    let events: EventLog
    let clock: WallClock
    let entropy: Entropy

    package init(database: Database, events: EventLog, clock: WallClock, entropy: Entropy) {
        self.database = database
        self.events = events
        self.clock = clock
        self.entropy = entropy
    }

    /// Keeps what a client says of a whole trace, in place of what was known of it. Tags, metadata and assessments are
    /// joined with those that are there.
    /// - Throws: `TrackingError` for an experiment that is unknown or deleted.
    package func save(_ trace: TraceInfo) async throws -> TraceInfo {
        try await database.write { transaction in
            let experiment = try ExperimentStore.active(trace.experimentID, in: transaction)
            try transaction.execute(
                """
                INSERT INTO traces (trace_id, experiment_id, request_time, duration_ms, state, client_request_id,
                    request_preview, response_preview, is_final)
                VALUES (\(trace.id), \(trace.experimentID), \(trace.requestTime), \(trace.durationMs), \(trace.state),
                    \(trace.clientRequestID), \(trace.requestPreview), \(trace.responsePreview), 1)
                ON CONFLICT (trace_id) DO UPDATE SET experiment_id = excluded.experiment_id,
                    request_time = excluded.request_time, duration_ms = excluded.duration_ms, state = excluded.state,
                    client_request_id = excluded.client_request_id, is_final = 1,
                    request_preview = COALESCE(excluded.request_preview, traces.request_preview),
                    response_preview = COALESCE(excluded.response_preview, traces.response_preview)
                """)
            let place = ArtifactLocation.ofTrace(trace.id, in: experiment.artifactLocation)
            try Self.set(trace.tags + [Tag(key: Self.locationKey, value: place)], of: trace.id, in: transaction)
            try Self.set(metadata: trace.metadata, of: trace.id, in: transaction)
            for assessment in trace.assessments { try Self.save(assessment, in: transaction) }
            return try Self.info(trace.id, in: transaction)
        }
    }

    /// The tag that says where a trace's files are.
    static let locationKey = "mlflow.artifactLocation"

    /// Begins a trace in the older way, which gives it its id.
    package func begin(
        in experiment: ExperimentID, at time: Timestamp, metadata: [Tag], tags: [Tag]
    ) async throws -> TraceInfo {
        let id = "tr-" + entropy.hexID()
        let new = TraceInfo(
            id: id, experimentID: experiment, clientRequestID: nil, requestPreview: nil, responsePreview: nil,
            requestTime: time, durationMs: nil, state: .inProgress, metadata: metadata, tags: tags, assessments: [])
        return try await save(new)
    }

    /// Ends a trace that was begun in the older way.
    /// - Throws: `TraceError` when there is none.
    package func end(
        _ id: String, at time: Timestamp, state: TraceState, metadata: [Tag], tags: [Tag]
    ) async throws -> TraceInfo {
        try await database.write { transaction in
            let changed = try transaction.execute(
                """
                UPDATE traces SET duration_ms = \(time.milliseconds) - request_time, state = \(state)
                WHERE trace_id = \(id)
                """)
            guard changed > 0 else { throw TraceError.unknownTrace(id) }
            try Self.set(tags, of: id, in: transaction)
            try Self.set(metadata: metadata, of: id, in: transaction)
            return try Self.info(id, in: transaction)
        }
    }

    /// Sets a tag, new or not; a value that is too long is cut.
    /// - Throws: `FieldProblem` for a key that breaks the rule for names, `TraceError` for an unknown trace.
    package func set(_ tag: Tag, of id: String) async throws {
        let tag = try TagRule.trace.checked(tag)
        try await database.write { transaction in
            try Self.require(id, in: transaction)
            try Self.set([tag], of: id, in: transaction)
        }
    }

    /// - Throws: `TraceError` for an unknown trace, and when it has no such tag.
    package func deleteTag(_ key: String, of id: String) async throws {
        try await database.write { transaction in
            try Self.require(id, in: transaction)
            let deleted = try transaction.execute("DELETE FROM trace_tags WHERE trace_id = \(id) AND key = \(key)")
            guard deleted > 0 else { throw TraceError.missingTag(key, of: id) }
        }
    }

    /// Says that traces belong to a run; those that are not known are passed over.
    /// - Throws: `TrackingError` for an unknown run.
    package func link(_ traces: [String], to run: String) async throws {
        try await database.write { transaction in
            _ = try RunStore.info(run, in: transaction)
            try Self.link(traces, to: run, in: transaction)
        }
    }

    /// - Returns: how many were not linked before.
    @discardableResult
    static func link(_ traces: [String], to run: String, in transaction: Transaction) throws -> Int {
        guard !traces.isEmpty else { return 0 }
        return try transaction.execute(
            """
            INSERT INTO trace_runs (trace_id, run_id)
            SELECT trace_id, \(run) FROM traces WHERE trace_id IN \(list: traces)
            ON CONFLICT DO NOTHING
            """)
    }

    /// Says which versions of prompts a trace used, each as `name/version`.
    /// - Throws: `TraceError` for an unknown trace.
    package func link(prompts: [String], to trace: String) async throws {
        try await database.write { transaction in
            try Self.require(trace, in: transaction)
            try transaction.insert(
                into: "trace_prompts (trace_id, prompt)", rows: prompts.map { [trace.sqlValue, $0.sqlValue] },
                "ON CONFLICT DO NOTHING")
        }
    }

    /// Removes traces for good, with all that belongs to them: those of the selection, oldest first.
    /// - Returns: how many there were.
    package func delete(_ selection: TraceSelection, in experiment: ExperimentID, by actor: String) async throws -> Int
    {
        try await database.write { transaction in
            let limit: SQL = selection.limit.map { "LIMIT \($0)" } ?? ""
            let ids = try transaction.values(
                """
                SELECT trace_id FROM traces WHERE experiment_id = \(experiment) AND \(selection.sql)
                ORDER BY request_time, trace_id \(limit)
                """, as: String.self)
            guard !ids.isEmpty else { return 0 }
            var rest = ids[...]
            while !rest.isEmpty {
                for table in Self.tables {
                    try transaction.execute("DELETE FROM \(table) WHERE trace_id IN \(list: rest.prefix(512))")
                }
                rest = rest.dropFirst(512)
            }
            try events.append(
                Change(
                    by: actor, "traces.deleted", of: "experiments/\(experiment.text)",
                    ["traces": .integer(Int64(ids.count))]), in: transaction)
            return ids.count
        }
    }

    /// All that have a row of a trace.
    static let tables: [SQL] = [
        "trace_tags", "trace_metadata", "trace_runs", "trace_prompts", "trace_measures", "spans", "span_attributes",
        "assessments", "traces",
    ]
}

/// Which traces of an experiment to delete.
package enum TraceSelection: Sendable {
    /// Those of these ids.
    case ids([String])
    /// Those that began at a moment or before it; the oldest ones when there is a limit.
    case until(Timestamp, limit: Int?)

    var limit: Int? {
        if case .until(_, let limit) = self { limit } else { nil }
    }
}

extension TraceSelection {
    fileprivate var sql: SQL {
        switch self {
        case .ids(let ids): "trace_id IN \(list: ids)"
        case .until(let moment, _): "request_time <= \(moment)"
        }
    }
}

// MARK: - Within a transaction

extension TraceStore {
    /// - Throws: `TraceError` when there is none.
    static func require(_ id: String, in reader: Reader) throws {
        guard try reader.row("SELECT 1 FROM traces WHERE trace_id = \(id)") != nil else {
            throw TraceError.unknownTrace(id)
        }
    }

    static func set(_ tags: [Tag], of id: String, in transaction: Transaction) throws {
        try upsert(tags, of: id, into: "trace_tags", in: transaction)
    }

    static func set(metadata: [Tag], of id: String, in transaction: Transaction) throws {
        try upsert(metadata, of: id, into: "trace_metadata", in: transaction)
        try note(metadata, of: id, in: transaction)
    }

    /// Of equal keys the last one counts; a statement that met one twice would be refused.
    private static func upsert(_ tags: [Tag], of id: String, into table: SQL, in transaction: Transaction) throws {
        var values: [String: String] = [:]
        for tag in tags { values[tag.key.cut(to: KeyRule.maximumLength)] = tag.value.cut(to: 8000) }
        try transaction.insert(
            into: "\(table) (trace_id, key, value)",
            rows: values.sorted { $0.key < $1.key }.map {
                [id.sqlValue, $0.key.storable.sqlValue, $0.value.storable.sqlValue]
            },
            "ON CONFLICT (trace_id, key) DO UPDATE SET value = excluded.value")
    }
}

extension String {
    /// The text with U+0000, which no column of text holds, replaced.
    var storable: String { utf8.contains(0) ? replacing("\0", with: "\u{FFFD}") : self }
}

extension TraceState: SQLValueConvertible {
    package var sqlValue: SQLValue { .text(rawValue) }
    package init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self.init(rawValue: text)
    }
}
