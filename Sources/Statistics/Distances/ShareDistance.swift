#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Distances between two vectors of shares over the same cells: `p` of the reference, `q` of what is compared with it.
///
/// Each vector sums to 1 unless a function says otherwise; cells correspond by position.
package enum ShareDistance {
    /// Population stability index, Σ (p − q) ln(p / q), in nats; the sum of both Kullback–Leibler divergences.
    ///
    /// Shares below `floor` are raised to it (without scaling the rest), because an empty cell would make it infinite. The
    /// value depends on the floor, so whoever stores the one stores the other.
    package static func populationStabilityIndex(_ p: [Double], _ q: [Double], floor: Double) -> Double {
        zip(p, q).reduce(0) { sum, pair in
            let (p, q) = (max(pair.0, floor), max(pair.1, floor))
            return sum + (p - q) * log(p / q)
        }
    }

    /// Σ p ln(p / q) in nats; infinite where q is empty and p is not.
    package static func kullbackLeibler(_ p: [Double], _ q: [Double]) -> Double {
        zip(p, q).reduce(0) { sum, pair in pair.0 > 0 ? sum + pair.0 * log(pair.0 / pair.1) : sum }
    }

    /// ½ KL(p‖m) + ½ KL(q‖m) with m the mean of both, in units of `base` (e: nats, at most ln 2; 2: bits, at most 1).
    package static func jensenShannonDivergence(_ p: [Double], _ q: [Double], base: Double) -> Double {
        let middle = zip(p, q).map { ($0 + $1) / 2 }
        let nats = (kullbackLeibler(p, middle) + kullbackLeibler(q, middle)) / 2
        return max(0, nats) / log(base)
    }

    /// The square root of the divergence, a metric; with base 2 from 0 to 1.
    package static func jensenShannon(_ p: [Double], _ q: [Double], base: Double) -> Double {
        jensenShannonDivergence(p, q, base: base).squareRoot()
    }

    /// √(½ Σ (√p − √q)²), from 0 to 1.
    package static func hellinger(_ p: [Double], _ q: [Double]) -> Double {
        let sum = zip(p, q).reduce(0) { sum, pair in
            let difference = pair.0.squareRoot() - pair.1.squareRoot()
            return sum + difference * difference
        }
        return (sum / 2).squareRoot()
    }

    /// ½ Σ |p − q|, from 0 to 1.
    package static func totalVariation(_ p: [Double], _ q: [Double]) -> Double {
        zip(p, q).reduce(0) { sum, pair in sum + abs(pair.0 - pair.1) } / 2
    }

    /// max |p − q|, from 0 to 1.
    package static func largestDifference(_ p: [Double], _ q: [Double]) -> Double {
        zip(p, q).reduce(0) { largest, pair in max(largest, abs(pair.0 - pair.1)) }
    }

    /// Σ −p log p, in units of `base`.
    package static func entropy(_ p: [Double], base: Double) -> Double {
        p.reduce(0) { sum, share in share > 0 ? sum - share * log(share) : sum } / log(base)
    }
}
