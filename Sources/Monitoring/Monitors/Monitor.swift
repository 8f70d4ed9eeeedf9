package import Incidents
package import Manifests
import Wire

/// What is watched and when something is wrong: the manifest of kind Monitor. All but the endpoint has a default.
///
///     spec:
///       endpoint: breast-cancer
///       type: binary
///       reference: training
///       window: { rows: 50 }
///       merged: [hour, day]
///       alarms: { false_alarms_per_month: 1, windows: 2, of: 3 }
///       drift: { minimum_effect: 0.25, columns: { id: off } }
///       quality: { missing: 0.1, freshness_minutes: 30 }
///       cost: { cpu_hour: 0.04, gb_hour: 0.005, maximum_per_thousand: 0.02 }
///       owner: ana
///       severity: high
///       on_alert: { run: ["python3", "retrain.py"] }
package struct Monitor: Sendable, Hashable {
    package let name: String
    package let team: String?
    /// Whose predictions are watched; also the name under which models elsewhere send theirs.
    package let endpoint: String
    /// Nil when nobody said: then it follows from the model's answers.
    package let task: ModelTask?
    package let reference: ReferenceChoice
    package let window: WindowSize
    /// What is judged besides, merged of the windows' rows: shortest first.
    package let merged: [WindowLength]
    /// How long judged windows are kept, and hours; days are kept as long as what was counted.
    package let keepDays: Int
    package let alarms: AlarmRule
    package let drift: DriftRule
    package let quality: QualityRule
    package let cost: CostRule
    package let performance: PerformanceRule
    package let segments: [Segment]
    package let latency: LatencyRule
    package let calls: CallsRule
    /// Whose its alerts are, whom they are told to, and what they set going.
    package let alerting: AlertRule

    /// The keys of `spec`, one for each field above.
    static let keys =
        [
            "endpoint", "type", "reference", "window", "merged", "keep_days",
            "alarms",
            "drift",
            "quality",
            "cost",
            "performance", "segments",
            "latency",
            "calls",
        ] + AlertRule.keys

    /// - Throws: `ManifestError` with the place of what is wrong.
    package init(_ manifest: Manifest) throws {
        let spec = try ManifestFields(manifest.spec, keys: Self.keys)
        name = manifest.name
        team = manifest.team
        endpoint = try spec.string("endpoint")
        task = try spec.optionalWord("type", as: ModelTask.self)
        reference = try spec.optional("reference").map(ReferenceChoice.init) ?? .standard
        window = try spec.optional("window").map(WindowSize.init) ?? .standard
        merged = try Self.merged(spec.list("merged"), longerThan: window)
        keepDays = try spec.optionalInteger("keep_days", in: 1...3_650) ?? Self.keepDays
        let inARow = try spec.optional("drift").flatMap(Self.windowsInARow)
        alarms = try AlarmRule(spec.optional("alarms"), inARow: inARow)
        drift = try spec.optional("drift").map(DriftRule.init) ?? .standard
        quality = try spec.optional("quality").map(QualityRule.init) ?? .standard
        cost = try spec.optional("cost").map(CostRule.init) ?? .standard
        performance = try spec.optional("performance").map(PerformanceRule.init) ?? .standard
        segments = try Segment.all(spec.list("segments"))
        latency = try spec.optional("latency").map(LatencyRule.init) ?? .standard
        calls = try spec.optional("calls").map(CallsRule.init) ?? .standard
        alerting = try AlertRule(spec)
    }

    private static let keepDays = 90

    /// Everything that is judged, the windows themselves first.
    package var lengths: [WindowLength] { [.window] + merged }

    /// What a window of a length holds, as the manifest would say it.
    func size(_ length: WindowLength) -> WindowSize { length.minutes.map(WindowSize.minutes) ?? window }

    private static func merged(_ nodes: [ManifestNode], longerThan window: WindowSize) throws -> [WindowLength] {
        var lengths: Set<WindowLength> = []
        for node in nodes {
            guard let length = node.json.stringValue.flatMap(WindowLength.init), let minutes = length.minutes else {
                throw ManifestError(at: node.place, "expected 'hour' or 'day', got \(node.json.excerpt(80))")
            }
            if case .minutes(let own) = window, own >= minutes {
                throw ManifestError(at: node.place, "a window of \(window.words) is no part of one \(length.rawValue)")
            }
            guard lengths.insert(length).inserted else {
                throw ManifestError(at: node.place, "'\(length.rawValue)' is named twice")
            }
        }
        return lengths.sorted()
    }

    /// What manifests said of persistence before there was `alarms`.
    private static func windowsInARow(_ drift: ManifestNode) throws -> Int? {
        try ManifestFields(drift, keys: DriftRule.keys).optionalInteger("windows", in: 1...1_000)
    }

    /// The monitors there are. One whose manifest cannot be read, because an earlier version took more, is left out.
    package static func all(in manifests: ManifestStore) async throws -> [Monitor] {
        try await manifests.all(kind: kind.name).compactMap { try? Monitor($0) }
    }

    /// The kind, as the composition root registers it.
    package static let kind = ManifestKind(name: "Monitor", plural: "monitors") { manifest in
        _ = try Monitor(manifest)
    }
}
