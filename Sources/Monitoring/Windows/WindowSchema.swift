import Database

/// The tables that windows are counted into.
enum WindowSchema {
    static let migrations = [
        Migration(
            "monitoring-windows-001",
            // How far each server's journal is counted; moves in the transaction that stores what was counted.
            """
            CREATE TABLE monitor_sources (
                source TEXT PRIMARY KEY, segment BIGINT NOT NULL, byte_offset BIGINT NOT NULL, seen_at BIGINT NOT NULL)
            """,
            // What each server counts for a monitor. Without its row nothing is stored for a monitor, so that one that is
            // deleted leaves nothing.
            """
            CREATE TABLE monitor_feeds (
                monitor TEXT NOT NULL, source TEXT NOT NULL, plan TEXT NOT NULL, next_window BIGINT NOT NULL,
                PRIMARY KEY (monitor, source))
            """,
            // One row for each lane of each window and each server. `closes_at` is null while it takes rows; a window with
            // `revision` > `evaluated` has not been looked at since it changed.
            """
            CREATE TABLE monitor_traffic (
                monitor TEXT NOT NULL, variant TEXT NOT NULL, model TEXT NOT NULL, version BIGINT NOT NULL,
                window_number BIGINT NOT NULL, source TEXT NOT NULL, start_at BIGINT NOT NULL, end_at BIGINT NOT NULL,
                row_count BIGINT NOT NULL, closes_at BIGINT, revision BIGINT NOT NULL, evaluated BIGINT NOT NULL,
                PRIMARY KEY (monitor, window_number, variant, model, version, source))
            """,
            "CREATE INDEX monitor_traffic_waiting ON monitor_traffic (monitor, closes_at) WHERE revision > evaluated",
            "CREATE INDEX monitor_traffic_open ON monitor_traffic (source) WHERE closes_at IS NULL",
            """
            CREATE TABLE monitor_records (
                monitor TEXT NOT NULL, variant TEXT NOT NULL, model TEXT NOT NULL, version BIGINT NOT NULL,
                segment TEXT NOT NULL, start_at BIGINT NOT NULL, span INTEGER NOT NULL, window_number BIGINT NOT NULL,
                source TEXT NOT NULL, row_count BIGINT NOT NULL, body \(.bytes) NOT NULL,
                PRIMARY KEY (monitor, start_at, span, variant, model, version, segment, window_number, source))
            """,
            "CREATE INDEX monitor_records_by_window ON monitor_records (monitor, window_number)",
            "CREATE INDEX monitor_records_by_age ON monitor_records (span, start_at)",
            // Anchors by what they are, so that the same ones are kept once.
            "CREATE TABLE monitor_anchors (id BIGINT PRIMARY KEY, anchors TEXT NOT NULL)",
            // The anchors of columns that the reference of a version does not have, from the first rows of production.
            """
            CREATE TABLE monitor_baselines (
                monitor TEXT NOT NULL, model TEXT NOT NULL, version BIGINT NOT NULL, role TEXT NOT NULL,
                name TEXT NOT NULL, anchors TEXT NOT NULL, PRIMARY KEY (monitor, model, version, role, name))
            """),
        // Whose records rest on which anchors, so that those of a monitor go with it. Of those that are there already nobody
        // knows.
        Migration(
            "monitoring-anchor-uses-001",
            "CREATE TABLE monitor_anchor_uses (monitor TEXT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (monitor, id))",
            "CREATE INDEX monitor_anchor_uses_by_id ON monitor_anchor_uses (id)",
            "INSERT INTO monitor_anchor_uses (monitor, id) SELECT '', id FROM monitor_anchors"),
        // Hours and days, as `monitor_traffic` has windows.
        Migration(
            "monitoring-merged-001",
            """
            CREATE TABLE monitor_merged (
                monitor TEXT NOT NULL, length TEXT NOT NULL, variant TEXT NOT NULL, model TEXT NOT NULL,
                version BIGINT NOT NULL, window_number BIGINT NOT NULL, source TEXT NOT NULL, start_at BIGINT NOT NULL,
                end_at BIGINT NOT NULL, row_count BIGINT NOT NULL, closes_at BIGINT NOT NULL, revision BIGINT NOT NULL,
                evaluated BIGINT NOT NULL,
                PRIMARY KEY (monitor, length, window_number, variant, model, version, source))
            """,
            "CREATE INDEX monitor_merged_waiting ON monitor_merged (monitor, closes_at) WHERE revision > evaluated",
            "CREATE INDEX monitor_merged_by_age ON monitor_merged (end_at)"),
        // When records were last counted by which anchors: once none of these is kept, nor are they.
        Migration(
            "monitoring-anchor-uses-002", "ALTER TABLE monitor_anchor_uses ADD COLUMN seen_at BIGINT",
            "CREATE INDEX monitor_anchor_uses_by_age ON monitor_anchor_uses (seen_at)"),
    ]
}
