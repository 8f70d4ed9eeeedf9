package import Statistics

/// How many rows came with how many inputs: members of an object, elements of a vector.
package struct RowWidths: Sendable, Equatable {
    /// So many widths are told apart, the smallest; rows of greater ones count together. So merging is exact.
    package static let limit = 32

    package private(set) var counts: [Int: Int] = [:]
    package private(set) var others = 0

    package init() {}

    package init(counts: [Int: Int], others: Int) {
        self.counts = counts
        self.others = others
    }

    package var rows: Int { counts.values.reduce(others, +) }

    /// - Parameter width: 0 for a row without inputs, which is not counted.
    @inline(__always)
    mutating func add(_ width: Int, rows: Int = 1) {
        guard width > 0, rows > 0 else { return }
        counts[width, default: 0] += rows
        guard counts.count > Self.limit, let widest = counts.keys.max() else { return }
        others += counts.removeValue(forKey: widest) ?? 0
    }

    mutating func merge(_ other: RowWidths) {
        for (width, rows) in other.counts { add(width, rows: rows) }
        others += other.others
    }

    var bytes: [UInt8] {
        var writer = ProfileWriter()
        write(to: &writer)
        return writer.bytes
    }

    init(bytes: [UInt8]) throws {
        var reader = ProfileReader(bytes)
        try self.init(from: &reader)
        try reader.end()
    }

    func write(to writer: inout ProfileWriter) {
        writer.count(counts.count)
        for (width, rows) in counts.sorted(by: { $0.key < $1.key }) {
            writer.count(width)
            writer.count(rows)
        }
        writer.count(others)
    }

    init(from reader: inout ProfileReader) throws {
        for _ in 0..<(try reader.elements(bytesEach: 2)) { counts[try reader.count()] = try reader.count() }
        others = try reader.count()
        guard counts.count <= Self.limit else { throw reader.problem("it has too many widths") }
    }
}
