package import Incidents
package import Wire

/// Where a monitor stands: how much it judged, what was decided. It is as durable as the windows that led to it.
package struct MonitorProgress: Sendable, Hashable {
    /// How many windows were judged.
    package var windows: Int
    /// How often a window was kept, those among them that were judged before.
    package var changes = 0
    /// The version of the newest of them.
    package var model: String?
    package var version: Int?
    package var alertState: AlertState
    /// The end of the last stretch of the clock in which calls were judged; nil before the first.
    package var callsCountedTo: Timestamp?

    package static let start = MonitorProgress(windows: 0, model: nil, version: nil, alertState: AlertState())

    /// Moves on past a window; one that was judged anew changes nothing.
    mutating func advance(to window: MonitorWindow) {
        guard window.number > windows else { return }
        windows = window.number
        model = window.lane.model ?? model
        version = window.lane.version ?? version
    }

    /// What follows for the alerts.
    /// - Parameters:
    ///   - slices: what the window judged besides the slices of its findings.
    ///   - families: what it was judged by.
    mutating func steps(
        after window: MonitorWindow, slices: Set<TrafficSlice>, families: Set<Finding.Family>,
        persistence: AlertState.Persistence
    ) -> [AlertState.Step] {
        guard window.isJudged else { return [] }
        let moment = AlertState.Moment(window: window.number, length: window.length, start: window.start)
        return alertState.observe(
            window.findings, at: moment, slices: slices, families: families, persistence: persistence)
    }
}
