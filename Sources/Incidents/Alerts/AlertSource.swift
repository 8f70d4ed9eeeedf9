/// Where the steps of an `AlertState` come from: a window of a monitor, by one model version.
package struct AlertSource: Sendable, Hashable {
    package let monitor: String
    /// Whose predictions were watched.
    package let endpoint: String
    package let model: String
    package let version: Int
    package let rule: AlertRule
    package let persistence: AlertState.Persistence

    package init(
        monitor: String, endpoint: String, model: String, version: Int, rule: AlertRule,
        persistence: AlertState.Persistence
    ) {
        self.monitor = monitor
        self.endpoint = endpoint
        self.model = model
        self.version = version
        self.rule = rule
        self.persistence = persistence
    }

    /// Why an alert closes when its topic was clean for long enough.
    var reasonToClose: String {
        persistence.windows == 1
            ? "1 window without trouble" : "\(persistence.windows) windows in a row without trouble"
    }
}
