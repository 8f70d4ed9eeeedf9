package import Statistics
import Wire

extension Finding {
    /// The code of what is said of rows as a whole.
    package static let jointDriftCode = "joint_drift"

    /// What is said of rows as a whole: whether they can be told from the reference's, and by which columns.
    /// - Parameter numbers: what is said of its numbers besides how many rows there are.
    package init(
        of drift: JointDrift, in slice: TrafficSlice, isBad: Bool, limit: Double, numbers: String = ""
    ) {
        let causes = drift.columns.prefix(3).filter { $0.share >= 0.05 }
        let names = causes.map { "\($0.column) (\($0.share.percent))" }.joined(separator: ", ")
        let told =
            isBad
            ? "Rows as a whole can be told from the reference's\(names.isEmpty ? "" : ", by \(names)")"
            : "Rows as a whole are like the reference's"
        self.init(
            .drift, Self.jointDriftCode, in: slice, verdict: isBad ? .bad : .fine, value: drift.effect, limit: limit,
            measure: "classifier_2auc_minus_1", test: "mmd_and_domain_classifier", pValue: drift.pValue,
            rows: drift.currentRows, referenceRows: drift.referenceRows,
            words: "\(told)\(numbers) (\(drift.currentRows) sampled rows against \(drift.referenceRows)).",
            details: ["columns": .array(causes.map { ["name": .string($0.column), "share": .double($0.share)] })])
    }
}
