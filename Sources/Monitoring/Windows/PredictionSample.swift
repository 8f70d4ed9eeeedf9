package import Predictions
import Statistics

/// Which predictions stand for all of a record: those whose hashed ids are smallest (bottom-k), so that the sample of a whole
/// is that of its parts merged.
///
/// Of as many of the first of them as fit into `rowBytes` the rows are kept too, as they were logged: with masked columns
/// unknown. What fits is a matter of the rows before it alone, so these merge as exactly as the ids do.
package struct PredictionSample: Sendable, Equatable {
    package struct Entry: Sendable, Equatable {
        /// The hash of the id.
        package let priority: UInt64
        package let id: PredictionID

        init(_ id: PredictionID, priority: UInt64) {
            self.id = id
            self.priority = priority
        }
    }

    package static let limit = 500
    /// What all rows of a record may weigh: some 300 rows of 40 numbers.
    package static let rowBytes = 128 << 10

    /// By priority, ascending; of each prediction once.
    package private(set) var entries: [Entry] = []
    /// Those of the first entries.
    package private(set) var rows = PackedRows()
    private var weight = 0

    package init() {}

    /// - Parameter entries: by priority, ascending.
    init(_ entries: [Entry]) {
        self.entries = entries
    }

    package static func priority(of id: PredictionID) -> UInt64 {
        ItemHash.mix(ItemHash.of(id.request) ^ UInt64(truncatingIfNeeded: id.row ?? 0))
    }

    /// Whether a prediction of this priority would be in the sample of what came so far.
    @inline(__always)
    func takes(_ priority: UInt64) -> Bool {
        entries.count < Self.limit || priority < entries[entries.count - 1].priority
    }

    /// - Parameter row: packed for `rows`; nil when its row is not kept, and then no row behind it is.
    mutating func add(_ entry: Entry, row: ((inout PackedRows) -> PackedRows.Row)? = nil) {
        guard takes(entry.priority) else { return }
        let place = place(of: entry.priority)
        guard place == entries.count || entries[place].priority != entry.priority else { return }
        entries.insert(entry, at: place)
        if place <= rows.count {
            if let row = row?(&rows) {
                rows.insert(row, at: place)
                weight += row.weight
            } else {
                dropRows(behind: place)
            }
        }
        if entries.count > Self.limit { entries.removeLast() }
        while weight > Self.rowBytes || rows.count > entries.count { dropRows(behind: rows.count - 1) }
    }

    /// Of all predictions whose priority is below this one the row is kept.
    /// - Parameter count: how many predictions it was taken of.
    func end(of count: Int) -> UInt64 {
        if rows.count < entries.count { return entries[rows.count].priority }
        return count > entries.count ? entries.last.map { $0.priority + 1 } ?? 0 : .max
    }

    /// Lets go of the rows, and not of the ids.
    mutating func forgetRows() {
        (rows, weight) = (PackedRows(), 0)
    }

    private func place(of priority: UInt64) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].priority < priority { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private mutating func dropRows(behind count: Int) {
        weight -= rows.rows[count...].reduce(0) { $0 + $1.weight }
        rows.removeLast(rows.count - count)
    }

    package mutating func merge(_ other: PredictionSample) {
        for (index, entry) in other.entries.enumerated() {
            guard index < other.rows.count else {
                add(entry)
                continue
            }
            add(entry) { $0.taken(other.rows.rows[index], from: other.rows) }
        }
    }

    // MARK: Stored form

    func write(to writer: inout ProfileWriter) {
        writer.count(entries.count)
        for entry in entries {
            writer.fixed(entry.priority)
            writer.text(entry.id.text)
        }
    }

    init(from reader: inout ProfileReader) throws {
        for _ in 0..<(try reader.elements(bytesEach: 9)) {
            let priority = try reader.fixed()
            guard let id = PredictionID(try reader.text()) else { throw reader.problem("an id is none") }
            entries.append(Entry(id, priority: priority))
        }
    }

    static func skipEntries(_ reader: inout ProfileReader) throws {
        for _ in 0..<(try reader.elements(bytesEach: 9)) {
            _ = try reader.fixed()
            try reader.skipBlock()
        }
    }

    /// The rows are stored behind everything else of a record, because earlier records have none.
    mutating func readRows(from reader: inout ProfileReader) throws {
        rows = try PackedRows(from: &reader)
        guard rows.count <= entries.count else { throw reader.problem("it has rows of no prediction") }
        weight = rows.rows.reduce(0) { $0 + $1.weight }
    }
}
