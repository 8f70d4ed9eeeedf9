#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// How two columns go together, with a two-sided p-value of no association.
package struct Correlation: Sendable, Equatable {
    /// From −1 to 1; NaN when a column has no spread.
    package let coefficient: Double
    package let pValue: Double

    /// Pearson's product-moment correlation; the p-value is that of normal columns.
    package static func pearson(_ a: [Double], _ b: [Double]) -> Correlation {
        let (centerA, centerB) = (centered(a), centered(b))
        let product = zip(centerA, centerB).reduce(0) { $0 + $1.0 * $1.1 }
        let squares = [centerA, centerB].map { $0.reduce(0) { $0 + $1 * $1 } }
        let r = max(-1, min(1, product / (squares[0].squareRoot() * squares[1].squareRoot())))
        return Correlation(coefficient: squares.contains(0) ? .nan : r, count: a.count)
    }

    /// Spearman's: Pearson's of the mid-ranks.
    package static func spearman(_ a: [Double], _ b: [Double]) -> Correlation {
        pearson(MidRanks(a).ranks, MidRanks(b).ranks)
    }

    private init(coefficient: Double, count: Int) {
        self.coefficient = coefficient
        let freedom = Double(count - 2)
        let t = coefficient * (freedom / ((1 + coefficient) * (1 - coefficient))).squareRoot()
        pValue = freedom > 0 ? TailProbability.studentTwoSided(t, degreesOfFreedom: freedom) : .nan
    }

    private init(coefficient: Double, pValue: Double) {
        self.coefficient = coefficient
        self.pValue = pValue
    }

    private static func centered(_ values: [Double]) -> [Double] {
        let mean = values.reduce(0, +) / Double(values.count)
        return values.map { $0 - mean }
    }

    /// Kendall's τ-b, which corrects for ties, in O(n²): concordant less discordant pairs. The p-value is exact without ties up
    /// to 33 rows or when nearly all pairs agree, else normal: SciPy's "auto".
    package static func kendall(_ a: [Double], _ b: [Double]) -> Correlation {
        let n = a.count
        var (concordant, discordant) = (0, 0)
        for i in 0..<n {
            for j in 0..<i {
                let (x, y) = (a[i] - a[j], b[i] - b[j])
                if x * y > 0 { concordant += 1 } else if x * y < 0 { discordant += 1 }
            }
        }
        let pairs = Double(n * (n - 1) / 2)
        let ties = [MidRanks(a).tieSizes, MidRanks(b).tieSizes].map(TieSums.init)
        let root = (pairs - ties[0].pairs).squareRoot() * (pairs - ties[1].pairs).squareRoot()
        let score = Double(concordant - discordant)
        let tau = max(-1, min(1, score / root))
        guard root > 0 else { return Correlation(coefficient: .nan, pValue: .nan) }
        let fewer = min(concordant, discordant)
        let isExact = ties[0].pairs == 0 && ties[1].pairs == 0 && (n <= 33 || fewer <= 1)
        return Correlation(coefficient: tau, pValue: isExact ? exactKendall(n, fewer) : normalKendall(score, n, ties))
    }

    /// The share of all orders with as few inversions, twice (Kendall 1970, 5).
    private static func exactKendall(_ n: Int, _ inversions: Int) -> Double {
        guard n > 2, 4 * inversions < n * (n - 1) else { return 1 }
        // The share of orders of the first values by their number of inversions.
        var shares = [1.0] + [Double](repeating: 0, count: inversions)
        for size in 2...n {
            var sums: [Double] = []
            var window = 0.0
            for index in shares.indices {
                window += shares[index]
                if index >= size { window -= shares[index - size] }
                sums.append(max(0, window) / Double(size))
            }
            shares = sums
        }
        return min(1, 2 * shares.reduce(0, +))
    }

    private static func normalKendall(_ score: Double, _ n: Int, _ ties: [TieSums]) -> Double {
        let count = Double(n)
        let m = count * (count - 1)
        let base = (m * (2 * count + 5) - ties[0].weighted - ties[1].weighted) / 18
        let variance =
            base + 2 * ties[0].pairs * ties[1].pairs / m + ties[0].triples * ties[1].triples / (9 * m * (count - 2))
        return TailProbability.normalTwoSided(score / variance.squareRoot())
    }
}

/// What groups of equal values take from Kendall's variance.
private struct TieSums {
    var pairs = 0.0
    var triples = 0.0
    var weighted = 0.0

    init(_ sizes: [Int]) {
        for size in sizes {
            let t = Double(size)
            pairs += t * (t - 1) / 2
            triples += t * (t - 1) * (t - 2)
            weighted += t * (t - 1) * (2 * t + 5)
        }
    }
}
