#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Rules for the width of equal-width bins over a sample; names and definitions are NumPy's.
package enum BinRule: String, Sendable, CaseIterable {
    case sturges, doane, scott, sqrt, rice, auto
    case freedmanDiaconis = "fd"

    /// The edges of equal-width bins from the least to the greatest value; none, which is one bin, when all values are equal.
    /// Bins of integers are no narrower than 1.
    package func edges(_ values: [Double], areIntegers: Bool = false) -> [Double] {
        guard let low = values.min(), let high = values.max(), high > low else { return [] }
        let ruled = width(values, range: high - low)
        let width = areIntegers ? max(1, ruled) : ruled
        let bins = width > 0 ? Int(((high - low) / width).rounded(.up)) : 1
        return (0...bins).map { index in
            index == bins ? high : low + (high - low) / Double(bins) * Double(index)
        }
    }

    private func width(_ values: [Double], range: Double) -> Double {
        let n = Double(values.count)
        switch self {
        case .sturges: return range / (log2(n) + 1)
        case .sqrt: return range / n.squareRoot()
        case .rice: return range / (2 * cbrt(n))
        case .scott: return cbrt(24 * Double.pi.squareRoot() / n) * Moments(values).populationDeviation
        case .doane:
            let spread = (6 * (n - 2) / ((n + 1) * (n + 3))).squareRoot()
            return range / (1 + log2(n) + log2(1 + abs(Moments(values).skewness) / spread))
        case .freedmanDiaconis:
            let sorted = values.sorted()
            let quartile = QuantileMethod.linear
            return 2 * (quartile.quantile(0.75, ofSorted: sorted) - quartile.quantile(0.25, ofSorted: sorted)) / cbrt(n)
        case .auto:
            let sturges = Self.sturges.width(values, range: range)
            let robust = Self.freedmanDiaconis.width(values, range: range)
            return robust > 0 ? min(sturges, robust) : sturges
        }
    }

    /// How many values lie in each bin; bins are closed on the left, the last one on both sides.
    package static func counts(_ values: [Double], edges: [Double]) -> [Int] {
        guard edges.count > 1 else { return [values.count] }
        var counts = [Int](repeating: 0, count: edges.count - 1)
        for value in values where value >= edges[0] && value <= edges[edges.count - 1] {
            let bin = edges.partitioningIndex { $0 > value } - 1
            counts[min(bin, counts.count - 1)] += 1
        }
        return counts
    }
}

extension Array {
    /// The first index whose element satisfies a predicate that is false for a prefix and true for the rest.
    func partitioningIndex(where belongsInSecond: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if belongsInSecond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
