import Incidents
import Manifests
import Statistics
import Wire

@testable import Monitoring

/// Windows made of values, without a server: what the families are given, and what they find.
struct Windows {
    let monitor: Monitor
    let reference: Reference

    init(reference: KeyValuePairs<String, [ColumnValue]>, spec: String = "{endpoint: a}") throws {
        let yaml = "apiVersion: martlet/v1\nkind: Monitor\nmetadata: {name: m}\nspec: \(spec)\n"
        monitor = try Monitor(Manifest.parse(yaml: yaml)[0])
        self.reference = Reference(
            model: "clinic", version: 1, context: "training", runID: "r", rows: reference.map(\.value.count).max() ?? 0,
            columns: reference.map { name, values in
                Reference.Column(
                    name: name, profile: ColumnProfile(values, anchors: ColumnAnchors(reference: values)))
            }, madeAt: Timestamp(milliseconds: 0))
    }

    static let start = Timestamp(milliseconds: 1_800_000_000_000)

    static let lane = TrafficSlice(variant: "main", model: "clinic", version: 1)

    func view(
        _ columns: KeyValuePairs<String, [ColumnValue]>, start: Timestamp = start, now: Timestamp = start,
        history: [MonitorWindow] = []
    ) -> WindowView {
        let profiles = columns.map { name, values in
            let anchors = reference.columns.first { $0.name == name }?.profile.anchors
            return WindowView.Column(
                name: name, profile: ColumnProfile(values, anchors: anchors ?? ColumnAnchors(reference: values)))
        }
        var view = WindowView(
            monitor: monitor, slice: Self.lane, start: start, end: start, rows: columns.map(\.value.count).max() ?? 0,
            columns: profiles, now: now)
        view.reference = reference
        view.history = history
        var levels = AlarmLevels()
        MonitorEvaluation.level(&view, from: &levels)
        return view
    }

    /// A window as it is kept.
    func window(
        _ columns: KeyValuePairs<String, [ColumnValue]>, number: Int, start: Timestamp = start,
        history: [MonitorWindow] = []
    ) -> MonitorWindow {
        let view = view(columns, start: start, now: start, history: history)
        return MonitorWindow(
            monitor: "m", number: number, lane: Self.lane, start: start, end: start, rows: view.rows,
            findings: MonitorEvaluation.findings(view))
    }
}

extension ColumnValue {
    /// Nil for anything else.
    var asNumber: Double? { if case .number(let number) = self { number } else { nil } }
}
