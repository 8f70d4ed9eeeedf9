import Incidents
import Wire

/// Whether rows still come. No window tells of rows that do not, so it is asked by the clock.
enum Freshness {
    static let code = "stale"

    /// What a monitor whose last row is of `last` has to say at `now`: a window without rows for every `freshness_minutes`
    /// that passed, as many as an alert needs.
    /// - Parameter told: how many of these were told since the last row.
    /// - Returns: nil while there is nothing more to say.
    static func overdue(
        _ monitor: Monitor, since last: Timestamp, told: Int, lane: TrafficSlice, now: Timestamp
    ) -> MonitorWindow? {
        guard let limit = monitor.quality.freshnessMinutes, told < monitor.alarms.windows else { return nil }
        let minutes = Double(now.milliseconds - last.milliseconds) / 60_000
        guard minutes >= Double(limit * (told + 1)) else { return nil }
        let finding = Finding(
            .quality, code, in: lane, verdict: .bad, value: minutes, limit: Double(limit), measure: "minutes", rows: 0,
            words: "The last row came \(minutes.words()) minutes ago.")
        return MonitorWindow(
            monitor: monitor.name, number: 0, lane: lane, start: last, end: now, rows: 0, findings: [finding])
    }
}
