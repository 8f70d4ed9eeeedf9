#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// A test that two samples fall into the same cells with the same probabilities, on the 2 × K table of their counts.
///
/// The expected counts come from both samples together, so that a cell that is empty in one of them is no special case.
/// Cells that are empty in both are left out.
package struct ContingencyTest: Sendable {
    package let statistic: Double
    package let degreesOfFreedom: Int
    package let pValue: Double
    /// Expected counts of both samples, by cell.
    package let expected: [(Double, Double)]

    /// Pearson's Σ (O − E)² / E, χ² with K − 1 degrees of freedom; `isContinuityCorrected` applies Yates' half to a 2 × 2
    /// table.
    package static func chiSquared(_ a: [Int], _ b: [Int], isContinuityCorrected: Bool = false) -> ContingencyTest {
        ContingencyTest(a, b) { observed, expected in
            let distance = abs(observed - expected)
            let correction = isContinuityCorrected ? min(0.5, distance) : 0
            return (distance - correction) * (distance - correction) / expected
        }
    }

    /// The likelihood ratio G = 2 Σ O ln(O / E).
    package static func likelihoodRatio(_ a: [Int], _ b: [Int]) -> ContingencyTest {
        ContingencyTest(a, b) { observed, expected in
            observed > 0 ? 2 * observed * log(observed / expected) : 0
        }
    }

    private init(_ a: [Int], _ b: [Int], term: (Double, Double) -> Double) {
        let cells = zip(a, b).filter { $0 + $1 > 0 }.map { (Double($0), Double($1)) }
        let totalA = cells.reduce(0) { $0 + $1.0 }
        let totalB = cells.reduce(0) { $0 + $1.1 }
        let expected = cells.map { cell in
            let share = (cell.0 + cell.1) / (totalA + totalB)
            return (share * totalA, share * totalB)
        }
        self.expected = expected
        let isTestable = totalA > 0 && totalB > 0 && cells.count > 1
        degreesOfFreedom = max(0, cells.count - 1)
        statistic =
            isTestable
            ? zip(cells, expected).reduce(0) { $0 + term($1.0.0, $1.1.0) + term($1.0.1, $1.1.1) } : 0
        pValue =
            isTestable ? TailProbability.chiSquared(statistic, degreesOfFreedom: Double(degreesOfFreedom)) : 1
    }

    /// Cramér's V of the table, √(χ² / (n · (min(2, K) − 1))): 0 for the same shares, 1 for disjoint cells.
    package var cramersV: Double {
        let total = expected.reduce(0) { $0 + $1.0 + $1.1 }
        return total > 0 ? (statistic / total).squareRoot() : 0
    }
}

/// The test that counts follow the shares of a reference taken as the truth: infinite, with p = 0, as soon as a cell is filled
/// that the reference never had. For comparison with tools that test this way; drift uses `ContingencyTest`.
package struct GoodnessOfFitTest: Sendable {
    package let statistic: Double
    package let pValue: Double

    /// Counts of the same cells; neither total may be 0. The statistic is Pearson's, or the likelihood ratio.
    package init(observed: [Int], reference: [Int], isLikelihoodRatio: Bool = false) {
        let scale = Double(observed.reduce(0, +)) / Double(reference.reduce(0, +))
        let cells = zip(observed, reference).filter { $0 + $1 > 0 }
        statistic = cells.reduce(0) { sum, cell in
            let (observed, expected) = (Double(cell.0), Double(cell.1) * scale)
            if isLikelihoodRatio { return observed > 0 ? sum + 2 * observed * log(observed / expected) : sum }
            return sum + (observed - expected) * (observed - expected) / expected
        }
        pValue = TailProbability.chiSquared(statistic, degreesOfFreedom: Double(max(1, cells.count - 1)))
    }
}
