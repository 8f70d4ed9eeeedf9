/// Count and central moments of a stream of numbers in one pass; two of them merge into what one pass over both would
/// give, up to rounding.
///
/// Updating and merging are Pébay's formulas (Sandia report 2008-6212), the extension of Welford's and Chan's to the
/// third and fourth moment.
package struct Moments: Sendable, Equatable {
    package private(set) var count: Int
    package private(set) var mean: Double
    /// Σ (x − mean)².
    package private(set) var m2: Double
    /// Σ (x − mean)³.
    package private(set) var m3: Double
    /// Σ (x − mean)⁴.
    package private(set) var m4: Double

    package init(count: Int = 0, mean: Double = 0, m2: Double = 0, m3: Double = 0, m4: Double = 0) {
        self.count = count
        self.mean = mean
        self.m2 = m2
        self.m3 = m3
        self.m4 = m4
    }

    package init(_ values: some Sequence<Double>) {
        self.init()
        for value in values { add(value) }
    }

    /// Adds a finite value.
    package mutating func add(_ value: Double) {
        merge(Moments(count: 1, mean: value))
    }

    package mutating func merge(_ other: Moments) {
        guard other.count > 0 else { return }
        guard count > 0 else {
            self = other
            return
        }
        let (a, b) = (Double(count), Double(other.count))
        let n = a + b
        let delta = other.mean - mean
        let step = delta / n
        let square = delta * step * a * b
        let cube = square * step * (a - b) + 3 * step * (a * other.m2 - b * m2)
        let mixed = 6 * step * step * (a * a * other.m2 + b * b * m2)
        let fourth = square * step * step * (a * a - a * b + b * b) + mixed + 4 * step * (a * other.m3 - b * m3)
        m4 += other.m4 + fourth
        m3 += other.m3 + cube
        m2 += other.m2 + square
        mean += step * b
        count += other.count
    }

    /// Σ (x − mean)² / n.
    package var populationVariance: Double { count > 0 ? m2 / Double(count) : .nan }

    /// Σ (x − mean)² / (n − 1).
    package var sampleVariance: Double { count > 1 ? m2 / Double(count - 1) : .nan }

    package var populationDeviation: Double { populationVariance.squareRoot() }

    package var sampleDeviation: Double { sampleVariance.squareRoot() }

    /// The third standardised moment, m₃ / m₂^1.5 with population moments.
    package var skewness: Double {
        let n = Double(count)
        return m3 / n / (populationVariance * populationDeviation)
    }

    /// The fourth standardised moment less 3.
    package var excessKurtosis: Double {
        let n = Double(count)
        return m4 / n / (populationVariance * populationVariance) - 3
    }

    /// Skewness with the bias of a small sample corrected (Joanes & Gill 1998, G₁).
    package var unbiasedSkewness: Double {
        let n = Double(count)
        return skewness * (n * (n - 1)).squareRoot() / (n - 2)
    }

    /// Excess kurtosis with the bias of a small sample corrected (Joanes & Gill 1998, G₂).
    package var unbiasedExcessKurtosis: Double {
        let n = Double(count)
        return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excessKurtosis + 6)
    }
}
