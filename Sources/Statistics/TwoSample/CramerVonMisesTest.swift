#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Cramér and von Mises' test that two samples come from one law, by the mean squared distance of F and G.
package struct CramerVonMisesTest: Sendable {
    /// Where the p-value comes from.
    package enum Law: Sendable {
        /// All orders of the pooled sample; for small samples without ties.
        case exact
        /// The limit for large samples, at Anderson's corrected argument.
        case limit
        /// Exact up to 20 values in each sample, the limit above: SciPy's "auto".
        case automatic
    }

    /// Anderson's T (1962), of mid-ranks when values repeat.
    package let statistic: Double
    package let pValue: Double

    /// Tests two samples of two values or more, without NaN; both are NaN for smaller ones.
    package init(_ a: [Double], _ b: [Double], law: Law = .automatic) {
        guard a.count > 1, b.count > 1 else {
            (statistic, pValue) = (.nan, .nan)
            return
        }
        let (n, m) = (Double(a.count), Double(b.count))
        let ranks = MidRanks(a.sorted() + b.sorted()).ranks
        let spread = { (part: ArraySlice<Double>) in
            part.enumerated().reduce(0.0) { sum, item in
                let distance = item.element - Double(item.offset + 1)
                return sum + distance * distance
            }
        }
        let u = n * spread(ranks[..<a.count]) + m * spread(ranks[a.count...])
        let total = n + m
        statistic = u / (n * m * total) - (4 * n * m - 1) / (6 * total)
        let isExact = law == .exact || (law == .automatic && max(a.count, b.count) <= 20)
        pValue = isExact ? Self.exactTail(u, a.count, b.count) : Self.limitTail(statistic, n, m)
    }

    /// P(T ≥ t) by the law of one sample's statistic, at the argument that has its mean and variance (Anderson 1962, 15).
    private static func limitTail(_ t: Double, _ n: Double, _ m: Double) -> Double {
        let total = n + m
        let mean = (1 + 1 / total) / 6
        let scale = 45 * total * total * 4 * n * m
        let variance = (total + 1) * (4 * n * m * total - 3 * (n * n + m * m) - 2 * n * m) / scale
        let x = 1.0 / 6 + (t - mean) / (45 * variance).squareRoot()
        return x < 0.003 ? 1 : max(0, 1 - limitCumulative(x))
    }

    /// The limiting law of the one-sample statistic as a series of Bessel functions (Csörgő & Faraway 1996, 1.3), to seven
    /// digits.
    package static func limitCumulative(_ x: Double) -> Double {
        var sum = 0.0
        for index in 0..<1_000 {
            let k = Double(index)
            let y = 4 * k + 1
            let q = y * y / (16 * x)
            let weight = exp(logGamma(k + 0.5) - logGamma(k + 1)) / (pow(.pi, 1.5) * x.squareRoot())
            let term = weight * y.squareRoot() * exp(-2 * q) * BesselFunction.scaledSecondKind(0.25, q)
            sum += term
            if term < 1e-7 { break }
        }
        return sum
    }

    /// The share of all orders of the pooled sample whose statistic is as large, from the table of how often each value occurs
    /// on the lattice paths to (v, u) (Xiao, Gordon & Yakovlev, J. Stat. Software 17, 2006).
    private static func exactTail(_ u: Double, _ n: Int, _ m: Int) -> Double {
        let (pairs, total) = (Double(n * m), Double(n + m))
        let multiple = n / greatestCommonDivisor(n, m) * m
        let (stepN, stepM) = (multiple / n, multiple / m)
        let square = Double(multiple) * Double(multiple)
        let zeta = (square * total * (6 * u - pairs * (4 * pairs - 1)) / (6 * pairs * pairs)).rounded(.down)
        var tables: [[Int: Double]] = Array(repeating: [:], count: n + 1)
        tables[0] = [0: 1]
        for row in 0...m {
            var left: [Int: Double] = [:]
            for column in 0...n {
                let height = stepN * column - stepM * row
                var next: [Int: Double] = [:]
                for (value, count) in left { next[value + height * height, default: 0] += count }
                for (value, count) in tables[column] { next[value + height * height, default: 0] += count }
                tables[column] = next
                left = next
            }
        }
        let reached = tables[n].reduce(0.0) { Double($1.key) >= zeta ? $0 + $1.value : $0 }
        return reached / tables[n].values.reduce(0, +)
    }
}
