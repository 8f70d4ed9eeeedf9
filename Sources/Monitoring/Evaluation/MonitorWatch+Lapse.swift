import Incidents
import Wire

extension MonitorWatch {
    /// Closes alerts that no window will close: of versions that were taken out, of slices that nothing is sent to any more.
    func closeLapsed(_ monitors: [Monitor]) async throws {
        let open = try await alerts.alerts(state: .open, limit: Self.lapsesAtOnce)
        guard !open.isEmpty else { return }
        let alerts = Dictionary(grouping: open, by: \.monitor)
        for monitor in monitors {
            guard let alerts = alerts[monitor.name] else { continue }
            let lapse = AlertLapse(
                monitor: monitor, versions: try await versions(monitor.endpoint), now: clock.now)
            for alert in alerts {
                guard let reason = try await reason(for: alert, lapse) else { continue }
                try await store.close(alert.topic, of: monitor.name, because: reason)
            }
        }
    }

    private static let lapsesAtOnce = 1_000

    private func reason(for alert: Alert, _ lapse: AlertLapse) async throws -> String? {
        if let reason = lapse.reason(of: alert) { return reason }
        // Not looked for while it would not be enough.
        guard lapse.isOver(alert, lastRow: nil) else { return nil }
        let last = try await windows.lastRow(of: alert.monitor, slice: alert.topic.slice)
        guard lapse.isOver(alert, lastRow: last) else { return nil }
        return last.map { "no traffic since \($0.words)" } ?? "no traffic"
    }
}

extension Timestamp {
    /// To the minute, in UTC.
    fileprivate var words: String { iso8601.prefix(16).replacing("T", with: " ") + " UTC" }
}
