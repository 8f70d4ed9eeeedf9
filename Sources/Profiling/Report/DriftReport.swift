import Incidents
import Wire

/// What is said of two tables: the whole of them, the parts that were asked for, and rows as wholes.
struct DriftReport: Sendable {
    let referenceTitle: String
    let currentTitle: String
    let limits: DriftLimits
    let mode: DriftMode
    let whole: SliceReport
    let segments: [SliceReport]
    /// What is said of segments that were left out, and of whole rows.
    let remarks: [Finding]

    var findings: [Finding] {
        whole.findings + remarks + segments.flatMap(\.findings)
    }

    /// Whether anything is beyond its limits.
    var isBad: Bool {
        findings.contains { $0.verdict == .bad }
    }

    /// The report in a sentence.
    var headline: String {
        let (drifting, count) = (whole.driftingColumns, whole.columns.count)
        let rows = "\(whole.currentRows.counted("row")) against \(whole.referenceRows.words)"
        let verb = drifting == 1 ? "drifts" : "drift"
        return drifting == 0
            ? "None of \(count.counted("column")) drifts: \(rows)."
            : "\(drifting.words) of \(count.counted("column")) \(verb): \(rows)."
    }
}

/// Whose tests, bins and thresholds decide.
enum DriftMode: String, Sendable, Hashable, CaseIterable {
    case martlet, evidently, nannyml
}
