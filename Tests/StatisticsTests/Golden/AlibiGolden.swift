import Statistics
import Wire

/// The tests of many columns at once; what Alibi explains models with is another family's.
enum AlibiGolden: GoldenFamily {
    static let solvers = [
        GoldenSolver("alibi", "ks_multivariate_bonferroni", "ks_multivariate_fdr") {
            try drift($0, .kolmogorovSmirnov)
        },
        GoldenSolver("alibi", "cvm_multivariate") { try drift($0, .cramerVonMises) },
    ]

    private static func drift(_ golden: GoldenCase, _ test: AlibiDrift.Test) throws -> JSON {
        let correction = golden.parameters["correction"]?.stringValue.flatMap(AlibiDrift.Correction.init(rawValue:))
        let drift = try AlibiDrift(
            reference: golden.columns("ref"), current: golden.columns("cur"), test: test,
            correction: correction ?? .bonferroni, alpha: golden.parameters["p_val"]?.doubleValue ?? 0.05)
        let isOne = drift.thresholds.count == 1
        return [
            "is_drift": .count(drift.isDrifted ? 1 : 0), "p_values": .numbers(drift.pValues),
            "distances": .numbers(drift.statistics),
            "threshold": isOne ? .double(drift.thresholds[0]) : .numbers(drift.thresholds),
        ]
    }
}

extension GoldenCase {
    func rows(_ name: String) throws -> [[Double]] {
        try input(name).arrayValue?.map { $0.arrayValue?.map(\.number) ?? [] } ?? []
    }

    /// The columns of rows of numbers.
    func columns(_ name: String) throws -> [[Double]] {
        let rows = try rows(name)
        return (rows.first ?? []).indices.map { column in rows.map { $0[column] } }
    }
}
