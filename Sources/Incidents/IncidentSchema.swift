package import Database

/// The tables of alerts and incidents.
package enum IncidentSchema {
    package static let migrations = [
        Migration(
            "incidents-001-alerts",
            // `slice` is the JSON of a slice of the traffic, `{}` for all of it.
            """
            CREATE TABLE incident_alerts (
                alert_id TEXT PRIMARY KEY, monitor TEXT NOT NULL, endpoint TEXT NOT NULL, model TEXT NOT NULL,
                version BIGINT NOT NULL, family TEXT NOT NULL, slice TEXT NOT NULL, severity TEXT NOT NULL, owner TEXT,
                runbook TEXT, notify TEXT NOT NULL, state TEXT NOT NULL, opened_at BIGINT NOT NULL, closed_at BIGINT,
                since BIGINT NOT NULL, findings TEXT NOT NULL, windows BIGINT NOT NULL, job_id TEXT,
                trigger_due_at BIGINT, incident_id TEXT)
            """,
            "CREATE INDEX incident_alerts_by_monitor ON incident_alerts (monitor, opened_at)",
            "CREATE INDEX incident_alerts_by_incident ON incident_alerts (incident_id)",
            "CREATE INDEX incident_alerts_by_time ON incident_alerts (opened_at)",
            // Whatever goes wrong above, trouble of one kind never has two open alerts.
            """
            CREATE UNIQUE INDEX incident_alerts_open ON incident_alerts (monitor, family, slice) WHERE state = 'open'
            """),
        Migration(
            "incidents-002-incidents",
            // `silenced` alerts wait for the end of their silence; `remedy` is what is then to be done.
            "ALTER TABLE incident_alerts ADD COLUMN silenced INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE incident_alerts ADD COLUMN remedy TEXT",
            """
            CREATE TABLE incidents (
                incident_id TEXT PRIMARY KEY, endpoint TEXT NOT NULL, model TEXT NOT NULL, version BIGINT NOT NULL,
                title TEXT NOT NULL, state TEXT NOT NULL, severity TEXT NOT NULL, owner TEXT, notify TEXT NOT NULL,
                since BIGINT NOT NULL, opened_at BIGINT NOT NULL, acknowledged_at BIGINT, acknowledged_by TEXT,
                resolved_at BIGINT, resolved_by TEXT, cause TEXT, words TEXT)
            """,
            "CREATE INDEX incidents_by_time ON incidents (opened_at)",
            "CREATE INDEX incidents_by_endpoint ON incidents (endpoint, opened_at)",
            // An endpoint has one open incident, which takes in what else goes wrong.
            "CREATE UNIQUE INDEX incidents_open ON incidents (endpoint) WHERE state <> 'resolved'",
            """
            CREATE TABLE silences (
                silence_id TEXT PRIMARY KEY, monitor TEXT NOT NULL, family TEXT, subject TEXT, words TEXT,
                created_by TEXT NOT NULL, created_at BIGINT NOT NULL, ends_at BIGINT NOT NULL)
            """,
            "CREATE INDEX silences_by_monitor ON silences (monitor, ends_at)",
            // What each channel was told of an incident last, and what went wrong in telling it.
            """
            CREATE TABLE incident_tellings (
                incident_id TEXT NOT NULL, channel TEXT NOT NULL, owed_at BIGINT, told_at BIGINT, told TEXT, failure TEXT,
                failed_at BIGINT, PRIMARY KEY (incident_id, channel))
            """,
            // What happened to the machines, which is no change that somebody made.
            """
            CREATE TABLE happenings (
                happening_id TEXT PRIMARY KEY, time BIGINT NOT NULL, kind TEXT NOT NULL, endpoint TEXT,
                words TEXT NOT NULL)
            """,
            "CREATE INDEX happenings_by_time ON happenings (time)"),
        // Of an alert 1 when the trouble of an incident began again with it, of an incident how often it did.
        Migration(
            "incidents-003-flaps", "ALTER TABLE incident_alerts ADD COLUMN flaps INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE incidents ADD COLUMN flaps BIGINT NOT NULL DEFAULT 0"),
        // Who is telling a channel, so that two servers do not tell it the same.
        Migration(
            "incidents-004-tellers", "ALTER TABLE incident_tellings ADD COLUMN teller TEXT",
            "ALTER TABLE incident_tellings ADD COLUMN teller_until BIGINT"),
    ]
}
