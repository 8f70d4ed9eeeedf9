/// Rows of a reference, cut once, and counted by every pair of columns: rows of windows are held against them again and again, to
/// find where there are more than there were.
package struct GrowthReference: Sendable {
    package let count: Int
    let columns: [GrowthColumn]
    let coding: GrowthCoding
    /// Of each column, by row.
    let codes: [[UInt8]]
    /// Of columns of names.
    let names: [Names?]
    private let places: [String: Int]
    /// Of each pair of columns how many rows have each pair of codes; empty where that would take too much room.
    private let pairs: [UInt16]

    /// All names of a column.
    struct Names: Sendable {
        let counts: [String: (place: UInt32, rows: Int)]
        /// Of each row, above all places where it has none.
        let rows: [UInt32]
    }

    /// Of wider tables pairs are counted each time.
    private static let pairedColumns = 200

    /// More rows are not looked at.
    private static let rowLimit = Int(UInt16.max)

    /// - Parameter columns: one value a row, as many in each.
    package init(columns: [(name: String, values: [ColumnValue])]) {
        let columns = columns.map { (name: $0.name, values: Array($0.values.prefix(Self.rowLimit))) }
        count = columns.first?.values.count ?? 0
        let binned = columns.map { name, values in
            GrowthColumn(name, BinnedColumn(name, values, bins: GrowthColumn.bins).coding)
        }
        let coding = GrowthCoding(binned)
        (self.columns, self.coding) = (binned, coding)
        codes = columns.enumerated().map { place, column in column.values.map { coding.code($0, column: place) } }
        names = columns.map { Self.names($0.values) }
        places = Dictionary(columns.enumerated().map { ($1.name, $0) }) { first, _ in first }
        pairs = columns.count <= Self.pairedColumns ? Self.pairs(codes) : []
    }

    package func place(of column: String) -> Int? { places[column] }

    /// How many rows have each pair of codes of two columns, the first one's before the second one's.
    @inline(__always)
    func forPair(_ first: Int, _ second: Int, _ body: (UnsafeBufferPointer<UInt16>) -> Void) {
        let size = PairCounts.size
        guard pairs.isEmpty else {
            return pairs.withUnsafeBufferPointer { all in
                let start = (first * (2 * columns.count - first - 1) / 2 + second - first - 1) * size
                body(UnsafeBufferPointer(rebasing: all[start..<start + size]))
            }
        }
        var counts = PairCounts()
        counts.count(codes[first], codes[second])
        counts.narrow.withUnsafeBufferPointer(body)
    }

    private static func pairs(_ codes: [[UInt8]]) -> [UInt16] {
        var pairs: [UInt16] = []
        var counts = PairCounts()
        for first in codes.indices {
            for second in codes.indices.dropFirst(first + 1) {
                counts.count(codes[first], codes[second])
                pairs += counts.narrow
            }
        }
        return pairs
    }

    private static func names(_ values: [ColumnValue]) -> Names? {
        var counts: [String: (place: UInt32, rows: Int)] = [:]
        let rows = values.map { value -> UInt32 in
            guard case .text(let text) = value else { return .max }
            let next = UInt32(counts.count)
            counts[text, default: (next, 0)].rows += 1
            return counts[text]?.place ?? .max
        }
        return counts.isEmpty ? nil : Names(counts: counts, rows: rows)
    }

    /// About how many bytes they take.
    package var sizeBytes: Int {
        let ofNames = names.compactMap(\.self).reduce(0) { size, names in
            size + 4 * names.rows.count + names.counts.keys.reduce(0) { $0 + 64 + $1.utf8.count }
        }
        return 2 * pairs.count + columns.count * (320 + count) + ofNames
    }
}
