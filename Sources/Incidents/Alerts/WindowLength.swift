/// How much traffic is judged as one: a window as the monitor's manifest cuts it, or the windows of a whole hour or day merged.
///
/// How long trouble lasts is counted for each length by itself: an hour follows an hour.
package enum WindowLength: String, Sendable, Hashable, CaseIterable {
    case window, hour, day

    /// How many minutes it always has; nil for one that the manifest cuts.
    package var minutes: Int? {
        switch self {
        case .window: nil
        case .hour: 60
        case .day: 1440
        }
    }
}

extension WindowLength: Comparable {
    package static func < (a: WindowLength, b: WindowLength) -> Bool { (a.minutes ?? 0) < (b.minutes ?? 0) }
}
