package import Wire

/// A minute of an endpoint's predictions whose labels changed since somebody last looked at them.
///
/// It is noted in the transaction that stores the labels, so that whoever follows labels finds all of them again after a
/// crash, and may look twice at a minute but never misses one.
package struct LabelledMinute: Sendable, Hashable {
    package let endpoint: String
    /// Its start; of when the predictions were made, not of when the labels came.
    package let start: Timestamp
    /// Grows with every change.
    let revision: Int

    package var end: Timestamp { start + .seconds(60) }

    /// The start of the minute that a moment is in.
    static func start(of moment: Timestamp) -> Timestamp {
        let remainder = moment.milliseconds % 60_000
        return Timestamp(milliseconds: moment.milliseconds - (remainder < 0 ? remainder + 60_000 : remainder))
    }
}
