import Incidents
import Wire

/// When an alert is closed though no window was clean: what it is about is gone, and no window will ever say more of it.
struct AlertLapse: Sendable {
    let monitor: Monitor
    let versions: EndpointVersions
    let now: Timestamp

    /// Without a row for so many windows, an alert is about nothing any more.
    static let windows = 24
    /// Windows of minutes may be short; a pause is no end.
    static let shortest = Duration.seconds(3600)

    /// Why an alert is closed whatever its slice was sent; nil while it is about something.
    func reason(of alert: Alert) -> String? {
        switch alert.topic.family {
        case .calls where monitor.calls.isEmpty, .performance where !monitor.performance.isOn:
            return "its monitor does not watch this any more"
        // Told by the clock, of all versions.
        case .calls: return nil
        case .latency, .quality, .drift, .performance, .cost: break
        }
        let slice = alert.topic.slice
        let isLost =
            slice.model == nil ? versions.hasLost(alert.model, alert.version, in: slice) : versions.hasLost(slice)
        return isLost ? "\(alert.model)/\(alert.version) was taken out of the endpoint" : nil
    }

    /// Until when rows are waited for; nil for an alert that is about rows that do not come.
    func patience(with alert: Alert) -> Duration? {
        guard alert.topic.family != .calls, !alert.findings.contains(where: { $0.code == Freshness.code }) else {
            return nil
        }
        return switch monitor.window {
        case .rows: WindowPolicy.idle
        case .minutes(let minutes): max(Self.shortest, .seconds(60 * minutes * Self.windows))
        }
    }

    /// Whether it has been open, and its slice without a row, for as long as rows are waited for.
    func isOver(_ alert: Alert, lastRow: Timestamp?) -> Bool {
        guard let patience = patience(with: alert) else { return false }
        return max(alert.openedAt, lastRow ?? alert.since) + patience <= now
    }
}
