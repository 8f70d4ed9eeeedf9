import Wire

/// When windows of each monitor were last looked for, and how many there were: where there is nothing new nobody need ask what is
/// new. Forgotten with the process, which asks once after its start.
actor PerformanceLooks {
    private struct Look {
        let monitor: Monitor
        let windows: Int
        let time: Timestamp
    }

    private var looks: [String: Look] = [:]
    /// Between two questions for windows whose labels were waited for long enough.
    private static let pause = Duration.seconds(60)

    /// - Parameter windows: how many there are.
    func isDue(_ monitor: Monitor, windows: Int, at now: Timestamp) -> Bool {
        guard let look = looks[monitor.name], look.monitor == monitor, look.windows == windows else { return true }
        return now >= look.time + Self.pause
    }

    /// All that there was to look at has been.
    /// - Parameter windows: how many there were before.
    func note(_ monitor: Monitor, windows: Int, at now: Timestamp) {
        looks[monitor.name] = Look(monitor: monitor, windows: windows, time: now)
    }
}
