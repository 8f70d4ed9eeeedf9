/// Whether any of several columns drifted, as Alibi Detect 0.13 finds it: one test a column, corrected for their number.
package struct AlibiDrift: Sendable, Equatable {
    package enum Test: String, Sendable {
        /// Kolmogorov–Smirnov by SciPy's "asymp" law, whatever the size.
        case kolmogorovSmirnov = "ks"
        /// Cramér–von Mises by SciPy's "auto" law.
        case cramerVonMises = "cvm"
    }

    package enum Correction: String, Sendable {
        case bonferroni
        /// Benjamini and Hochberg's.
        case falseDiscoveryRate = "fdr"
    }

    /// By column.
    package let pValues: [Double]
    package let statistics: [Double]
    /// The p-value below which a column counts: with the false discovery rate, of the last column that does, or one for each
    /// rank when none does.
    package let thresholds: [Double]
    package let isDrifted: Bool

    /// Compares columns by position, each without missing values and none empty.
    package init(
        reference: [[Double]], current: [[Double]], test: Test = .kolmogorovSmirnov,
        correction: Correction = .bonferroni, alpha: Double = 0.05
    ) {
        let tests = zip(reference, current).map { a, b -> (statistic: Double, pValue: Double) in
            switch test {
            case .kolmogorovSmirnov:
                let test = KolmogorovSmirnovTest(a, b, law: .finite)
                return (test.statistic, test.pValue)
            case .cramerVonMises:
                let test = CramerVonMisesTest(a, b)
                return (test.statistic, test.pValue)
            }
        }
        statistics = tests.map(\.statistic)
        pValues = tests.map(\.pValue)
        let count = Double(tests.count)
        switch correction {
        case .bonferroni: thresholds = [alpha / count]
        case .falseDiscoveryRate:
            let ranked = tests.indices.map { alpha * Double($0 + 1) / count }
            let last = zip(pValues.sorted(), ranked).filter { $0 < $1 }.last
            thresholds = last.map { [$0.1] } ?? ranked
        }
        isDrifted = zip(pValues.sorted(), thresholds).contains { $0 < $1 }
    }
}
