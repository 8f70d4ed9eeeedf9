import Incidents
import Wire

/// How a check of the columns went, window by window: what share of rows was in trouble in those columns that were worst.
struct QualityCourse: Sendable {
    let check: QualityRule.Check
    /// By column, in the order of `windows`; nil where nothing beyond chance was found.
    let columns: [(name: String, shares: [Double?])]
    /// The largest share that was allowed of the first column when it was last found.
    let limit: Double?

    private static let columnLimit = 6

    /// - Parameter windows: oldest first.
    init(_ check: QualityRule.Check, in windows: [MonitorWindow]) {
        self.check = check
        var found: [String: [Int: Finding]] = [:]
        for (place, window) in windows.enumerated() where window.isJudged {
            for finding in window.findings
            where finding.family == .quality && finding.code == check.code && finding.slice.segment == nil {
                guard let column = finding.subject else { continue }
                found[column, default: [:]][place] = finding
            }
        }
        let worst = found.sorted { a, b in
            (Self.weight(a.value), b.key) > (Self.weight(b.value), a.key)
        }.prefix(Self.columnLimit)
        columns = worst.map { name, findings in
            (name, windows.indices.map { place in findings[place]?.value ?? Self.counted(check, name, windows[place]) })
        }
        limit = worst.first.flatMap { $0.value.max { $0.key < $1.key }?.value.limit }
    }

    private static func weight(_ findings: [Int: Finding]) -> Double {
        findings.values.reduce(0) { $0 + ($1.verdict == .bad ? 1 : 0) + ($1.value ?? 0) }
    }

    /// What is known also where nothing was found: what is missing is counted beside drift.
    private static func counted(_ check: QualityRule.Check, _ column: String, _ window: MonitorWindow) -> Double? {
        guard check == .missing else { return nil }
        return window.columns.first { $0.subject == column }?.details["window_missing_share"]?.doubleValue
    }
}
