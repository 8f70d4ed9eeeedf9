#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// How a quantile is read off a sorted sample; the names are NumPy's, the nine definitions are Hyndman & Fan's (1996).
package enum QuantileMethod: String, Sendable, CaseIterable {
    case linear, lower, higher, nearest, midpoint, hazen, weibull
    case medianUnbiased = "median_unbiased"
    case normalUnbiased = "normal_unbiased"
    case invertedCDF = "inverted_cdf"
    case averagedInvertedCDF = "averaged_inverted_cdf"
    case closestObservation = "closest_observation"
    case interpolatedInvertedCDF = "interpolated_inverted_cdf"

    /// The 0-based, fractional position of quantile `q` among `count` sorted values, before it is held within them.
    private func position(_ q: Double, _ count: Int) -> Double {
        let n = Double(count)
        let spread = (n - 1) * q
        switch self {
        case .linear: return spread
        case .lower: return spread.rounded(.down)
        case .higher: return spread.rounded(.up)
        case .nearest: return spread.rounded(.toNearestOrEven)
        case .midpoint: return (spread.rounded(.down) + spread.rounded(.up)) / 2
        case .hazen: return Self.plotting(q, n, 0.5)
        case .weibull: return Self.plotting(q, n, 0)
        case .medianUnbiased: return Self.plotting(q, n, 1.0 / 3)
        case .normalUnbiased: return Self.plotting(q, n, 3.0 / 8)
        case .interpolatedInvertedCDF: return n * q - 1
        case .invertedCDF: return (n * q).rounded(.up) - 1
        case .averagedInvertedCDF:
            let whole = (n * q).rounded(.up) - 1
            return whole == n * q - 1 ? whole + 0.5 : whole
        case .closestObservation: return (n * q).rounded(.toNearestOrEven) - 1
        }
    }

    /// Positions with plotting constants α = β.
    private static func plotting(_ q: Double, _ n: Double, _ alpha: Double) -> Double {
        n * q + alpha + q * (1 - 2 * alpha) - 1
    }

    /// Quantile `q` (0...1) of values in ascending order; NaN when there are none.
    package func quantile(_ q: Double, ofSorted values: [Double]) -> Double {
        guard let last = values.indices.last else { return .nan }
        let position = min(Double(last), max(0, position(q, values.count)))
        let below = Int(position)
        let part = position - Double(below)
        guard part > 0 else { return values[below] }
        return values[below] + (values[below + 1] - values[below]) * part
    }
}

extension [Double] {
    /// Quantile `q` (0...1); NaN for no values.
    package func quantile(_ q: Double, method: QuantileMethod = .linear) -> Double {
        method.quantile(q, ofSorted: sorted())
    }

    package var median: Double { quantile(0.5) }

    /// exp of the mean logarithm; NaN when a value is negative.
    package var geometricMean: Double { exp(reduce(0) { $0 + log($1) } / Double(count)) }
}
