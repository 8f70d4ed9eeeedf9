/// The weighted mean of a loss over rows and how sure it is; two of them merge into what one pass over both would give, up
/// to rounding (Chan's formula).
package struct LossSum: Sendable, Equatable {
    package private(set) var weight: Double
    /// Σ w²: what tells rows from weight.
    package private(set) var squaredWeight: Double
    package private(set) var mean: Double
    /// Σ w (x − mean)².
    package private(set) var m2: Double

    package init(weight: Double = 0, squaredWeight: Double = 0, mean: Double = 0, m2: Double = 0) {
        self.weight = weight
        self.squaredWeight = squaredWeight
        self.mean = mean
        self.m2 = m2
    }

    /// Adds a finite loss; one that is not finite, or weighs nothing, is left out.
    package mutating func add(_ value: Double, weight: Double = 1) {
        guard value.isFinite, weight > 0 else { return }
        merge(LossSum(weight: weight, squaredWeight: weight * weight, mean: value, m2: 0))
    }

    package mutating func merge(_ other: LossSum) {
        guard other.weight > 0 else { return }
        let total = weight + other.weight
        let delta = other.mean - mean
        mean += delta * other.weight / total
        m2 += other.m2 + delta * delta * weight * other.weight / total
        weight = total
        squaredWeight += other.squaredWeight
    }

    /// How many rows of equal weight would be as sure: (Σ w)² / Σ w².
    package var effectiveRows: Double { squaredWeight > 0 ? weight * weight / squaredWeight : 0 }

    package var populationVariance: Double { weight > 0 ? m2 / weight : .nan }

    /// Of the mean; nil for fewer than two rows.
    package var standardError: Double? {
        let rows = effectiveRows
        return rows > 1 ? (populationVariance / (rows - 1)).squareRoot() : nil
    }

    /// Its mean as a measure; nil without rows.
    package var estimate: MetricEstimate? {
        weight > 0 ? MetricEstimate(mean, standardError: standardError, rows: effectiveRows) : nil
    }

    /// Σ w x.
    package var sum: Double { mean * weight }
}
