package import Database

/// The tables of webhooks. Migrate them after the event log's.
package enum WebhookSchema {
    package static let migrations = [
        Migration(
            "webhooks-001-webhooks",
            """
            CREATE TABLE webhooks (
                webhook_id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, url TEXT NOT NULL,
                secret \(.bytes), status TEXT NOT NULL, creation_time BIGINT NOT NULL, last_update_time BIGINT NOT NULL,
                since BIGINT NOT NULL)
            """,
            """
            CREATE TABLE webhook_events (
                webhook_id TEXT NOT NULL, event TEXT NOT NULL, position BIGINT NOT NULL,
                PRIMARY KEY (webhook_id, event))
            """,
            // One row: up to where the log of events has been read. What happened before is nobody's to be told.
            "CREATE TABLE webhook_cursor (id INTEGER PRIMARY KEY, sequence BIGINT NOT NULL)",
            "INSERT INTO webhook_cursor (id, sequence) SELECT 1, sequence FROM event_head WHERE id = 1"),
        Migration(
            "webhooks-002-deliveries",
            // Which jobs are whose, for whoever asks how deliveries went.
            """
            CREATE TABLE webhook_deliveries (
                delivery_id TEXT PRIMARY KEY, webhook_id TEXT NOT NULL, event TEXT NOT NULL, owed_at BIGINT NOT NULL,
                job_id TEXT NOT NULL)
            """,
            "CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (webhook_id, owed_at)"),
    ]
}
