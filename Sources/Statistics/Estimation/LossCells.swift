/// Adds up the losses of rows by the codes that one or two columns have for them: what every part of a table that
/// `SliceSearch` looks at is counted with, hundreds of times for each row.
struct LossCells {
    typealias Cell = (column: Int, code: Int)

    private enum Rows {
        /// Losses of two values: whether each row has the greater one, as 0 or 1.
        case two([UInt8], low: Double, high: Double)
        /// For each row 1, its loss and the square of it.
        case any([SIMD4<Double>])
    }

    private let rows: Rows
    let total: PartSums

    /// - Parameters:
    ///   - losses: finite.
    ///   - all: what they are together.
    init(_ losses: [Double], around all: Moments) {
        // Around the mean, so that sums of squares do not cancel.
        let mean = all.mean
        total = PartSums(rows: all.count, sum: 0, squares: all.m2)
        let (low, high) = (losses.min() ?? 0, losses.max() ?? 0)
        if losses.allSatisfy({ $0 == low || $0 == high }) {
            rows = .two(losses.map { $0 == high ? 1 : 0 }, low: low - mean, high: high - mean)
        } else {
            rows = .any(losses.map { SIMD4(1, $0 - mean, ($0 - mean) * ($0 - mean), 0) })
        }
    }

    /// Calls `body` with each code of a column that stands for a condition, and what the rows with it add up to.
    func forEachCell(of column: BinnedColumn, _ codes: [UInt8], _ body: (_ code: Int, PartSums) -> Void) {
        let sums = wideSums(codes, codes, height: 1, width: column.conditions.count)
        for code in 0..<column.namedCodes { body(code, sums[code]) }
    }

    /// The same for each two codes of two columns.
    func forEachCell(
        of first: (column: BinnedColumn, codes: [UInt8]), _ second: (column: BinnedColumn, codes: [UInt8]),
        _ body: (_ one: Int, _ other: Int, PartSums) -> Void
    ) {
        let (height, width) = (first.column.conditions.count, second.column.conditions.count)
        let others = second.column.namedCodes
        if case .two(let isHigher, let low, let high) = rows, max(height, width) <= NarrowCells.side {
            let cells = NarrowCells(isHigher, first.codes, second.codes)
            for one in 0..<first.column.namedCodes {
                for other in 0..<others {
                    let (lower, higher) = cells[one, other]
                    body(one, other, PartSums(lower, low, higher, high))
                }
            }
            return
        }
        let sums = wideSums(first.codes, second.codes, height: height, width: width)
        for one in 0..<first.column.namedCodes {
            for other in 0..<others { body(one, other, sums[one * width + other]) }
        }
    }

    /// - Parameter height: of `first`; with 1 there is but one column.
    private func wideSums(_ first: [UInt8], _ second: [UInt8], height: Int, width: Int) -> [PartSums] {
        switch rows {
        case .two(let isHigher, let low, let high):
            // A count of rows in the lower half, and of those with the greater loss in the upper half.
            let marks = isHigher.map { UInt64($0) << 32 | 1 }
            return Self.added(marks, 0, first, second, height, width) { $0 &+= $1 }.map { cell in
                let (count, higher) = (Int(cell & 0xFFFF_FFFF), Int(cell >> 32))
                return PartSums(count - higher, low, higher, high)
            }
        case .any(let losses):
            return Self.added(losses, .zero, first, second, height, width) { $0 += $1 }.map { cell in
                PartSums(rows: Int(cell[0]), sum: cell[1], squares: cell[2])
            }
        }
    }

    @inline(__always)
    private static func added<Mark>(
        _ marks: [Mark], _ zero: Mark, _ first: [UInt8], _ second: [UInt8], _ height: Int, _ width: Int,
        _ add: (inout Mark, Mark) -> Void
    ) -> [Mark] {
        var cells = [Mark](repeating: zero, count: height * width)
        cells.withUnsafeMutableBufferPointer { cells in
            marks.withUnsafeBufferPointer { marks in
                first.withUnsafeBufferPointer { first in
                    second.withUnsafeBufferPointer { second in
                        for row in marks.indices {
                            let line = height == 1 ? 0 : Int(first[row]) &* width
                            add(&cells[line &+ Int(second[row])], marks[row])
                        }
                    }
                }
            }
        }
        return cells
    }
}

extension BinnedColumn {
    /// Codes before the one of other values, which stands for no condition.
    fileprivate var namedCodes: Int { conditions.last == .other ? conditions.count - 1 : conditions.count }
}
