package import Database
package import Wire

/// The report over a period, counted from the alerts and incidents that began in it.
extension IncidentStore {
    package func report(from start: Timestamp, to end: Timestamp) async throws -> NoiseReport {
        try await database.read { reader in
            let incidents: [Incident] = try reader.rows(
                """
                SELECT \(Incident.columns) FROM incidents WHERE opened_at >= \(start) AND opened_at < \(end)
                ORDER BY opened_at
                """)
            let lines = try lines(from: start, to: end, in: reader)
            let acknowledged = try acknowledgements(from: start, to: end, in: reader)
            let resolved = incidents.compactMap { incident in
                incident.resolvedAt.map { Double($0.milliseconds - incident.openedAt.milliseconds) }
            }.sorted()
            let causes = Dictionary(grouping: incidents.compactMap(\.cause)) { $0 }.mapValues(\.count)
            return NoiseReport(
                from: start, to: end, incidents: incidents.count,
                openIncidents: incidents.count { $0.state != .resolved },
                flaps: incidents.reduce(0) { $0 + $1.flaps }, meanToAcknowledgeMs: acknowledged.mean,
                meanToResolveMs: resolved.mean, medianToResolveMs: resolved.middle,
                causes: causes.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
                    .map { (cause: $0.key, incidents: $0.value) },
                lines: lines)
        }
    }

    /// How long after it was opened each incident had its first person, whatever that one did, in milliseconds; opening it
    /// again changes nothing. Without those that no person came to.
    private func acknowledgements(from start: Timestamp, to end: Timestamp, in reader: Reader) throws -> [Double] {
        try reader.rows(
            """
            SELECT i.opened_at, MIN(e.time) FROM incidents i JOIN events e ON e.subject = 'incidents/' || i.incident_id
            WHERE i.opened_at >= \(start) AND i.opened_at < \(end) AND e.actor <> \(AlertStore.actor)
            GROUP BY i.incident_id, i.opened_at
            """
        ).map { row in
            Double(try row.get(1, as: Timestamp.self).milliseconds - row.get(0, as: Timestamp.self).milliseconds)
        }
    }

    /// Nobody acted on an alert when it is closed, nothing ran for it, and its incident was neither acknowledged nor ended by a
    /// person nor given words.
    private func lines(from start: Timestamp, to end: Timestamp, in reader: Reader) throws -> [NoiseReport.Line] {
        try reader.rows(
            """
            SELECT a.monitor, a.family, COUNT(*),
                SUM(CASE WHEN a.state = \(Alert.State.closed.rawValue) AND a.job_id IS NULL
                    AND i.acknowledged_at IS NULL AND COALESCE(i.resolved_by, \(AlertStore.actor)) = \(AlertStore.actor)
                    AND NOT EXISTS (
                        SELECT 1 FROM events e WHERE e.subject = 'incidents/' || a.incident_id
                            AND e.actor <> \(AlertStore.actor))
                    THEN 1 ELSE 0 END),
                SUM(CASE WHEN i.cause = \(Cause.falseAlarm.rawValue) THEN 1 ELSE 0 END), SUM(a.silenced), SUM(a.flaps)
            FROM incident_alerts a LEFT JOIN incidents i ON i.incident_id = a.incident_id
            WHERE a.opened_at >= \(start) AND a.opened_at < \(end)
            GROUP BY a.monitor, a.family ORDER BY 4 DESC, 3 DESC, a.monitor, a.family
            """)
    }
}

extension NoiseReport.Line: RowDecodable {
    package init(row: Row) throws {
        self.init(
            monitor: try row.get(0), family: Finding.Family(rawValue: try row.get(1)) ?? .quality,
            alerts: try row.get(2), withoutAction: try row.get(3), falseAlarms: try row.get(4),
            silenced: try row.get(5), flaps: try row.get(6))
    }
}

extension [Double] {
    fileprivate var mean: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }

    /// The median of sorted numbers.
    fileprivate var middle: Double? {
        isEmpty ? nil : (self[(count - 1) / 2] + self[count / 2]) / 2
    }
}
