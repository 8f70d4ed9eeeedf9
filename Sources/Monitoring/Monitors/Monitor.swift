package import Manifests
import Wire

/// What is watched and when it is called drift: the manifest of kind Monitor.
///
///     spec:
///       endpoint: breast-cancer
///       reference: training
///       window: { rows: 50 }
///       drift: { false_discovery_rate: 0.01, minimum_effect: 0.25, windows: 2 }
///       on_alert:
///         run: ["python3", "retrain.py"]
///         working_directory: examples/breast-cancer
///         cooldown_minutes: 60
package struct Monitor: Sendable, Hashable {
    package let name: String
    package let team: String?
    /// Whose predictions are watched.
    package let endpoint: String
    /// The context of the dataset that the run behind the deployed version logged; windows are compared with its rows.
    package let reference: String
    package let window: WindowSize
    package let rule: DriftRule
    package let onAlert: AlertCommandLine?

    /// - Throws: `ManifestError` with the place of what is wrong.
    package init(_ manifest: Manifest) throws {
        let spec = try ManifestFields(
            manifest.spec, keys: ["endpoint", "reference", "window", "drift", "on_alert"])
        name = manifest.name
        team = manifest.team
        endpoint = try spec.string("endpoint")
        reference = try spec.optionalString("reference") ?? "training"
        window = try spec.optional("window").map(WindowSize.init) ?? WindowSize.standard
        rule = try spec.optional("drift").map(DriftRule.init) ?? DriftRule.standard
        onAlert = try spec.optional("on_alert").map(AlertCommandLine.init)
    }

    /// The kind, as the composition root registers it.
    package static let kind = ManifestKind(name: "Monitor", plural: "monitors") { manifest in
        _ = try Monitor(manifest)
    }
}

/// How much traffic a window holds.
package enum WindowSize: Sendable, Hashable {
    /// So many predictions.
    case rows(Int)
    /// The predictions of so many minutes, counted from 1970.
    case minutes(Int)

    package static let standard = WindowSize.rows(500)

    init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(node, keys: ["rows", "minutes"])
        let rows = try fields.optionalInteger("rows", in: MonitorWindow.minimumRows...1_000_000)
        let minutes = try fields.optionalInteger("minutes", in: 1...10_080)
        switch (rows, minutes) {
        case (let rows?, nil): self = .rows(rows)
        case (nil, let minutes?): self = .minutes(minutes)
        default: throw ManifestError(at: fields.place, "say either 'rows' or 'minutes'")
        }
    }

    /// In words, such as `50 rows`.
    package var words: String {
        switch self {
        case .rows(let count): "\(count) rows"
        case .minutes(1): "1 minute"
        case .minutes(let count): "\(count) minutes"
        }
    }
}

extension DriftRule {
    init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(node, keys: ["false_discovery_rate", "minimum_effect", "windows"])
        self.init(
            falseDiscoveryRate: try fields.optionalDouble("false_discovery_rate", in: 1e-9...0.5)
                ?? Self.standard.falseDiscoveryRate,
            minimumEffect: try fields.optionalDouble("minimum_effect", in: 0...1) ?? Self.standard.minimumEffect,
            windows: try fields.optionalInteger("windows", in: 1...1_000) ?? Self.standard.windows)
    }
}

/// The command that an alert runs.
package struct AlertCommandLine: Sendable, Hashable {
    /// The program and its arguments; never empty.
    package let command: [String]
    /// Relative to where the server was started; there when nil.
    package let workingDirectory: String?
    /// After one run the next waits at least this long.
    package let cooldownMinutes: Int

    init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(node, keys: ["run", "working_directory", "cooldown_minutes"])
        command = try fields.strings("run")
        guard let program = command.first, !program.isEmpty else {
            throw ManifestError(at: fields.place, "'run' names a program and its arguments, as a list of texts")
        }
        workingDirectory = try fields.optionalString("working_directory")
        cooldownMinutes = try fields.optionalInteger("cooldown_minutes", in: 0...525_600) ?? 0
    }
}
