/// How far points lie from a sample in units of its own spread (Mahalanobis 1936).
package struct MahalanobisDistance: Sendable {
    package let mean: [Double]
    /// With n − 1.
    package let covariance: Matrix
    private let eigen: SymmetricEigen

    /// Of a sample of two rows or more, without NaN. Directions without spread are left out.
    package init(_ sample: Matrix) {
        let columns = (0..<sample.columns).map { sample.column($0) }
        mean = columns.map { $0.reduce(0, +) / Double($0.count) }
        var covariance = Matrix(covarianceOf: columns)
        let correction = Double(sample.rows) / Double(sample.rows - 1)
        for index in covariance.elements.indices { covariance.elements[index] *= correction }
        self.covariance = covariance
        eigen = SymmetricEigen(covariance)
    }

    /// (x − μ)ᵀ Σ⁻¹ (x − μ).
    package func square(_ point: some Collection<Double>) -> Double {
        let distance = zip(point, mean).map { $0 - $1 }
        return zip(distance, eigen.pseudoInverse(distance).product).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// The chance that a point of a normal law lies at least as far out.
    package func pValue(square: Double) -> Double {
        TailProbability.chiSquared(square, degreesOfFreedom: Double(mean.count))
    }
}
