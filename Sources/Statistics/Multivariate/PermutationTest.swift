/// Tests that two samples come from one law by what a statistic would be had their rows been dealt out otherwise.
package struct PermutationTest: Sendable, Equatable {
    package let statistic: Double
    /// (1 + how many deals reach the statistic) / (1 + deals): never 0, and right at any size (Phipson & Smyth 2010). Where
    /// dealing ended early, because enough had reached it, their number over that of the deals, which is as right (Besag &
    /// Clifford 1991). 1 when a sample is too small for the statistic, which is NaN then.
    package let pValue: Double
    /// The deals that were looked at.
    package let permutations: Int

    /// Whether points lie farther from the other sample's than from their own: MMD² with a Gaussian kernel whose width is the
    /// median distance (Gretton et al. 2012). The statistic is the unbiased one, below 0 as often as above it without drift.
    /// - Parameter enough: deals that reach the statistic, after which no more are needed: without drift that ends it soon.
    package static func meanDiscrepancy(
        _ first: Matrix, _ second: Matrix, permutations: Int = 200, enough: Int = .max,
        using generator: inout some RandomNumberGenerator
    ) -> PermutationTest {
        let squares = PairKernel(squaredDistances: first, second)
        let median = squares.median
        let kernel = squares.gaussian(gamma: median > 0 ? 1 / median : 1)
        return PermutationTest(kernel, permutations, enough: enough, using: &generator) { $0.unbiasedMeanDiscrepancy }
    }

    /// The same by the squared energy distance, which needs no width.
    package static func energy(
        _ first: Matrix, _ second: Matrix, permutations: Int = 200, using generator: inout some RandomNumberGenerator
    ) -> PermutationTest {
        let kernel = PairKernel(squaredDistances: first, second).distances
        return PermutationTest(kernel, permutations, using: &generator) { $0.squaredEnergy }
    }

    private init(
        _ kernel: PairKernel, _ permutations: Int, enough: Int = .max,
        using generator: inout some RandomNumberGenerator, _ statistic: (PairSums) -> Double
    ) {
        let observed = statistic(kernel.sums)
        var membership = kernel.membership
        // Deals that are as they were differ by rounding only.
        let reach = observed - 1e-12 * abs(observed)
        var (reached, deals) = (0, 0)
        while deals < permutations, reached < enough {
            // No more at once than must be looked at in any case: each reaches the statistic at most once.
            let lot = min(PairKernel.deals, permutations - deals, enough - reached)
            let dealt = (0..<lot).map { _ in
                membership.shuffle(using: &generator)
                return membership
            }
            deals += lot
            reached += kernel.sums(deals: dealt).count { statistic($0) >= reach }
        }
        self.statistic = observed
        self.permutations = deals
        let share =
            reached >= enough ? Double(reached) / Double(deals) : Double(1 + reached) / Double(1 + deals)
        pValue = observed.isNaN ? 1 : share
    }
}
