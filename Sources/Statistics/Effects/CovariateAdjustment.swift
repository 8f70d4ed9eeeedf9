/// Less noise by what was known before: y − θ (x − mean x), whose variance is that of y times 1 − r²
/// (Deng, Xu, Kohavi & Walker, WSDM 2013).
package struct CovariateAdjustment: Sendable, Hashable {
    /// cov(y, x) / var(x) of all arms together, so that no arm is favoured.
    package let theta: Double
    private let meanBefore: Double

    /// - Parameter arms: of each arm; nil when x has no spread.
    package init?(_ arms: [PairedSums]) {
        // Within arms, so that an effect does not pass for a relation with x.
        let freedom = arms.reduce(0.0) { $0 + Double($1.count - 1) }
        let covariance = arms.reduce(0.0) { $0 + ($1.count > 1 ? $1.covariance * Double($1.count - 1) : 0) }
        let variance = arms.reduce(0.0) { $0 + ($1.count > 1 ? $1.varianceBefore * Double($1.count - 1) : 0) }
        guard freedom > 0, variance > 0 else { return nil }
        theta = covariance / variance
        let all = arms.reduce(PairedSums(), +)
        meanBefore = all.meanBefore
    }

    /// The arm's mean and variance, adjusted.
    package func adjusted(_ arm: PairedSums) -> SampleMean {
        let variance = arm.variance - 2 * theta * arm.covariance + theta * theta * arm.varianceBefore
        return SampleMean(
            count: arm.count, mean: arm.mean - theta * (arm.meanBefore - meanBefore), variance: max(0, variance))
    }
}
