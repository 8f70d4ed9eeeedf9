package import Database

/// The tables of the event log.
package enum EventSchema {
    package static let migrations = [
        Migration(
            "events-001-log",
            """
            CREATE TABLE events (
                sequence BIGINT PRIMARY KEY, time BIGINT NOT NULL, actor TEXT NOT NULL, kind TEXT NOT NULL,
                subject TEXT NOT NULL, data TEXT NOT NULL, hash TEXT NOT NULL)
            """,
            "CREATE INDEX events_by_subject ON events (subject, sequence)",
            // One row: the end of the chain. Updating it first makes concurrent appends take turns.
            "CREATE TABLE event_head (id INTEGER PRIMARY KEY, sequence BIGINT NOT NULL, hash TEXT NOT NULL)",
            "INSERT INTO event_head (id, sequence, hash) VALUES (1, 0, \(EventChain.origin))")
    ]
}
