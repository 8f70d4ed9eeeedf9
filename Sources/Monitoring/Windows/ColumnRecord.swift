package import Statistics

/// What was seen in one column, in those rows of a record that have it.
///
/// A column whose anchors are not known yet waits: its values are kept as they are, some hundreds of a version's, and counted
/// once somebody who reads or merges has anchors.
package struct ColumnRecord: Sendable, Equatable {
    /// Nil while it waits.
    package private(set) var anchors: FixedAnchors?
    /// Nil while it waits.
    package private(set) var counted: ColumnProfile?
    package private(set) var waiting: [ColumnValue]
    /// Rows of which nothing is known of it, because it is never written down there, or was sorted into other cells than now;
    /// they are not in `rows`.
    package private(set) var masked: Int

    /// The record of no rows; nil anchors let it wait.
    package init(anchors: FixedAnchors?) {
        self.anchors = anchors
        counted = anchors.map { ColumnProfile(anchors: $0.anchors) }
        waiting = []
        masked = 0
    }

    /// As it was stored.
    init(anchors: FixedAnchors?, counted: ColumnProfile?, waiting: [ColumnValue], masked: Int) {
        self.anchors = anchors
        self.counted = counted
        self.waiting = waiting
        self.masked = masked
    }

    /// Rows that have the column, be it null.
    package var rows: Int { counted?.rows ?? waiting.count }

    /// The profile of `rows`; of a column that waits, by these anchors or by some of its own.
    package func profile(anchors: ColumnAnchors? = nil) -> ColumnProfile {
        counted ?? ColumnProfile(waiting, anchors: anchors ?? ColumnAnchors(reference: waiting))
    }

    package mutating func add(_ value: ColumnValue) {
        if counted?.add(value) == nil { waiting.append(value) }
    }

    /// Adds a number from each row.
    mutating func add(_ numbers: UnsafeBufferPointer<Double>) {
        if counted?.add(numbers) == nil { waiting += numbers.map(ColumnValue.number) }
    }

    mutating func addMasked(_ rows: Int = 1) {
        masked += rows
    }

    /// Goes on with these anchors. Values that wait are sorted into them; what was profiled by others is let go, because it
    /// could not be compared with what follows, and nothing is known of its rows.
    mutating func settle(on anchors: FixedAnchors) {
        guard anchors != self.anchors else { return }
        masked += counted?.rows ?? 0
        counted = ColumnProfile(self.anchors == nil ? waiting : [], anchors: anchors.anchors)
        waiting = []
        self.anchors = anchors
    }

    /// Adds the rows of another record of the column. Of two with different anchors, which cannot be merged, the one with more
    /// rows remains, and nothing is known of the other's.
    package mutating func merge(_ other: ColumnRecord) {
        masked += other.masked
        guard let theirs = other.anchors, let more = other.counted else {
            for value in other.waiting { add(value) }
            return
        }
        if anchors == nil { settle(on: theirs) }
        if anchors == theirs {
            counted?.merge(more)
        } else if more.rows > rows {
            masked += rows
            (anchors, counted) = (theirs, more)
        } else {
            masked += more.rows
        }
    }
}
