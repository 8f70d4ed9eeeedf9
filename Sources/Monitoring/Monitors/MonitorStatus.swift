package import Incidents
package import Wire

/// A monitor as it is: what it watches, what it compares with, what it last saw.
package struct MonitorStatus: Sendable {
    package enum State: String, Sendable {
        /// No window has been closed yet.
        case waiting
        /// The version it saw last has no reference; `message` says why.
        case blind
        case quiet
        /// Its alert is open.
        case alert
    }

    package let monitor: Monitor
    package let windows: Int
    package let lastWindow: MonitorWindow?
    package let reference: Reference?
    package let openAlert: Alert?
    /// Why there is no reference.
    package let message: String?

    package var state: State {
        if openAlert != nil { return .alert }
        if message != nil { return .blind }
        return windows == 0 ? .waiting : .quiet
    }
}

extension MonitorStatus: JSONRepresentable {
    package var json: JSON {
        .compact([
            "name": .string(monitor.name), "team": monitor.team.map(JSON.string),
            "endpoint": .string(monitor.endpoint), "state": .string(state.rawValue),
            "message": message.map(JSON.string), "type": monitor.task.map { .string($0.rawValue) },
            "window": monitor.window.json, "merged": .strings(monitor.merged.map(\.rawValue)),
            "keep_days": .integer(Int64(monitor.keepDays)), "alarms": monitor.alarms.json, "drift": monitor.drift.json,
            "quality": monitor.quality.json, "cost": monitor.cost.json, "compared_with": monitor.reference.json,
            "compared_with_words": .string(monitor.reference.words),
            "windows": .integer(Int64(windows)), "drifting": .strings(lastWindow?.drifting ?? []),
            "alert_id": openAlert.map { .string($0.id) }, "reference": reference?.json,
        ])
    }
}
