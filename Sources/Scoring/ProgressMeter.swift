import Wire

/// Says how far a batch is: rows, how many a second, how long the others will take.
struct ProgressMeter: Sendable {
    private let start = ContinuousClock.now

    func line(_ progress: ScoringProgress) -> String {
        guard progress.phase == .scoring else { return "\(progress.rows) rows scored; writing the output" }
        let seconds = max(0.001, (ContinuousClock.now - start) / .seconds(1))
        let rate = Double(progress.rows - progress.resumedRows) / seconds
        var line = "\(progress.rows)"
        if let total = progress.total {
            line += " of \(progress.isEstimate ? "about " : "")\(max(total, progress.rows))"
        }
        line += " rows, \(Int(rate)) a second"
        if let total = progress.total, total > progress.rows, rate > 0 {
            line += ", \(Self.words(Int(Double(total - progress.rows) / rate))) left"
        }
        return progress.failed > 0 ? "\(line); \(progress.failed) refused" : line
    }

    private static func words(_ seconds: Int) -> String {
        switch seconds {
        case ..<90: "\(seconds) s"
        case ..<5400: "\(seconds / 60) min"
        default: "\(seconds / 3600) h \(seconds / 60 % 60) min"
        }
    }
}
