import Manifests
package import Wire

/// When the differences of a window from its reference are called drift: surely enough and large enough. How long they must
/// last for an alert is `AlarmRule`'s.
package struct DriftRule: Sendable, Hashable {
    package enum Mode: String, Sendable, Hashable, CaseIterable {
        /// Effect and significance both, from profiles.
        case martlet
        /// The tests, bins and thresholds of those tools, from samples of rows.
        case evidently, nannyml

        /// How many rows of a reference are needed at most.
        var rowLimit: Int { self == .martlet ? ReferenceSample.partRows : ReferenceSample.rowLimit }
    }

    /// What is said of one column only.
    package enum Override: Sendable, Hashable {
        /// It is not compared.
        case off
        case minimumEffect(Double)
    }

    package let mode: Mode
    /// Of the columns called drifting in a window, this share may be wrong on average (Benjamini & Hochberg over the
    /// window's columns).
    package let falseDiscoveryRate: Double
    /// No column drifts with less effect, however sure it is: large windows find differences that mean nothing.
    package let minimumEffect: Double
    /// Whether rows as a whole are compared too, on samples of them; nil where nobody said.
    package let isJoint: Bool?
    /// Whether what the model answered is compared, too.
    package let hasOutputs: Bool
    package let overrides: [String: Override]

    package static let standard = DriftRule(falseDiscoveryRate: 0.05, minimumEffect: 0.2)

    package init(
        mode: Mode = .martlet, falseDiscoveryRate: Double, minimumEffect: Double, isJoint: Bool? = nil,
        hasOutputs: Bool = true, overrides: [String: Override] = [:]
    ) {
        self.mode = mode
        self.falseDiscoveryRate = falseDiscoveryRate
        self.minimumEffect = minimumEffect
        self.isJoint = isJoint
        self.hasOutputs = hasOutputs
        self.overrides = overrides
    }

    static let keys = [
        "mode", "false_discovery_rate", "minimum_effect", "windows", "joint", "outputs", "columns",
    ]

    /// - Throws: `ManifestError` with the place of what is wrong.
    init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(node, keys: Self.keys)
        self.init(
            mode: try fields.optionalWord("mode", as: Mode.self) ?? Self.standard.mode,
            falseDiscoveryRate: try fields.optionalDouble("false_discovery_rate", in: 1e-9...0.5)
                ?? Self.standard.falseDiscoveryRate,
            minimumEffect: try fields.optionalDouble("minimum_effect", in: 0...1) ?? Self.standard.minimumEffect,
            isJoint: try fields.optionalBool("joint"), hasOutputs: try fields.optionalBool("outputs") ?? true,
            overrides: try fields.columns { node in
                guard !node.isOff else { return .off }
                let fields = try ManifestFields(node, keys: ["minimum_effect"])
                return .minimumEffect(try fields.double("minimum_effect", in: 0...1))
            })
    }

    /// Whether rows as a whole are compared in windows of this size: where it is said, and by default in windows that are worth
    /// what it costs.
    package func comparesRows(in window: WindowSize) -> Bool {
        if let isJoint { return isJoint }
        guard mode == .martlet else { return false }
        return switch window {
        case .minutes(let minutes): minutes >= 15
        case .rows(let rows): rows >= 500
        }
    }

    /// Whether judging a window of this size takes rows of it.
    func readsRows(in window: WindowSize) -> Bool { mode != .martlet || comparesRows(in: window) }

    /// The least effect that counts in a column; nil when it is not compared.
    package func minimumEffect(of column: String) -> Double? {
        switch overrides[column] {
        case .off: nil
        case .minimumEffect(let effect): effect
        case nil: minimumEffect
        }
    }
}

extension DriftRule: JSONRepresentable {
    package var json: JSON {
        let columns = overrides.sorted { $0.key < $1.key }.map { name, override -> (String, JSON) in
            switch override {
            case .off: (name, "off")
            case .minimumEffect(let effect): (name, ["minimum_effect": .double(effect)])
            }
        }
        return .compact([
            "mode": .string(mode.rawValue), "false_discovery_rate": .double(falseDiscoveryRate),
            "minimum_effect": .double(minimumEffect), "joint": isJoint.map(JSON.bool), "outputs": .bool(hasOutputs),
            "columns": columns.isEmpty ? nil : .members(columns),
        ])
    }
}

extension ManifestFields {
    /// What `columns` says of single columns, by name.
    func columns<Value>(_ read: (ManifestNode) throws -> Value) throws -> [String: Value] {
        guard let node = optional("columns") else { return [:] }
        guard case .mapping(let entries) = node.value else {
            throw ManifestError(at: node.place, "expected a mapping from columns to what holds for them")
        }
        return try Dictionary(entries.map { ($0.key, try read($0.value)) }) { _, last in last }
    }

    func double(_ key: String, in range: ClosedRange<Double>) throws -> Double {
        _ = try node(key)
        return try optionalDouble(key, in: range) ?? range.lowerBound
    }
}
