import Wire

/// When a difference between two tables is called drift: large enough and surely enough.
struct DriftLimits: Sendable, Hashable {
    /// No column drifts with less effect, however sure it is: large tables find differences that mean nothing.
    let minimumEffect: Double
    /// Of the columns called drifting this share may be wrong on average (Benjamini & Hochberg over all columns of a slice).
    let falseDiscoveryRate: Double

    static let standard = DriftLimits(minimumEffect: 0.2, falseDiscoveryRate: 0.01)

    init(minimumEffect: Double, falseDiscoveryRate: Double) {
        self.minimumEffect = minimumEffect
        self.falseDiscoveryRate = falseDiscoveryRate
    }
}

extension DriftLimits: JSONRepresentable {
    var json: JSON {
        ["minimum_effect": .double(minimumEffect), "false_discovery_rate": .double(falseDiscoveryRate)]
    }
}
