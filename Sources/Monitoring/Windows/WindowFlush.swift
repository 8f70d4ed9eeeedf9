import Incidents
import Predictions
import Statistics
import Wire

/// What a feed stores at once: all that was counted up to a place in the journal.
struct WindowFlush: Sendable {
    struct Lane: Hashable, Sendable {
        let monitor: String
        let lane: TrafficSlice
        let number: Int
        /// Longer than a window it is a stretch that windows are merged into.
        var length = WindowLength.window
    }

    let source: String
    /// The place up to which was counted before, and now.
    let former: JournalPosition?
    let position: JournalPosition?
    /// Whole records: they take the place of what is stored.
    var records: [WindowKey: WindowRecord] = [:]
    /// What came to windows since the last flush.
    var growth: [Lane: TrafficGrowth] = [:]
    /// The number of the next window, by monitor.
    var nextNumbers: [String: Int] = [:]
    /// What the records of each monitor rest on and may not be stored yet.
    var anchors: [String: Set<FixedAnchors>] = [:]
}
