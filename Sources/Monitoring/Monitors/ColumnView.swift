import Incidents
import Predictions
import Statistics
import Wire

/// A column as a monitor sees it: how it is distributed, what was found about it, and some of the predictions behind that.
struct ColumnView: Sendable {
    let column: String
    let status: MonitorStatus
    let range: TimeRange
    /// Of the stretch that is looked at, oldest first.
    let windows: [MonitorWindow]
    /// How many there are in it, where it was asked for.
    let count: Int?
    /// Nil before the first window.
    let last: SeenWindow?
    /// Some of the newest window, drawn evenly.
    let predictions: [Prediction]

    private static let predictionLimit = 12

    /// - Throws: `MonitorError` 404 when no window and no reference has the column.
    init(
        of column: String, at monitor: String, in range: TimeRange, on board: MonitorBoard, log: PredictionLog,
        now: Timestamp
    ) async throws {
        let status = try await board.status(of: monitor)
        let (windows, count) = try await board.windows(of: monitor, in: range)
        let last = try await board.newest(of: windows, status.monitor, at: now)
        let isKnown =
            last?.profiles(of: column) != nil || last?.reference?.columns.contains { $0.name == column } == true
            || windows.contains { $0.findings.contains { $0.subject == column } }
            || range != .newest
        guard isKnown else {
            throw MonitorError(
                .doesNotExist, "Monitor '\(monitor)' has seen no column '\(column)'.",
                hint: "'martlet monitors get \(monitor)' shows those of its newest window.")
        }
        self.column = column
        self.status = status
        self.range = range
        self.count = count
        self.windows = windows
        self.last = last
        let ids = (last?.record.sample.entries ?? []).prefix(Self.predictionLimit).map(\.id)
        // What was dropped since, or is in the log of another server, is left out.
        let found = try await log.contexts(of: ids)
        var predictions: [Prediction] = []
        for id in ids where found[id] != nil { predictions.append(try await log.prediction(id)) }
        self.predictions = predictions.sorted { $0.time < $1.time }
    }

    /// What was said of the column, all of it and not of segments, in the newest window that says anything.
    var drift: Finding? { windows.lazy.reversed().compactMap(drift).first }

    func drift(in window: MonitorWindow) -> Finding? { window.columns.first { $0.subject == column } }

    /// What else is out of its limits, window by window, the newest first.
    var troubles: [(window: MonitorWindow, finding: Finding)] {
        windows.reversed().flatMap { window in
            window.findings.filter {
                $0.subject == column && $0.verdict.rank <= Finding.Verdict.notable.rank
                    && ($0.family == .drift || $0.family == .quality)
            }.map { (window, $0) }
        }
    }
}
