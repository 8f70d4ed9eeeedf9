package import Predictions

/// Where a monitor stands: what is read, what was decided. It is as durable as the windows that led to it.
package struct MonitorProgress: Sendable, Hashable {
    /// The prediction up to which the log has gone into closed windows; nil at its start. Rows after it are read again
    /// after a restart, so that an open window need not be stored.
    package var cursor: PredictionID?
    /// How many windows were closed.
    package var windows: Int
    /// The version that was seen last.
    package var model: String?
    package var version: Int?
    package var alertState: AlertState

    package static let start = MonitorProgress(
        cursor: nil, windows: 0, model: nil, version: nil, alertState: AlertState())

    /// Moves on past a closed window.
    /// - Returns: what follows for the alert.
    mutating func advance(by window: MonitorWindow, cursor: PredictionID, persistence: Int) -> AlertState.Step {
        moveOn(to: cursor, model: window.model, version: window.version)
        windows = window.number
        guard window.isJudged else { return .nothing }
        return alertState.observe(drifting: window.drifting, start: window.start, persistence: persistence)
    }

    /// Moves on past predictions of a version, which need not have gone into a window.
    mutating func moveOn(to cursor: PredictionID, model: String, version: Int) {
        if model != self.model || version != self.version { alertState.startAnew() }
        self.cursor = cursor
        self.model = model
        self.version = version
    }
}
