package import Incidents
import Wire

/// Judges windows: asks every family what it finds, at the level that the monitor's rule of alarms asks for.
package enum MonitorEvaluation {
    /// What windows of rows are judged by when they are counted. Calls are judged by the clock, and performance when labels
    /// come: what is found of it here is that they are waited for.
    static let families: Set<Finding.Family> = [.drift, .quality, .cost, .latency]

    /// What is found in one slice of one window, except for what its level is.
    package static func findings(_ view: WindowView) -> [Finding] {
        let monitor = view.monitor
        let drift = DriftFamily.findings(view, by: monitor.drift)
        // Other tools have thresholds of their own, for one window at a time.
        let isAccumulated = monitor.alarms.detector == .cusum && monitor.drift.mode == .martlet
        var findings = isAccumulated ? accumulated(drift, view) : drift
        findings += QualityFamily.findings(view, by: monitor.quality)
        findings += CostFamily.findings(view, by: monitor.cost)
        findings += PerformanceFamily.findings(view, by: monitor.performance)
        findings += LatencyFamily.findings(
            view.record.latency, in: view.slice, by: monitor.latency,
            history: view.history.flatMap { $0.findings.filter { $0.family == .latency } })
        return findings
    }

    /// Says how sure tests of `view`, one of so many slices of its window, must be.
    static func level(_ view: inout WindowView, slices: Int = 1, from levels: inout AlarmLevels) {
        view.slices = slices
        view.level = level(of: view, rows: view.rows, referenceRows: view.reference?.rows ?? 0, from: &levels)
        if let rows = RowDrift.rows(of: view) {
            view.rowLevel = level(of: view, rows: rows.window, referenceRows: rows.reference, from: &levels)
        }
    }

    /// The level of a test of `rows` rows of the window, which all windows hold against the same `referenceRows`.
    private static func level(
        of view: WindowView, rows: Int, referenceRows: Int, from levels: inout AlarmLevels
    ) -> AlarmLevel {
        budget(of: view, rows: rows, referenceRows: referenceRows).map { levels.level(for: $0) } ?? .standard
    }

    /// What false alarms a test of a window may give rise to; nil where they need not be limited.
    static func budget(of view: WindowView, rows: Int = 0, referenceRows: Int = 0) -> AlarmBudget? {
        let alarms = view.monitor.alarms
        guard let rate = alarms.falseAlarmsPerMonth else { return nil }
        let rho = Double(rows) / (Double(rows) + Double(max(1, referenceRows)))
        return AlarmBudget(
            falseAlarms: rate, windows: windowsPerMonth(view), tests: tests(in: view),
            persistence: (alarms.windows, alarms.of), correlation: rho)
    }

    /// Two of each column and slice, one of each lane for rows that are alike, and one for rows as a whole; those of what labels
    /// say of each slice, and of all of them together.
    private static func tests(in view: WindowView) -> Int {
        let monitor = view.monitor
        let ofRows = [monitor.drift.comparesRows(in: view.size), monitor.quality.duplicates != nil]
        return view.slices * 2 * max(1, view.columns.count) + ofRows.count { $0 }
            + (view.slices + 1) * monitor.performance.tests
    }

    private static let month = 30.0 * 24 * 60

    /// All that is judged: the windows themselves and the hours and days that they are merged into, which share what may open
    /// by chance.
    static func windowsPerMonth(_ view: WindowView) -> Double {
        view.monitor.merged.compactMap(\.minutes).reduce(ownWindowsPerMonth(view)) { $0 + month / Double($1) }
    }

    /// Of windows of rows it is what there would be if they went on to come as fast as those at hand.
    private static func ownWindowsPerMonth(_ view: WindowView) -> Double {
        switch view.monitor.window {
        case .minutes(let minutes): return month / Double(minutes)
        case .rows(let rows):
            guard let minutes = view.length.minutes else { break }
            let seen = view.history.map(\.rows) + [view.rows]
            let each = Double(seen.reduce(0, +)) / Double(seen.count)
            return min(month, max(30, each / Double(rows) * month / Double(minutes)))
        }
        let first = view.history.first?.start ?? view.start
        let minutes = Double(view.end.milliseconds - first.milliseconds) / 60_000
        let windows = Double(view.history.count + 1)
        return min(month, max(30, windows * month / max(1, minutes)))
    }

    /// With the evidence of all windows so far added up: bad where it is enough, however small it is in each.
    private static func accumulated(_ findings: [Finding], _ view: WindowView) -> [Finding] {
        // A window with too few rows has no sum: the evidence of those before it holds.
        let former = view.history.flatMap { window in
            window.findings.compactMap { finding in finding.details[sumName]?.doubleValue.map { (finding.key, $0) } }
        }
        let sums = Dictionary(former) { $1 }
        return findings.map { finding in
            guard let pValue = finding.pValue, view.isJudged, finding.isColumnDrift else { return finding }
            var finding = finding
            let sum = view.level.sum(after: sums[finding.key] ?? 0, pValue: pValue)
            finding.details = .members(
                (finding.details.memberList ?? []).map { ($0.key, $0.value) } + [
                    (sumName, .double(sum)), ("cumulative_limit", .double(view.level.limit)),
                ])
            let isLarge = finding.value.map { $0 >= finding.limit ?? 0 } ?? false
            finding.verdict = sum > view.level.limit && isLarge ? .bad : .fine
            return finding
        }
    }

    private static let sumName = "cumulative_sum"
}
