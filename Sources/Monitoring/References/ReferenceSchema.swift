import Database

/// What references keep besides their columns, which are in `MonitorSchema`.
enum ReferenceSchema {
    static let migrations = [
        Migration(
            "monitoring-reference-rows-001",
            // A sample of rows in parts of `ReferenceSample.partRows`; those of the first part are as good a sample as any.
            """
            CREATE TABLE monitor_reference_rows (
                model TEXT NOT NULL, version BIGINT NOT NULL, context TEXT NOT NULL, part INTEGER NOT NULL,
                body \(.bytes) NOT NULL, PRIMARY KEY (model, version, context, part))
            """,
            "ALTER TABLE monitor_references ADD COLUMN widths \(.bytes)"),
        Migration(
            "monitoring-reference-since-001",
            // Nil where the version was never another model.
            "ALTER TABLE monitor_references ADD COLUMN since BIGINT"),
        Migration(
            "monitoring-reference-times-001",
            // Nil where no window holds its rows.
            "ALTER TABLE monitor_references ADD COLUMN first_at BIGINT",
            "ALTER TABLE monitor_references ADD COLUMN last_at BIGINT"),
    ]
}
