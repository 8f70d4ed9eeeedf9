package import Statistics
package import Wire

/// What is kept of some rows of a slice: enough for every family of findings. Of rows as such there are the names of some and
/// the contents of as many of these as fit in a small space.
///
/// Merging the records of two sets of rows gives what one pass over both would.
package struct WindowRecord: Sendable, Equatable {
    package typealias Columns = NamedColumns<ColumnRecord>

    /// All rows that were answered, also those that are not in the endpoint's sample.
    package var rows = 0
    /// Those with inputs and outputs.
    package var keptRows = 0
    /// Requests whose first row of the slice is in here: one that the end of a window of rows cuts counts in the first of both.
    package var requests: Int { calls.total.requests }
    /// Of the rows' own times; nil while there are none.
    package var firstTime: Timestamp?
    package var lastTime: Timestamp?
    /// In the order in which they were first seen.
    package var inputs = Columns()
    package var outputs = Columns()
    package var calls = CallCounts()
    package var latency = LatencyProfile()
    /// Of the kept rows.
    package var sample = PredictionSample()
    /// Of the kept rows, of whole lanes only.
    package var uniqueness = RowUniqueness()
    /// Of the kept rows.
    package var widths = RowWidths()
    /// Rows of which a column is not counted, because there are more than `columnLimit`. Where merging records makes them too
    /// many it is at most so many.
    package var overflow = 0
    /// Stored records that could not be read, whose rows are not in here. Not stored itself.
    package var unreadable = 0

    /// A record has so many inputs at most, and so many outputs; rows with more are counted in `overflow`.
    package static let columnLimit = 500

    package init() {}

    /// The span of the rows' times; nil when there are none.
    package var times: ClosedRange<Timestamp>? {
        guard let firstTime, let lastTime else { return nil }
        return firstTime...lastTime
    }

    /// Adds the rows of another record.
    package mutating func merge(_ other: WindowRecord) {
        let lost = inputs.merge(other.inputs) + outputs.merge(other.outputs) + other.overflow
        overflow += min(lost, other.keptRows)
        unreadable += other.unreadable
        rows += other.rows
        keptRows += other.keptRows
        firstTime = [firstTime, other.firstTime].compactMap(\.self).min()
        lastTime = [lastTime, other.lastTime].compactMap(\.self).max()
        calls.merge(other.calls)
        latency.merge(other.latency)
        sample.merge(other.sample)
        uniqueness.merge(other.uniqueness)
        widths.merge(other.widths)
    }

    /// Rows that do not have a column at all.
    package func absent(_ column: ColumnRecord) -> Int {
        max(0, keptRows - column.rows - column.masked)
    }

    /// The profile of a column over all rows of which something is known: those that do not have it count as missing.
    /// - Parameter anchors: for values that wait; some of their own when nil.
    /// - Returns: nil when no row has the column.
    package func profile(_ column: ColumnRecord?, anchors: ColumnAnchors? = nil) -> ColumnProfile? {
        guard let column, column.rows > 0 else { return nil }
        var profile = column.profile(anchors: anchors)
        profile.addMissing(absent(column))
        return profile
    }
}

extension NamedColumns<ColumnRecord> {
    /// - Returns: how many rows lose a column, because there are too many: if no row loses several.
    fileprivate mutating func merge(_ other: Self) -> Int {
        var lost = 0
        for (name, column) in other {
            guard count < WindowRecord.columnLimit || place(of: name) != nil else {
                lost += column.rows + column.masked
                continue
            }
            change(at: place(of: name, orAdd: ColumnRecord(anchors: nil))) { $0.merge(column) }
        }
        return lost
    }
}
