/// Kolmogorov and Smirnov's test that two samples come from one continuous law: D = sup |F − G|.
package struct KolmogorovSmirnovTest: Sendable {
    package enum Alternative: Sendable {
        case twoSided
        /// F of the first sample lies below G somewhere: its values are larger.
        case less
        /// F of the first sample lies above G somewhere: its values are smaller.
        case greater
    }

    /// Where the p-value comes from.
    package enum Law: Sendable {
        /// All lattice paths, O(n·m); right for any size when values do not repeat, and on the safe side when they do.
        case exact
        /// The one-sample law of a sample of n·m / (n + m), as SciPy's "asymp".
        case finite
        /// The textbook limit, 2 Σ (−1)^(k−1) e^(−2k²λ²).
        case limit
        /// Exact up to 10,000 values in each sample, finite above: SciPy's "auto".
        case automatic
    }

    package let statistic: Double
    package let pValue: Double
    /// A value at which the distance is reached.
    package let location: Double
    /// 1 when F of the first sample lies above there, −1 when below.
    package let sign: Int

    /// Tests two samples, neither empty nor holding NaN.
    package init(_ a: [Double], _ b: [Double], alternative: Alternative = .twoSided, law: Law = .automatic) {
        let reach = Self.reach(a.sorted(), b.sorted())
        let isAbove =
            switch alternative {
            case .greater: true
            case .less: false
            case .twoSided: reach.below.distance < reach.above.distance
            }
        let largest = isAbove ? reach.above : reach.below
        statistic = largest.distance
        location = largest.location
        sign = isAbove ? 1 : -1
        pValue = Self.pValue(
            statistic: largest.distance, counts: (a.count, b.count), alternative: alternative, law: law)
    }

    private typealias Extreme = (distance: Double, location: Double)

    /// The greatest F − G and G − F over the pooled values, taken after all equal values.
    private static func reach(_ a: [Double], _ b: [Double]) -> (above: Extreme, below: Extreme) {
        var above: Extreme = (0, a.first ?? .nan)
        var below: Extreme = (0, a.first ?? .nan)
        var i = 0
        var j = 0
        while i < a.count || j < b.count {
            let value = j == b.count || (i < a.count && a[i] <= b[j]) ? a[i] : b[j]
            while i < a.count, a[i] == value { i += 1 }
            while j < b.count, b[j] == value { j += 1 }
            let difference = Double(i) / Double(a.count) - Double(j) / Double(b.count)
            if difference > above.distance { above = (difference, value) }
            if -difference > below.distance { below = (-difference, value) }
        }
        return (above, below)
    }

    /// P(D ≥ `statistic`) when both samples come from one continuous law.
    package static func pValue(
        statistic: Double, counts: (Int, Int), alternative: Alternative = .twoSided, law: Law = .automatic
    ) -> Double {
        let (n, m) = counts
        guard n > 0, m > 0, statistic > 0 else { return 1 }
        let effective = Double(n) * Double(m) / Double(n + m)
        switch law {
        case .exact: return exactTail(statistic, n, m, isTwoSided: alternative == .twoSided)
        case .automatic where max(n, m) <= 10_000:
            return exactTail(statistic, n, m, isTwoSided: alternative == .twoSided)
        case .finite, .automatic:
            let count = max(1, Int(effective.rounded(.toNearestOrEven)))
            return alternative == .twoSided
                ? KolmogorovDistribution.upperTail(statistic, count: count)
                : KolmogorovDistribution.smirnovUpperTail(statistic, count: count)
        case .limit:
            return KolmogorovDistribution.limitingUpperTail(effective.squareRoot() * statistic)
        }
    }

    /// The share of all orders of the pooled sample in which the distance is reached, every step of the recursion adding
    /// positive terms so that small answers keep their precision (Hodges 1957; Schröer & Trenkler 1995).
    ///
    /// A random order that leads to (i, j) came from (i − 1, j) with probability i / (i + j). The recursion goes from one
    /// diagonal i + j = k to the next, which has one divisor and no order of its own, and looks at no more of it than the points
    /// where the distance is not reached: 2·D·n·m points in all, where a whole lattice has n·m.
    private static func exactTail(_ statistic: Double, _ n: Int, _ m: Int, isTwoSided: Bool) -> Double {
        let divisor = greatestCommonDivisor(n, m)
        let (stepN, stepM) = (m / divisor, n / divisor)
        let limit = Int((statistic * Double(n) * Double(stepN)).rounded())
        guard limit > 0 else { return 1 }
        // By j, with a place before the first and one behind the last.
        var reached = [Double](repeating: 0, count: m + 3)
        for k in 1...(n + m) {
            // i·stepN − j·stepM = k·stepN − j·(stepN + stepM) lies below the limit, and above its negative.
            let first = max(k - n, floorQuotient(k * stepN - limit, stepN + stepM) + 1, 0)
            let last = min(k, m, isTwoSided ? floorQuotient(k * stepN + limit - 1, stepN + stepM) : m)
            // No order passes here without reaching it.
            guard first <= last else { return 1 }
            reached.withUnsafeMutableBufferPointer { step($0, k, first, last) }
        }
        return reached[m + 1]
    }

    /// From the diagonal k − 1 to the diagonal k, of whose points those from `first` to `last` are looked at.
    private static func step(_ reached: UnsafeMutableBufferPointer<Double>, _ k: Int, _ first: Int, _ last: Int) {
        typealias Points = SIMD4<Double>
        let share = 1 / Double(k)
        let bytes = UnsafeMutableRawBufferPointer(reached)
        var end = last + 1
        // Downwards, because each point takes the former diagonal's values at its own place and the one before.
        while end - first >= Points.scalarCount {
            end -= Points.scalarCount
            let place = end * MemoryLayout<Double>.stride
            let own = bytes.loadUnaligned(fromByteOffset: place + MemoryLayout<Double>.stride, as: Points.self)
            let before = bytes.loadUnaligned(fromByteOffset: place, as: Points.self)
            let j = Points(repeating: Double(end)) + Points(0, 1, 2, 3)
            let point = ((Double(k) - j) * own + j * before) * share
            bytes.storeBytes(of: point, toByteOffset: place + MemoryLayout<Double>.stride, as: Points.self)
        }
        for j in stride(from: end - 1, through: first, by: -1) {
            let (left, below) = (Double(k - j) * reached[j + 1], Double(j) * reached[j])
            reached[j + 1] = (left + below) * share
        }
        // What the next diagonal reads beyond is reached, or outside of the lattice, where it counts 0 times.
        reached[first] = 1
        reached[last + 2] = 1
    }

    private static func floorQuotient(_ a: Int, _ b: Int) -> Int { (a >= 0 ? a : a - b + 1) / b }
}
