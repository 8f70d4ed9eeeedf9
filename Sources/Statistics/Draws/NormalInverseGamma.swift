/// What is believed of the mean and variance of normal values: variance ~ inverse gamma(a, b), mean ~ N(m, variance / k)
/// (Murphy, "Conjugate Bayesian analysis of the Gaussian distribution", 2007).
package struct NormalInverseGamma: Sendable, Hashable {
    package let mean: Double
    /// How many values the belief about the mean is worth.
    package let weight: Double
    package let shape: Double
    package let scale: Double

    package init(mean: Double, weight: Double, shape: Double, scale: Double) {
        self.mean = mean
        self.weight = weight
        self.shape = shape
        self.scale = scale
    }

    /// The belief after `count` more values with this mean and sum of squared distances from it.
    package func updated(count: Int, mean sample: Double, spread: Double) -> NormalInverseGamma {
        guard count > 0 else { return self }
        let n = Double(count)
        let shift = sample - mean
        return NormalInverseGamma(
            mean: (weight * mean + n * sample) / (weight + n), weight: weight + n, shape: shape + n / 2,
            scale: scale + spread / 2 + weight * n * shift * shift / (2 * (weight + n)))
    }

    /// A mean drawn from the belief.
    package func drawnMean(using generator: inout some RandomNumberGenerator) -> Double {
        let precision = RandomDraws.gamma(shape: shape, using: &generator) / scale
        return mean + RandomDraws.normal(using: &generator) / (precision * weight).squareRoot()
    }
}
