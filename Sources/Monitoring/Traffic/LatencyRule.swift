package import Manifests
package import Wire

/// How long answers may take.
///
///     latency: { p95_ms: 80, p99_ms: 250, per: request, slower: 1.5 }
package struct LatencyRule: Sendable, Hashable {
    /// What is timed.
    package enum Unit: String, Sendable, Hashable, CaseIterable {
        /// A request, whatever it holds.
        case request
        /// A row: its request's time, shared out over the request's rows.
        case row
    }

    package enum Quantile: String, Sendable, Hashable, CaseIterable {
        case p50, p95, p99

        package var rank: Double {
            switch self {
            case .p50: 0.5
            case .p95: 0.95
            case .p99: 0.99
            }
        }

        var key: String { rawValue + "_ms" }
    }

    /// In milliseconds; a quantile without a limit is measured and not judged by one.
    package let limits: [Quantile: Double]
    package let unit: Unit
    /// A quantile is told of when it is so many times what it was in the windows before; nil when that is not looked at.
    package let slower: Double?

    package static let standard = LatencyRule(limits: [:], unit: .request, slower: 1.5)

    package init(limits: [Quantile: Double], unit: Unit, slower: Double?) {
        self.limits = limits
        self.unit = unit
        self.slower = slower
    }

    /// - Throws: `ManifestError` with the place of what is wrong.
    init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(node, keys: Quantile.allCases.map(\.key) + ["per", "slower"])
        var limits: [Quantile: Double] = [:]
        for quantile in Quantile.allCases {
            limits[quantile] = try fields.optionalDouble(quantile.key, in: 0.001...86_400_000)
        }
        self.init(
            limits: limits, unit: try fields.optionalWord("per", as: Unit.self) ?? Self.standard.unit,
            slower: fields.isOff("slower")
                ? nil : try fields.optionalDouble("slower", in: 1.01...1_000) ?? Self.standard.slower)
    }
}

extension LatencyRule: JSONRepresentable {
    package var json: JSON {
        let limits = Quantile.allCases.compactMap { quantile in
            self.limits[quantile].map { (quantile.key, JSON.double($0)) }
        }
        return .members(
            limits + [("per", .string(unit.rawValue)), ("slower", slower.map(JSON.double) ?? .string("off"))])
    }
}
