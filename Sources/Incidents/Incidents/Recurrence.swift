import Wire

/// When trouble that begins again is the trouble of before, and no new incident.
enum Recurrence {
    /// What begins again within this time is the same.
    static let shortest = Duration.seconds(3600)
    /// What begins again after this time is another, however long it took to be sure of it.
    static let longest = Duration.seconds(7 * 86_400)

    /// For how long after its end an incident goes on with an alert that opens now: an hour or, where windows are so long that
    /// trouble takes longer to be sure of, twice the time from the first bad window to the alert; at most a week.
    static func patience(since: Timestamp, now: Timestamp) -> Duration {
        let doubled = Duration.milliseconds(2 * max(0, now.milliseconds - since.milliseconds))
        return min(longest, max(shortest, doubled))
    }
}
