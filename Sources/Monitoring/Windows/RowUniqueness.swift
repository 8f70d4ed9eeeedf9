package import Statistics

/// How many different rows there are among some: by the hash of what goes into the model.
package struct RowUniqueness: Sendable, Equatable {
    /// Rows of which all inputs are known.
    package private(set) var rows = 0
    private(set) var hashes = DistinctCount()

    package init() {}

    /// - Parameter hash: `RowHash.nothing` for a row of which nothing or not all is known.
    @inline(__always)
    mutating func add(hash: UInt64) {
        guard hash != RowHash.nothing else { return }
        rows += 1
        hashes.add(hash: hash)
    }

    mutating func merge(_ other: RowUniqueness) {
        rows += other.rows
        hashes.merge(other.hashes)
    }

    /// Rows that are like another one, but for the first of each kind; within about 2 % of the rows, exact for up to 128
    /// different ones.
    package var duplicates: Int { max(0, rows - Int(hashes.estimate.rounded())) }

    func write(to writer: inout ProfileWriter) {
        writer.count(rows)
        hashes.write(to: &writer)
    }

    init(from reader: inout ProfileReader) throws {
        rows = try reader.count()
        hashes = try DistinctCount(from: &reader)
    }
}

/// Hashes of rows: sums over their cells, so that the order of the columns does not matter. Missing and absent cells add
/// nothing.
enum RowHash {
    /// Of a row without any cell, and of one that has a masked cell.
    static let nothing: UInt64 = 0

    @inline(__always)
    static func cell(_ number: Double, ofColumn name: UInt64) -> UInt64 {
        ItemHash.of(number, under: name)
    }

    /// Adds the hashes of numbers to those of their rows.
    static func add(_ numbers: [Double], ofColumn name: UInt64, to hashes: inout [UInt64]) {
        numbers.withUnsafeBufferPointer { numbers in
            hashes.withUnsafeMutableBufferPointer { ItemHash.add(numbers, under: name, to: $0) }
        }
    }

    static func cell(_ text: String, ofColumn name: UInt64) -> UInt64 {
        ItemHash.mix(name &+ ItemHash.of(text))
    }

    /// Of a sampled row's cells.
    static func of(_ cells: some Sequence<(name: String, value: ColumnValue?)>) -> UInt64 {
        var sum = nothing
        for (name, value) in cells {
            switch value {
            case nil: return nothing
            case .missing: break
            case .number(let number): sum &+= cell(number, ofColumn: ItemHash.of(name))
            case .text(let text): sum &+= cell(text, ofColumn: ItemHash.of(name))
            }
        }
        return sum
    }
}
