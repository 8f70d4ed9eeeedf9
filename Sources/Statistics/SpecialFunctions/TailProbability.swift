/// Upper tails of the distributions that test statistics follow.
package enum TailProbability {
    /// P(χ² ≥ x) with `degreesOfFreedom` > 0.
    package static func chiSquared(_ x: Double, degreesOfFreedom: Double) -> Double {
        IncompleteGamma.upper(degreesOfFreedom / 2, x / 2)
    }

    /// P(|T| ≥ |t|) of Student's t.
    package static func studentTwoSided(_ t: Double, degreesOfFreedom: Double) -> Double {
        IncompleteBeta.regularized(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5)
    }

    /// P(F ≥ f) with `between` and `within` degrees of freedom.
    package static func fisher(_ f: Double, between: Double, within: Double) -> Double {
        IncompleteBeta.regularized(within / (within + between * f), within / 2, between / 2)
    }

    /// P(|Z| ≥ |z|) of the standard normal.
    package static func normalTwoSided(_ z: Double) -> Double {
        2 * NormalDistribution.upperTail(abs(z))
    }
}
