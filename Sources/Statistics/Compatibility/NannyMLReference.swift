/// A column of a reference as NannyML 0.13.1 fits a method to it, and the values it gives to other rows of that column.
///
///     let fit = try NannyMLReference(.decimals(ages), method: .jensenShannon)
///     fit.value(.decimals(agesNow))
package struct NannyMLReference: Sendable {
    package let method: NannyMLMethod
    private let content: Content

    private enum Content: Sendable {
        /// The reference itself, for methods that need it; missing values dropped.
        case values([Double])
        /// Edges and shares of the reference in the bins between them.
        case bins(edges: [Double], shares: [Double])
        case categories(counts: [String: Int], rows: Int)
    }

    /// The size from which Kolmogorov–Smirnov and Wasserstein know the reference as that many equal bins only.
    private static let binnedFrom = 10_000

    /// Throws for a reference without values or of a kind that the method does not take.
    package init(_ reference: RawColumn, method: NannyMLMethod = .jensenShannon) throws(NannyMLRefusal) {
        self.method = method
        guard method.takes(reference) else { throw .unfit(method) }
        let reference = reference.present(infinities: true)
        guard reference.rows > 0 else { throw .empty }
        guard let numbers = reference.numbers else {
            content = .categories(counts: reference.nameCounts, rows: reference.rows)
            return
        }
        guard numbers.allSatisfy(\.isFinite) else { throw .infinite }
        let (low, high) = Self.range(numbers)
        let isLarge = numbers.count >= Self.binnedFrom
        switch method {
        case .kolmogorovSmirnov where !isLarge || low == high, .wasserstein where !isLarge: content = .values(numbers)
        case .kolmogorovSmirnov, .wasserstein:
            content = Self.bins(numbers, Self.equalEdges(low, high, bins: Self.binnedFrom))
        default:
            let edges = BinRule.doane.edges(numbers)
            content = Self.bins(numbers, edges.isEmpty ? Self.equalEdges(low, high, bins: 1) : edges)
        }
    }

    private static func range(_ numbers: [Double]) -> (Double, Double) {
        numbers.reduce((.infinity, -.infinity)) { (min($0.0, $1), max($0.1, $1)) }
    }

    private static func bins(_ numbers: [Double], _ edges: [Double]) -> Content {
        .bins(edges: edges, shares: shares(numbers, edges))
    }

    /// From least to greatest; around a single value a range of width 1, as NumPy takes it.
    private static func equalEdges(_ low: Double, _ high: Double, bins: Int) -> [Double] {
        let (low, high) = low == high ? (low - 0.5, high + 0.5) : (low, high)
        let step = (high - low) / Double(bins)
        return (0...bins).map { $0 == bins ? high : low + step * Double($0) }
    }

    private static func shares(_ numbers: [Double], _ edges: [Double]) -> [Double] {
        BinRule.counts(numbers, edges: edges).map { Double($0) / Double(numbers.count) }
    }

    /// What the method says of rows of the column; NaN without any value, or when their kind is another than the reference's.
    package func value(_ rows: RawColumn) -> Double {
        evaluate(rows).value
    }

    /// The value, and the p-value of a test.
    func evaluate(_ rows: RawColumn) -> (value: Double, pValue: Double) {
        let rows = rows.present(infinities: true)
        guard rows.rows > 0 else { return (.nan, .nan) }
        switch (content, rows.numbers) {
        case (.values(let reference), let numbers?):
            let value =
                method == .wasserstein
                ? SampleDistance.wasserstein(reference, numbers)
                : KolmogorovSmirnovTest(reference, numbers, law: .limit).statistic
            return (value, .nan)
        case (.bins(let edges, let shares), let numbers?):
            switch method {
            case .kolmogorovSmirnov: return (Self.binnedKolmogorovSmirnov(numbers, edges, shares), .nan)
            case .wasserstein: return (Self.binnedWasserstein(numbers, edges, shares), .nan)
            default: return (distance(shares, Self.shares(numbers, edges)), .nan)
            }
        case (.categories(let counts, let total), nil): return evaluate(rows.nameCounts, rows.rows, counts, total)
        default: return (.nan, .nan)
        }
    }

    /// Jensen–Shannon or Hellinger, what lies outside all bins of the reference being one bin more.
    private func distance(_ reference: [Double], _ current: [Double]) -> Double {
        let rest = 1 - current.reduce(0, +)
        let (p, q) = rest > 0 ? (reference + [0], current + [rest]) : (reference, current)
        return method == .hellinger ? ShareDistance.hellinger(p, q) : ShareDistance.jensenShannon(p, q, base: 2)
    }

    private func evaluate(
        _ current: [String: Int], _ rows: Int, _ reference: [String: Int], _ total: Int
    ) -> (value: Double, pValue: Double) {
        let known = reference.keys.sorted()
        let p = known.map { Double(reference[$0] ?? 0) / Double(total) }
        let q = known.map { Double(current[$0] ?? 0) / Double(rows) }
        let new = current.keys.filter { reference[$0] == nil }.sorted()
        switch method {
        case .chiSquare:
            let counts = (known + new).map { (reference[$0] ?? 0, current[$0] ?? 0) }
            let test = ContingencyTest.chiSquared(
                counts.map(\.0), counts.map(\.1), isContinuityCorrected: counts.count == 2)
            return (test.statistic, test.pValue)
        case .largestDifference:
            let unseen = new.map { Double(current[$0] ?? 0) / Double(rows) }
            return (max(ShareDistance.largestDifference(p, q), unseen.max() ?? 0), .nan)
        default: return (distance(p, q), .nan)
        }
    }

    /// The largest distance of the cumulative shares at the right edges of the bins.
    private static func binnedKolmogorovSmirnov(_ numbers: [Double], _ edges: [Double], _ shares: [Double]) -> Double {
        var reference = 0.0
        var current = Double(numbers.count { $0 < edges[0] }) / Double(numbers.count)
        var largest = 0.0
        for (a, b) in zip(shares, Self.shares(numbers, edges)) {
            reference += a
            current += b
            largest = max(largest, abs(reference - current))
        }
        return largest
    }

    /// The area between the cumulative shares within the reference's range, and what lies outside by value; one row too many
    /// is counted on each side that has any, as NannyML does.
    private static func binnedWasserstein(_ numbers: [Double], _ edges: [Double], _ shares: [Double]) -> Double {
        let (low, high) = (edges[0], edges[edges.count - 1])
        let count = Double(numbers.count)
        let below = numbers.filter { $0 < low }.sorted()
        let above = numbers.filter { $0 > high }.sorted()
        let belowShare = below.isEmpty ? 0 : Double(below.count + 1) / count
        var area = 0.0
        for (index, (left, right)) in zip(below, below.dropFirst() + [low]).enumerated() {
            area += Double(index + 1) / count * (right - left)
        }
        for (index, (left, right)) in zip([high] + above, above).enumerated() {
            area += Double(above.count - index) / count * (right - left)
        }
        var reference = 0.0
        var current = belowShare
        for (a, b) in zip(shares, Self.shares(numbers, edges)) {
            reference += a
            current += b
            area += abs(reference - current) * (edges[1] - edges[0])
        }
        return area
    }
}

/// Why NannyML fits no method to a column.
package enum NannyMLRefusal: Error, Equatable, CustomStringConvertible {
    case empty
    case infinite
    case unfit(NannyMLMethod)

    package var description: String {
        switch self {
        case .empty: "the reference column has no values"
        case .infinite: "the reference column holds infinities, around which no bins can be laid"
        case .unfit(let method): "\(method.rawValue) does not take columns of this kind"
        }
    }
}
