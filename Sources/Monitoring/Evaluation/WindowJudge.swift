import Incidents
import Predictions
import Wire

/// Judges one window of a monitor after the other. A value: what it finds follows from what it is given.
struct WindowJudge: Sendable {
    let monitor: Monitor
    /// The windows that were judged last, of each length so many, oldest first. Stretches in which calls were counted are not
    /// among them: there may be many of them to a window.
    private(set) var recent: [MonitorWindow]
    private var levels = AlarmLevels()
    /// How many windows of the monitor it knows to be judged. When there are more, another server judged them.
    private(set) var judged: Int

    static let recentLimit = 24

    init(_ monitor: Monitor, recent: [MonitorWindow], judged: Int) {
        self.monitor = monitor
        self.recent = recent
        self.judged = judged
    }

    /// - Parameters:
    ///   - records: what was counted, of the window's lane and of each segment in it.
    ///   - references: what each slice is compared with.
    ///   - absence: why the lane has no reference.
    ///   - cost: what its predictions took of the machine.
    ///   - labels: those that came for the endpoint since the window before.
    mutating func window(
        _ traffic: TrafficWindow, _ records: [TrafficSlice: WindowRecord], references: [TrafficSlice: Reference],
        absence: String?, cost: WindowCost? = nil, labels: LabelArrivals? = nil, now: Timestamp
    ) -> MonitorWindow {
        let history = recent.filter {
            $0.lane == traffic.lane && $0.length == traffic.length && $0.end <= traffic.start
        }
        let slices = records.keys.sorted { $0.words < $1.words }
        var findings: [Finding] = []
        var openings: Double?
        for slice in slices {
            guard let record = records[slice] else { continue }
            var view = WindowView(
                record, of: slice, in: traffic, monitor: monitor, reference: references[slice], now: now)
            view.history = history
            // What is measured of the machine, and what labels are about nothing, is not told apart by segments.
            view.cost = slice == traffic.lane ? cost : nil
            view.labels = slice == traffic.lane ? labels : nil
            view.isReevaluation = traffic.isChanged
            MonitorEvaluation.level(&view, slices: slices.count, from: &levels)
            findings += MonitorEvaluation.findings(view)
            if slice == traffic.lane { openings = MonitorEvaluation.budget(of: view)?.openings }
        }
        if let absence {
            findings.append(
                Finding(
                    .drift, "no_reference", in: traffic.lane, verdict: .unknown, measure: "references",
                    rows: traffic.rows, words: absence))
        }
        var window = MonitorWindow(
            monitor: monitor.name, number: 0, lane: traffic.lane, length: traffic.length, start: traffic.start,
            end: traffic.end, rows: records[traffic.lane]?.rows ?? traffic.rows,
            findings: findings.map { $0.of(traffic.length) })
        window.openings = openings
        for (slice, record) in records { if let segment = slice.segment { window.segmentRows[segment] = record.rows } }
        return window
    }

    /// The end of the window before, of the same lane and length.
    func end(before window: TrafficWindow) -> Timestamp? {
        recent.last {
            $0.lane == window.lane && $0.length == window.length && $0.rows > 0 && $0.end <= window.start
        }?.end
    }

    /// Slices besides the window's own of which it says something by being there: those of versions that it follows on, whose
    /// alerts would stay open for ever.
    func succeeded(by window: MonitorWindow, open: [AlertState.Topic]) -> Set<TrafficSlice> {
        // What is not told by lanes is not cleared by them.
        let topics = open.filter { ![.calls, .performance, .cost].contains($0.family) }
        let slices = topics.map(\.slice).filter { slice in
            guard slice.lane != window.lane, slice.variant == nil || slice.variant == window.lane.variant else {
                return false
            }
            return !recent.contains {
                $0.lane == slice.lane && $0.length == window.length && $0.end > window.start
            }
        }
        return Set(slices)
    }

    /// Takes up what another server judged meanwhile.
    mutating func goOn(from stored: WindowJudge) {
        recent = stored.recent
        judged = stored.judged
    }

    mutating func note(_ window: MonitorWindow) {
        judged = max(judged, window.number)
        guard window.lane != .whole else { return }
        recent.removeAll { $0.number == window.number }
        recent.append(window)
        guard recent.count(where: { $0.length == window.length }) > Self.recentLimit,
            let oldest = recent.firstIndex(where: { $0.length == window.length })
        else { return }
        recent.remove(at: oldest)
    }
}
