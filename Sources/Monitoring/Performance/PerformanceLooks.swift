import Wire

/// Up to which change each monitor was looked at, and when: where there is nothing new nobody need ask what is new, and what was
/// looked at is not looked through again. Forgotten with the process, which looks through everything once after its start.
actor PerformanceLooks {
    private struct Look {
        let monitor: Monitor
        let change: Int
        let time: Timestamp
    }

    private var looks: [String: Look] = [:]
    /// Between two questions for windows whose labels were waited for long enough.
    private static let pause = Duration.seconds(60)

    /// Up to which change a monitor was looked at; 0 before the first look. One of which less is known than was looked at was
    /// deleted meanwhile, and made again.
    /// - Parameter changes: how often its windows were kept.
    func change(of monitor: Monitor, upTo changes: Int) -> Int {
        look(at: monitor).map { $0.change <= changes ? $0.change : 0 } ?? 0
    }

    /// - Parameter changes: how often its windows were kept.
    func isDue(_ monitor: Monitor, changes: Int, at now: Timestamp) -> Bool {
        guard let look = look(at: monitor), look.change == changes else { return true }
        return now >= look.time + Self.pause
    }

    /// All that was kept up to a change has been looked at.
    func note(_ monitor: Monitor, change: Int, at now: Timestamp) {
        looks[monitor.name] = Look(monitor: monitor, change: change, time: now)
    }

    /// One that says something else is another monitor.
    private func look(at monitor: Monitor) -> Look? {
        looks[monitor.name].flatMap { $0.monitor == monitor ? $0 : nil }
    }
}
