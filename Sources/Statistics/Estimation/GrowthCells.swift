/// How the rows of a window and of a reference fall into the cells of one column, or of two: what `SliceSearch` looks for parts
/// in that have more of the window's rows than the others.
struct GrowthCells {
    struct Column {
        let column: GrowthColumn
        let own: [UInt8]
        /// Of the reference: its place there, or codes that it does not have.
        fileprivate let theirs: Theirs
        /// The codes that stand for a condition.
        let named: Range<Int>
    }

    fileprivate enum Theirs {
        case place(Int)
        case codes([UInt8])

        func codes(in reference: GrowthReference) -> [UInt8] {
            switch self {
            case .place(let place): reference.codes[place]
            case .codes(let codes): codes
            }
        }
    }

    let reference: GrowthReference
    private(set) var columns: [Column] = []
    /// Rows of the window are 1, those of the reference 0; all around their mean.
    let total: PartSums
    let mean: Double
    private let counts: (window: Float, reference: Float)

    init(_ reference: GrowthReference, _ count: Int) {
        self.reference = reference
        let (n, m) = (Double(count), Double(reference.count))
        mean = n / (n + m)
        total = PartSums(rows: count + reference.count, sum: 0, squares: n * m / (n + m))
        counts = (Float(n), Float(m))
    }

    /// A column of the reference.
    mutating func append(_ column: GrowthColumn, _ place: Int, _ own: [UInt8]) {
        columns.append(Column(column: column, own: own, theirs: .place(place), named: 0..<column.conditions.count))
    }

    /// Another one, in which missing values are no part: they are one already.
    mutating func append(_ column: GrowthColumn, _ own: [UInt8], besides theirs: [UInt8]) {
        columns.append(Column(column: column, own: own, theirs: .codes(theirs), named: 1..<column.conditions.count))
    }

    /// What the rows of the reference have in a column.
    func codes(ofReference column: Int) -> [UInt8] {
        columns[column].theirs.codes(in: reference)
    }

    private func sums(_ window: Int, _ reference: Int) -> PartSums {
        Self.sums(window, reference, around: mean)
    }

    private static func sums(_ window: Int, _ reference: Int, around mean: Double) -> PartSums {
        PartSums(reference, -mean, window, 1 - mean)
    }

    /// Calls `body` with each code that stands for a condition, and what the rows with it add up to.
    func forEachCell(of column: Int, _ body: (_ code: Int, PartSums) -> Void) {
        var (own, theirs) = ([Int](repeating: 0, count: 8), [Int](repeating: 0, count: 8))
        for code in columns[column].own { own[Int(code)] += 1 }
        for code in codes(ofReference: column) { theirs[Int(code)] += 1 }
        for code in columns[column].named { body(code, sums(own[code], theirs[code])) }
    }

    /// Counts the cells of all pairs of columns that are parts, and calls `body` with those that may be among them what is looked
    /// for: with the window's rows surely more frequent than in the others.
    /// - Parameters:
    ///   - least: fewer rows, inside or outside, are no part.
    ///   - leastT: parts whose Welch's t is less are left out, but for some that are close to it.
    /// - Returns: how many parts there are.
    func forEachPair(
        least: Int, leastT: Double, _ body: (_ first: (Int, Int), _ second: (Int, Int), PartSums) -> Void
    ) -> Int {
        var parts = 0
        let look = Look(counts: counts, least: Float(least), bound: Float(leastT * leastT) * (1 - 1e-4))
        var window = PairCounts()
        // Apart, because to ask a column for them, or the cells for themselves, is to count references to all that they consist of.
        let (codes, names, theirs) = (columns.map(\.own), columns.map(\.named), columns.map(\.theirs))
        let (mean, rows, reference) = (mean, total.rows, reference)
        for first in codes.indices {
            for second in codes.indices.dropFirst(first + 1) {
                window.count(codes[first], codes[second])
                Self.forPair(theirs[first], theirs[second], of: reference) { reference in
                    let (ofPair, mayBe) = look.at(window, reference, names[first], names[second])
                    parts += ofPair
                    guard mayBe > 0 else { return }
                    for one in names[first] {
                        for other in names[second] {
                            let cell = one << 3 | other
                            let part = Self.sums(Int(window.counts[cell]), Int(reference[cell]), around: mean)
                            let isPart = part.rows >= least && rows - part.rows >= least
                            if isPart, part.sum > 0 { body((first, one), (second, other), part) }
                        }
                    }
                }
            }
        }
        return parts
    }

    /// How many rows of the reference have each pair of codes of two columns.
    @inline(__always)
    private static func forPair(
        _ first: Theirs, _ second: Theirs, of reference: GrowthReference, _ body: (UnsafeBufferPointer<UInt16>) -> Void
    ) {
        if case (.place(let first), .place(let second)) = (first, second) {
            return reference.forPair(first, second, body)
        }
        var counts = PairCounts()
        counts.count(first.codes(in: reference), second.codes(in: reference))
        counts.narrow.withUnsafeBufferPointer(body)
    }

}

/// What the cells of a pair of columns are asked.
private struct Look {
    let counts: (window: Float, reference: Float)
    /// Fewer rows, inside or outside, are no part.
    let least: Float
    /// Of t².
    let bound: Float

    /// How many cells of a pair are parts, and how many of those may have a t that is not less than asked for.
    ///
    /// Of w of n rows of the window and u of m of the reference inside, t² is at most d²·r·s / (w·u·s³ + (n − w)·(m − u)·r³), with
    /// r rows inside, s outside, and d = w·(n + m) − n·r: the variances of samples are larger than those of populations.
    @inline(__always)
    func at(
        _ window: PairCounts, _ reference: UnsafeBufferPointer<UInt16>, _ rows: Range<Int>, _ places: Range<Int>
    ) -> (parts: Int, mayBe: Int) {
        typealias Cells = SIMD8<Float>
        let (n, m) = (Cells(repeating: counts.window), Cells(repeating: counts.reference))
        let all = n + m
        var named = SIMD8<Float>.zero
        for place in places { named[place] = 1 }
        var (parts, mayBe) = (Cells.zero, Cells.zero)
        window.counts.withUnsafeBufferPointer { window in
            for row in rows {
                var (w, u) = (Cells.zero, Cells.zero)
                for place in 0..<8 {
                    w[place] = Float(window[row << 3 | place])
                    u[place] = Float(reference[row << 3 | place])
                }
                let inside = w + u
                let outside = all - inside
                let isPart = (inside .>= least) .& (outside .>= least)
                let difference = w * all - n * inside
                let spread =
                    w * u * (outside * outside * outside) + (n - w) * (m - u) * (inside * inside * inside)
                let isFar = difference * difference * (inside * outside) .>= bound * spread
                let one = named.replacing(with: 0, where: .!isPart)
                parts += one
                mayBe += one.replacing(with: 0, where: .!(isFar .& (difference .> 0)))
            }
        }
        return (Int(parts.sum()), Int(mayBe.sum()))
    }
}
