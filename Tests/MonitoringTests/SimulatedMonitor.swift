import Incidents
import Manifests
import Statistics
import Wire

@testable import Monitoring

/// A monitor over a simulated stream: through the same types that judge production, without a log and a database.
struct SimulatedMonitor {
    /// The slices of a window, each with its columns.
    typealias Slices = [TrafficSlice: [ColumnProfile]]

    private let monitor: Monitor
    private var reference: Slices = [:]
    private var state = AlertState()
    private var history: [MonitorWindow] = []
    /// What the windows before were, for references that move.
    private var former: [Slices] = []
    private var levels = AlarmLevels()
    private var judged = 0

    static let lane = TrafficSlice(variant: "main", model: "clinic", version: 1)
    static let segment = TrafficSlice(variant: "main", model: "clinic", version: 1, segment: "fifth")

    init(_ spec: String) throws {
        let yaml = "apiVersion: martlet/v1\nkind: Monitor\nmetadata: {name: m}\nspec: \(spec)\n"
        monitor = try Monitor(Manifest.parse(yaml: yaml)[0])
    }

    /// Begins a stream.
    mutating func begin(with reference: Slices) {
        (self.reference, state, history, former, judged) = (reference, AlertState(), [], [], 0)
    }

    /// Judges the next window, and the hour that it ends.
    /// - Returns: what an alert that opens now is about; nil when none opens.
    mutating func judge(_ slices: Slices) -> Set<String>? {
        var opened = judge(slices, .window)
        former.append(slices)
        for length in monitor.merged {
            guard case .minutes(let minutes) = monitor.window, let all = length.minutes,
                former.count.isMultiple(of: all / minutes)
            else { continue }
            var merged = slices
            for slices in former.suffix(all / minutes).dropLast() {
                for (slice, profiles) in slices {
                    for (place, profile) in profiles.enumerated() { merged[slice]?[place].merge(profile) }
                }
            }
            if let more = judge(merged, length) { opened = (opened ?? []).union(more) }
        }
        return opened
    }

    private mutating func judge(_ slices: Slices, _ length: WindowLength) -> Set<String>? {
        judged += 1
        let number = judged
        let start = Timestamp(milliseconds: 1_800_000_000_000 + Int64(number) * 3_600_000)
        var findings: [Finding] = []
        for (slice, profiles) in slices.sorted(by: { $0.key.words < $1.key.words }) {
            findings += self.findings(of: slice, profiles, length, among: slices.count, at: start)
        }
        let rows = slices[Self.lane]?.first?.rows ?? 0
        let window = MonitorWindow(
            monitor: "m", number: number, lane: Self.lane, length: length, start: start, end: start, rows: rows,
            findings: findings)
        history = history.suffix(2 * WindowJudge.recentLimit - 1) + [window]
        let steps = state.observe(
            findings, at: AlertState.Moment(window: number, length: length, start: start), slices: [Self.lane],
            persistence: monitor.alarms.persistence)
        var opened: Set<String>?
        for case .opens(_, let lasting, _, _) in steps {
            opened = (opened ?? []).union(lasting.compactMap(\.subject))
        }
        return opened
    }

    private mutating func findings(
        of slice: TrafficSlice, _ profiles: [ColumnProfile], _ length: WindowLength, among slices: Int,
        at start: Timestamp
    ) -> [Finding] {
        let columns = zip(SimulatedTraffic.names, profiles).map { WindowView.Column(name: $0, profile: $1) }
        let rows = profiles.first?.rows ?? 0
        var view = WindowView(
            monitor: monitor, slice: slice, start: start, end: start, rows: rows, columns: columns, now: start)
        view.length = length
        view.history = history.filter { $0.length == length }.suffix(WindowJudge.recentLimit)
        view.reference = reference(for: slice)
        MonitorEvaluation.level(&view, slices: slices, from: &levels)
        return MonitorEvaluation.findings(view)
    }

    private func reference(for slice: TrafficSlice) -> Reference? {
        switch monitor.reference {
        case .previous(let count):
            // Those that the alert looks at are not among them.
            let before = former.dropLast(monitor.alarms.of - 1).suffix(count)
            guard before.count == count, var merged = before.first?[slice] else { return nil }
            for window in before.dropFirst() {
                for (place, profile) in (window[slice] ?? []).enumerated() { merged[place].merge(profile) }
            }
            return Self.reference(merged)
        case .season:
            guard former.count >= SimulatedTraffic.windowsADay else { return nil }
            return former[former.count - SimulatedTraffic.windowsADay][slice].flatMap(Self.reference)
        case .logged, .production, .file: return reference[slice].flatMap(Self.reference)
        }
    }

    private static func reference(_ profiles: [ColumnProfile]) -> Reference? {
        Reference(
            model: "clinic", version: 1, context: "training", runID: nil, rows: profiles.first?.rows ?? 0,
            columns: zip(SimulatedTraffic.names, profiles).map { Reference.Column(name: $0, profile: $1) },
            madeAt: Timestamp(milliseconds: 0))
    }
}

extension SimulatedTraffic.Rows {
    /// Profiles, as windows are profiled: with the anchors of the reference.
    func profiles(_ anchors: [[ColumnAnchors]], hasSegment: Bool) -> SimulatedMonitor.Slices {
        var slices = [SimulatedMonitor.lane: zip(cells, anchors[0]).map { ColumnProfile($0, anchors: $1) }]
        if hasSegment {
            slices[SimulatedMonitor.segment] = anchors[1].enumerated().map { place, anchors in
                ColumnProfile(inSegment(place), anchors: anchors)
            }
        }
        return slices
    }

    /// Of the rows as a whole, and of the segment in them.
    var anchors: [[ColumnAnchors]] {
        [
            cells.map { ColumnAnchors(reference: $0) },
            cells.indices.map { ColumnAnchors(reference: inSegment($0)) },
        ]
    }
}
