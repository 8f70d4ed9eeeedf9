/// Some rows of many, each with the same chance: those whose hashed keys are smallest (bottom-k; Cohen & Kaplan 2007).
///
/// The hash depends on the key alone, so a sample is a function of the set of rows and merging samples of parts gives
/// the sample of the whole. Keys are unique: of rows with equal keys one is kept, the least by its values.
package struct RowSample: Sendable {
    package struct Row: Sendable, Hashable {
        /// The hash of its key.
        package let priority: UInt64
        /// One for each column.
        package let values: [ColumnValue]
    }

    /// Rows kept of a window of live predictions, and of a file.
    package static let liveLimit = 1_000
    package static let fileLimit = 10_000

    package let limit: Int
    /// The sample and at most as many rows again that are not needed any more.
    private var kept: [Row] = []
    /// Rows with this priority or more are not in the sample.
    private var bound = UInt64.max

    package init(limit: Int = Self.liveLimit) {
        self.limit = limit
    }

    /// Whether a row would be in the sample of what came so far, so that others need not be put together.
    @inline(__always)
    package func takes(key: UInt64) -> Bool { ItemHash.mix(key) < bound && limit > 0 }

    package mutating func add(_ values: [ColumnValue], key: UInt64) {
        add(Row(priority: ItemHash.mix(key), values: values))
    }

    private mutating func add(_ row: Row) {
        guard row.priority < bound, limit > 0 else { return }
        kept.append(row)
        if kept.count >= 2 * limit { prune() }
    }

    private mutating func prune() {
        kept = rows
        if kept.count == limit, let last = kept.last { bound = last.priority }
    }

    package mutating func merge(_ other: RowSample) {
        for row in other.rows { add(row) }
    }

    /// The sample by ascending priority, which is a random order.
    package var rows: [Row] {
        let sorted = kept.sorted { a, b in
            a.priority == b.priority ? a.encoded.lexicographicallyPrecedes(b.encoded) : a.priority < b.priority
        }
        var rows: [Row] = []
        for row in sorted where row.priority != rows.last?.priority {
            rows.append(row)
            if rows.count == limit { break }
        }
        return rows
    }
}

extension RowSample: Equatable {
    package static func == (a: RowSample, b: RowSample) -> Bool {
        guard a.limit == b.limit else { return false }
        let (a, b) = (a.rows, b.rows)
        return a.count == b.count && zip(a, b).allSatisfy { $0.encoded == $1.encoded }
    }
}

extension RowSample.Row {
    /// Also tells apart and orders what compares oddly, such as NaN.
    fileprivate var encoded: [UInt8] {
        var writer = ProfileWriter()
        write(to: &writer)
        return writer.bytes
    }

    fileprivate func write(to writer: inout ProfileWriter) {
        writer.fixed(priority)
        writer.count(values.count)
        for value in values { value.write(to: &writer) }
    }

    fileprivate init(from reader: inout ProfileReader) throws {
        priority = try reader.fixed()
        values = try (0..<reader.elements()).map { _ in try ColumnValue(from: &reader) }
    }
}

extension RowSample {
    func write(to writer: inout ProfileWriter) {
        writer.count(limit)
        let rows = rows
        writer.count(rows.count)
        for row in rows { row.write(to: &writer) }
    }

    init(from reader: inout ProfileReader) throws {
        self.init(limit: try reader.count(upTo: 1 << 30))
        for _ in 0..<(try reader.elements(bytesEach: 9)) { add(try Row(from: &reader)) }
    }
}
