package import Database

/// The tables of traces, their spans and what people and judges hold of them.
package enum TraceSchema {
    package static let migrations = [traces, spans, assessments, measures]

    private static let traces = Migration(
        "traces-001-traces",
        // `is_final`: the client has said what is true of the whole trace; spans that come later change none of it.
        """
        CREATE TABLE traces (
            trace_id TEXT PRIMARY KEY, experiment_id BIGINT NOT NULL, request_time BIGINT NOT NULL, duration_ms BIGINT,
            state TEXT NOT NULL, client_request_id TEXT, request_preview TEXT, response_preview TEXT,
            is_final BIGINT NOT NULL)
        """,
        // The order in which traces are listed.
        "CREATE INDEX traces_by_time ON traces (experiment_id, request_time DESC, trace_id)",
        """
        CREATE TABLE trace_tags (
            trace_id TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (trace_id, key))
        """,
        """
        CREATE TABLE trace_metadata (
            trace_id TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (trace_id, key))
        """,
        """
        CREATE TABLE trace_runs (
            trace_id TEXT NOT NULL, run_id TEXT NOT NULL, PRIMARY KEY (trace_id, run_id)) \(.inKeyOrder)
        """,
        "CREATE INDEX trace_runs_by_run ON trace_runs (run_id)",
        // A prompt is `name/version`.
        """
        CREATE TABLE trace_prompts (
            trace_id TEXT NOT NULL, prompt TEXT NOT NULL, PRIMARY KEY (trace_id, prompt)) \(.inKeyOrder)
        """)

    private static let spans = Migration(
        "traces-002-spans",
        // The columns are what is searched and sorted by; `message` is the whole span but for its attributes.
        """
        CREATE TABLE spans (
            trace_id TEXT NOT NULL, span_id TEXT NOT NULL, parent_id TEXT, name TEXT NOT NULL, type TEXT NOT NULL,
            status TEXT NOT NULL, start_nanoseconds BIGINT NOT NULL, message TEXT NOT NULL,
            PRIMARY KEY (trace_id, span_id))
        """,
        // Attributes hold most of what a span weighs. They are kept once, in the form in which they are searched.
        """
        CREATE TABLE span_attributes (
            trace_id TEXT NOT NULL, span_id TEXT NOT NULL, position BIGINT NOT NULL, key TEXT NOT NULL,
            form BIGINT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (trace_id, span_id, position))
        """)

    private static let assessments = Migration(
        "traces-003-assessments",
        // `text` and `number` are the value as it is searched.
        """
        CREATE TABLE assessments (
            assessment_id TEXT PRIMARY KEY, trace_id TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
            content TEXT NOT NULL, text TEXT NOT NULL, number \(.double), source TEXT NOT NULL, rationale TEXT,
            metadata TEXT NOT NULL, span_id TEXT, created BIGINT NOT NULL, last_updated BIGINT NOT NULL,
            overrides TEXT, is_valid BIGINT NOT NULL)
        """,
        "CREATE INDEX assessments_by_trace ON assessments (trace_id, created, assessment_id)")

    private static let measures = Migration(
        "traces-004-measures",
        // The beginning of what the metadata says of the conversation that a trace belongs to.
        "ALTER TABLE traces ADD COLUMN session_id TEXT",
        "CREATE INDEX traces_by_session ON traces (session_id) WHERE session_id IS NOT NULL",
        // 0 while the span has not ended.
        "ALTER TABLE spans ADD COLUMN end_nanoseconds BIGINT NOT NULL DEFAULT 0",
        "ALTER TABLE spans ADD COLUMN model TEXT",
        "ALTER TABLE spans ADD COLUMN provider TEXT",
        // Numbers by name: what a span used up; and of a whole trace, without a span, the tokens.
        """
        CREATE TABLE trace_measures (
            trace_id TEXT NOT NULL, span_id TEXT NOT NULL, key TEXT NOT NULL, value \(.double) NOT NULL,
            PRIMARY KEY (trace_id, span_id, key)) \(.inKeyOrder)
        """,
        // `value` is JSON, to group by; `score` is what averages are over, where yes is 1 and no is 0.
        "ALTER TABLE assessments ADD COLUMN value TEXT NOT NULL DEFAULT 'null'",
        "ALTER TABLE assessments ADD COLUMN score \(.double)",
        // Whether it is about the whole conversation.
        "ALTER TABLE assessments ADD COLUMN is_of_session BIGINT NOT NULL DEFAULT 0",
        "CREATE INDEX assessments_of_sessions ON assessments (trace_id) WHERE is_of_session = 1",
        carryOver: TraceMeasuresSchema.carryOver)
}
