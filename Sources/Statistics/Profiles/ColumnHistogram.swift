/// How one column is distributed in two tables, or in one: a few bars for each.
package struct ColumnHistogram: Sendable, Hashable {
    package struct Bar: Sendable, Hashable {
        /// A name, a value, or a range of values; data of the user when it is a name.
        package let label: String
        package let isName: Bool
        /// The share of all usable values, from 0 to 1.
        package fileprivate(set) var reference: Double
        package fileprivate(set) var current: Double
    }

    package let bars: [Bar]

    private static let binLimit = 24
    private static let nameLimit = 12

    /// - Parameters:
    ///   - current: by the same anchors; nil when there is one set of rows.
    ///   - words: spells a number of the column.
    package init(_ reference: ColumnProfile, _ current: ColumnProfile?, words: (Double) -> String) {
        let shares = (Self.shares(reference.cellCounts), current.map { Self.shares($0.cellCounts) })
        let pairs = shares.0.indices.map { (shares.0[$0], shares.1?[$0] ?? 0) }
        switch reference.anchors {
        case .categorical(let anchors): bars = Self.names(anchors.names, pairs)
        case .numeric(let anchors) where anchors.isDiscrete: bars = Self.values(anchors, pairs, words)
        case .numeric(let anchors): bars = Self.ranges(anchors, pairs, words)
        }
    }

    private static func shares(_ counts: [Int]) -> [Double] {
        let total = Double(max(1, counts.reduce(0, +)))
        return counts.map { Double($0) / total }
    }

    private static func names(_ names: [String], _ shares: [(Double, Double)]) -> [Bar] {
        let bars = names.indices.map { index in
            Bar(label: names[index], isName: true, reference: shares[index].0, current: shares[index].1)
        }.sorted { $0.reference + $0.current > $1.reference + $1.current }
        var rest = Bar(label: "all others", isName: false, reference: 0, current: 0)
        for bar in bars.dropFirst(nameLimit) {
            rest.reference += bar.reference
            rest.current += bar.current
        }
        rest.reference += shares.last?.0 ?? 0
        rest.current += shares.last?.1 ?? 0
        return bars.prefix(nameLimit) + (rest.reference + rest.current > 0 ? [rest] : [])
    }

    /// A bar for each of few values, and what lies before and after them.
    private static func values(
        _ anchors: NumericAnchors, _ shares: [(Double, Double)], _ words: (Double) -> String
    ) -> [Bar] {
        shares.indices.compactMap { cell in
            let share = shares[cell]
            let isEnd = cell == 0 || cell == shares.count - 1
            guard share.0 + share.1 > 0 || !isEnd else { return nil }
            let label =
                switch cell {
                case 0: "less"
                case shares.count - 1: "more"
                default: words(anchors.cuts[cell - 1])
                }
            return Bar(label: label, isName: false, reference: share.0, current: share.1)
        }
    }

    /// Ranges of equal width over the middle 99 % of the reference; the first and the last take what lies beyond. The values of
    /// a cell are taken to be spread evenly over it.
    private static func ranges(
        _ anchors: NumericAnchors, _ shares: [(Double, Double)], _ words: (Double) -> String
    ) -> [Bar] {
        let cuts = anchors.cuts
        guard cuts.count > 1 else { return [] }
        let (low, high) = middle(cuts, shares.map(\.0))
        let count = min(binLimit, cuts.count - 1)
        let width = (high - low) / Double(count)
        guard width > 0, width.isFinite else { return [] }
        var bars = (0..<count).map { bin in
            let start = low + Double(bin) * width
            let (first, last) = (bin == 0, bin == count - 1)
            let label =
                first
                ? "below \(words(start + width))"
                : last ? "from \(words(start))" : "\(words(start)) to \(words(start + width))"
            return Bar(label: label, isName: false, reference: 0, current: 0)
        }
        func add(_ share: (Double, Double), _ part: Double, to bin: Int) {
            let bin = min(count - 1, max(0, bin))
            bars[bin].reference += share.0 * part
            bars[bin].current += share.1 * part
        }
        add(shares[0], 1, to: 0)
        add(shares[shares.count - 1], 1, to: count - 1)
        for cell in 1..<cuts.count where shares[cell].0 + shares[cell].1 > 0 {
            let start = min(max(cuts[cell - 1], low), high)
            let end = min(max(cuts[cell], low), high)
            guard end > start else {
                add(shares[cell], 1, to: Int((start - low) / width))
                continue
            }
            // What of the cell lies beyond the ends goes into the outer bins with the rest of it.
            let first = min(count - 1, Int((start - low) / width))
            let last = min(count - 1, Int((end - low) / width))
            for bin in first...last {
                let from = max(start, low + Double(bin) * width)
                let to = bin == last ? end : min(end, low + Double(bin + 1) * width)
                add(shares[cell], max(0, to - from) / (end - start), to: bin)
            }
        }
        return bars
    }

    private static func middle(_ cuts: [Double], _ shares: [Double]) -> (Double, Double) {
        var (low, high) = (cuts[0], cuts[cuts.count - 1])
        var below = 0.0
        for cell in 1..<cuts.count {
            if below <= 0.005 { low = cuts[cell - 1] }
            below += shares[cell]
            if below >= 0.995 {
                high = cuts[cell]
                break
            }
        }
        return low < high ? (low, high) : (cuts[0], cuts[cuts.count - 1])
    }
}
