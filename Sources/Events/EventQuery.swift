package import Wire

/// What is asked of the log: who did what to which thing, and when. What is nil may be anything.
package struct EventQuery: Sendable, Hashable {
    /// A principal's name.
    package var actor: String?
    /// A kind, such as `run.created`, or the noun of several, such as `run`.
    package var kind: String?
    /// A subject, such as `models/churn/3`.
    package var subject: String?
    package var from: Timestamp?
    /// Up to this moment, which is not within.
    package var to: Timestamp?
    /// Only events with a smaller number: where the page before ended.
    package var before: Int64?
    package var limit: Int

    package init(limit: Int) {
        self.limit = limit
    }
}

/// Events that fit a question, newest first.
package struct EventPage: Sendable, Hashable {
    package let events: [Event]
    /// The next page has events before this number; nil when there are none.
    package let next: Int64?
    /// Whether it was not for their number that more were not looked for, but because so many did not fit.
    package let isCutShort: Bool
}
