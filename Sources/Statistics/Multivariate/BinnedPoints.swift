/// Points whose coordinates have been sorted into a few bins each, held coordinate by coordinate for trees that look for
/// where to split them.
struct BinnedPoints: Sendable {
    let count: Int
    /// By coordinate; at each, values go left when they are at most as large.
    let cuts: [[Double]]
    /// The bin of each point, coordinate by coordinate, with empty coordinates at the end up to a whole lot.
    private let cells: [UInt8]

    /// A coordinate has at most so many bins.
    static let binLimit = 16
    /// So many coordinates are added up side by side: one alone would wait for its own last sum.
    private static let lot = 4

    /// What a bin is summed up to: gradient and weight.
    typealias Sums = SIMD2<Double>

    /// - Parameter rows: those of `points` that are held.
    init(_ points: Matrix, rows: [Int]) {
        count = rows.count
        let width = points.columns
        cuts = (0..<width).map { column in Self.cuts(rows.map { points[$0, column] }) }
        var cells: [UInt8] = []
        cells.reserveCapacity((width + Self.lot) * count)
        for (column, cuts) in cuts.enumerated() {
            for row in rows { cells.append(UInt8(Self.cell(points[row, column], cuts))) }
        }
        let lots = (width + Self.lot - 1) / Self.lot
        self.cells = cells + repeatElement(0, count: (lots * Self.lot - width) * count)
    }

    /// Distinct quantiles.
    private static func cuts(_ values: [Double]) -> [Double] {
        let sorted = values.sorted()
        let quantiles = (1..<binLimit).map { sorted[sorted.count * $0 / binLimit] }
        var cuts: [Double] = []
        for cut in quantiles where cut != cuts.last && cut < sorted[sorted.count - 1] { cuts.append(cut) }
        return cuts
    }

    static func cell(_ value: Double, _ cuts: [Double]) -> Int {
        cuts.partitioningIndex { value <= $0 }
    }

    func bin(of point: Int, _ coordinate: Int) -> Int {
        Int(cells[coordinate * count + point])
    }

    /// Calls `body` with the sums of each coordinate's bins over some points, in their order.
    /// - Parameter values: of all points.
    func forEachCoordinate(
        summing values: [Sums], of members: [Int], _ body: (Int, UnsafeBufferPointer<Sums>) -> Void
    ) {
        let size = Self.binLimit
        withUnsafeTemporaryAllocation(of: Sums.self, capacity: Self.lot * size) { sums in
            for first in stride(from: 0, to: cuts.count, by: Self.lot) {
                let end = min(first + Self.lot, cuts.count)
                guard cuts[first..<end].contains(where: { !$0.isEmpty }) else { continue }
                sums.initialize(repeating: Sums(0, 0))
                add(values, of: members, first, to: sums)
                for coordinate in first..<end where !cuts[coordinate].isEmpty {
                    let bins = (coordinate - first) * size..<(coordinate - first) * size + cuts[coordinate].count + 1
                    body(coordinate, UnsafeBufferPointer(rebasing: UnsafeBufferPointer(sums)[bins]))
                }
            }
        }
    }

    private func add(
        _ values: [Sums], of members: [Int], _ first: Int, to sums: UnsafeMutableBufferPointer<Sums>
    ) {
        let size = Self.binLimit
        values.withUnsafeBufferPointer { values in
            cells.withUnsafeBufferPointer { cells in
                for member in members {
                    let value = values[member]
                    for place in 0..<Self.lot {
                        let bin = Int(cells[(first &+ place) &* count &+ member])
                        sums[place &* size &+ bin] += value
                    }
                }
            }
        }
    }
}
