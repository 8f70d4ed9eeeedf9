package import Manifests
package import Wire

/// How often an endpoint is to be called.
///
///     calls: { minimum_per_minute: 10, maximum_per_minute: 6000, minutes: 5, callers: { billing: { minimum_per_minute: 1 } } }
package struct CallsRule: Sendable, Hashable {
    /// Requests a minute, on average over `minutes`.
    package struct Limits: Sendable, Hashable {
        package let minimumPerMinute: Double?
        package let maximumPerMinute: Double?

        package init(minimumPerMinute: Double? = nil, maximumPerMinute: Double? = nil) {
            self.minimumPerMinute = minimumPerMinute
            self.maximumPerMinute = maximumPerMinute
        }

        static let keys = ["minimum_per_minute", "maximum_per_minute"]

        init(_ fields: ManifestFields) throws {
            let range = 0.0...60_000_000.0
            minimumPerMinute = try fields.optionalDouble("minimum_per_minute", in: range)
            maximumPerMinute = try fields.optionalDouble("maximum_per_minute", in: range)
            if let minimumPerMinute, let maximumPerMinute, minimumPerMinute > maximumPerMinute {
                throw ManifestError(at: fields.place, "'minimum_per_minute' is greater than 'maximum_per_minute'")
            }
        }

        var isEmpty: Bool { minimumPerMinute == nil && maximumPerMinute == nil }
    }

    package let total: Limits
    package let callers: [String: Limits]
    /// Calls are counted over so many minutes, by the clock, so that silence is seen too.
    package let minutes: Int

    package static let standard = CallsRule(total: Limits(), callers: [:], minutes: 5)

    package init(total: Limits, callers: [String: Limits], minutes: Int) {
        self.total = total
        self.callers = callers
        self.minutes = minutes
    }

    /// - Throws: `ManifestError` with the place of what is wrong.
    init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(node, keys: Limits.keys + ["minutes", "callers"])
        var callers: [String: Limits] = [:]
        if let named = fields.optional("callers") {
            guard case .mapping(let entries) = named.value else {
                throw ManifestError(at: named.place, "'callers' says limits by the caller's name")
            }
            for entry in entries {
                callers[entry.key] = try Limits(ManifestFields(entry.value, keys: Limits.keys))
            }
        }
        self.init(
            total: try Limits(fields), callers: callers,
            minutes: try fields.optionalInteger("minutes", in: 1...10_080) ?? Self.standard.minutes)
    }

    /// Whether anything is asked of the calls.
    package var isEmpty: Bool { total.isEmpty && callers.values.allSatisfy(\.isEmpty) }
}

extension CallsRule: JSONRepresentable {
    package var json: JSON {
        .members(
            total.members + [
                ("minutes", .integer(Int64(minutes))),
                (
                    "callers",
                    .members(callers.sorted { $0.key < $1.key }.map { ($0.key, .members($0.value.members)) })
                ),
            ])
    }
}

extension CallsRule.Limits {
    fileprivate var members: [(String, JSON)] {
        [("minimum_per_minute", minimumPerMinute), ("maximum_per_minute", maximumPerMinute)].compactMap { name, limit in
            limit.map { (name, .double($0)) }
        }
    }
}
