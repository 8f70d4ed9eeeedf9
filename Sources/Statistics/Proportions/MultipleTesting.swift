/// Adjusts the p-values of several tests made at once; the order is kept. An adjusted value at or below α rejects at α.
package enum MultipleTesting {
    /// p·n: the chance of any false rejection stays below α.
    package static func bonferroni(_ pValues: [Double]) -> [Double] {
        pValues.map { min(1, $0 * Double(pValues.count)) }
    }

    /// Holm's step-down: Bonferroni's promise with more power.
    package static func holm(_ pValues: [Double]) -> [Double] {
        let ascending = pValues.indices.sorted { pValues[$0] < pValues[$1] }
        var adjusted = pValues
        var largest = 0.0
        for (rank, index) in ascending.enumerated() {
            largest = max(largest, pValues[index] * Double(pValues.count - rank))
            adjusted[index] = min(1, largest)
        }
        return adjusted
    }

    /// Benjamini and Hochberg's step-up: the expected share of false rejections stays below α when the tests are
    /// independent or positively dependent.
    package static func benjaminiHochberg(_ pValues: [Double]) -> [Double] {
        stepUp(pValues, of: pValues.count, factor: 1)
    }

    /// The same of the smallest p-values of so many tests; those left out then count as 1.
    package static func benjaminiHochberg(_ pValues: [Double], of tests: Int) -> [Double] {
        stepUp(pValues, of: tests, factor: 1)
    }

    /// Benjamini and Yekutieli's step-up: the same under any dependence.
    package static func benjaminiYekutieli(_ pValues: [Double]) -> [Double] {
        guard !pValues.isEmpty else { return [] }
        return stepUp(pValues, of: pValues.count, factor: (1...pValues.count).reduce(0) { $0 + 1 / Double($1) })
    }

    private static func stepUp(_ pValues: [Double], of tests: Int, factor: Double) -> [Double] {
        let descending = pValues.indices.sorted { pValues[$0] > pValues[$1] }
        var adjusted = pValues
        var smallest = 1.0
        for (step, index) in descending.enumerated() {
            let rank = pValues.count - step
            smallest = min(smallest, pValues[index] * factor * Double(tests) / Double(rank))
            adjusted[index] = smallest
        }
        return adjusted
    }
}
