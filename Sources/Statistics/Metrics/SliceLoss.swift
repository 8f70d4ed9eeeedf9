/// The losses of the rows inside a slice against those outside (Chung et al. 2019, SliceFinder).
package struct SliceLoss: Sendable, Equatable {
    package let inside: Moments
    package let outside: Moments

    package init(inside: Moments, outside: Moments) {
        self.inside = inside
        self.outside = outside
    }

    /// (mean inside − mean outside) / √((variance inside + variance outside) / 2), population variances. Between constants
    /// it is 0 when they are equal and infinite otherwise.
    package var effectSize: Double {
        let spread = ((inside.populationVariance + outside.populationVariance) / 2).squareRoot()
        let difference = inside.mean - outside.mean
        return difference == 0 ? 0 : difference / spread
    }

    package var t: Double { TTest.welchStatistic(inside, outside) }

    /// One-sided p-value of Welch's test that the losses inside are greater; 1 where nothing can be tested.
    package var pValueGreater: Double {
        let test = TTest.welch(inside, outside)
        guard test.pValue.isFinite else { return inside.mean > outside.mean && t.isInfinite ? 0 : 1 }
        return test.statistic > 0 ? test.pValue / 2 : 1 - test.pValue / 2
    }
}
