import Manifests
package import Wire

/// What a window's rows may lack or have too much of. A limit is a share of the window's rows beyond the reference's own
/// share; a check without a limit is off.
package struct QualityRule: Sendable, Hashable {
    /// What is counted row by row, and the words of the manifest.
    package enum Check: String, Sendable, Hashable, CaseIterable {
        /// Absent or null.
        case missing
        /// NaN, where the reference's column is one of numbers.
        case nan
        case infinite
        /// Text where the reference has numbers.
        case type
        /// Numbers beyond the least and the greatest of the reference.
        case range
        /// Categories that the reference never had.
        case unseen
    }

    /// The largest share that is no trouble, by check; one that is off is left out.
    package let limits: [Check: Double]
    /// Whether the manifest gave a limit for `range`. Otherwise numbers beyond the reference's are trouble only where they lie
    /// further beyond it than it is wide, as those in another unit do: smaller changes are drift, and told of as such.
    package let isRangeStrict: Bool
    /// Of single columns: `[:]` turns all checks of a column off.
    package let overrides: [String: [Check: Double]]
    /// A monitor without rows for so long is stale; nil when any pause is fine.
    package let freshnessMinutes: Int?
    /// Rows whose own time lies further ahead than this are from the future.
    package let futureMinutes: Int
    /// Rows that come later than this are late.
    package let lateDays: Int
    /// Whether columns that appear, vanish, or never change are told of, and vectors of another length.
    package let hasShapeChecks: Bool
    /// The largest share of rows that are there twice; nil when that is not looked at.
    package let duplicates: Double?
    /// The largest share of labels that are about no prediction; nil when that is not looked at.
    package let unmatchedLabels: Double?

    package static let standard = QualityRule()

    package static let standardLimits: [Check: Double] = [
        .missing: 0.05, .nan: 0.01, .infinite: 0.001, .type: 0.01, .range: 0.05, .unseen: 0.01,
    ]

    package init(
        limits: [Check: Double] = standardLimits, isRangeStrict: Bool = false,
        overrides: [String: [Check: Double]] = [:],
        freshnessMinutes: Int? = nil, futureMinutes: Int = 60, lateDays: Int = 365, hasShapeChecks: Bool = true,
        duplicates: Double? = 0.2, unmatchedLabels: Double? = 0.05
    ) {
        self.limits = limits
        self.isRangeStrict = isRangeStrict
        self.overrides = overrides
        self.freshnessMinutes = freshnessMinutes
        self.futureMinutes = futureMinutes
        self.lateDays = lateDays
        self.hasShapeChecks = hasShapeChecks
        self.duplicates = duplicates
        self.unmatchedLabels = unmatchedLabels
    }

    /// - Throws: `ManifestError` with the place of what is wrong.
    init(_ node: ManifestNode) throws {
        let checks = Check.allCases.map(\.rawValue)
        let fields = try ManifestFields(
            node,
            keys: checks + [
                "freshness_minutes", "future_minutes", "late_days", "shape", "duplicates", "unmatched_labels",
                "columns",
            ])
        let limits = try Self.limits(fields, over: Self.standardLimits)
        let standard = Self.standard
        self.init(
            limits: limits, isRangeStrict: fields.optional(Check.range.rawValue) != nil,
            overrides: try fields.columns { node in
                guard !node.isOff else { return [:] }
                return try Self.limits(ManifestFields(node, keys: checks), over: limits)
            },
            freshnessMinutes: try fields.optionalInteger("freshness_minutes", in: 1...525_600),
            futureMinutes: try fields.optionalInteger("future_minutes", in: 1...525_600) ?? standard.futureMinutes,
            lateDays: try fields.optionalInteger("late_days", in: 1...36_500) ?? standard.lateDays,
            hasShapeChecks: fields.isOff("shape") ? false : try fields.optionalBool("shape") ?? true,
            duplicates: fields.isOff("duplicates")
                ? nil : try fields.optionalDouble("duplicates", in: 0...1) ?? standard.duplicates,
            unmatchedLabels: fields.isOff("unmatched_labels")
                ? nil : try fields.optionalDouble("unmatched_labels", in: 0...1) ?? standard.unmatchedLabels)
    }

    private static func limits(_ fields: ManifestFields, over former: [Check: Double]) throws -> [Check: Double] {
        var limits = former
        for check in Check.allCases where fields.optional(check.rawValue) != nil {
            limits[check] =
                fields.isOff(check.rawValue) ? nil : try fields.optionalDouble(check.rawValue, in: 0...1)
        }
        return limits
    }

    /// The limits that hold for a column.
    package func limits(of column: String) -> [Check: Double] { overrides[column] ?? limits }
}

extension QualityRule: JSONRepresentable {
    package var json: JSON {
        let columns = overrides.sorted { $0.key < $1.key }.map { name, limits -> (String, JSON) in
            (name, limits.isEmpty ? "off" : .members(Self.members(limits)))
        }
        let rest: JSON = .compact([
            "freshness_minutes": freshnessMinutes.map { .integer(Int64($0)) },
            "future_minutes": .integer(Int64(futureMinutes)), "late_days": .integer(Int64(lateDays)),
            "shape": .bool(hasShapeChecks), "duplicates": duplicates.map(JSON.double) ?? "off",
            "unmatched_labels": unmatchedLabels.map(JSON.double) ?? "off",
            "columns": columns.isEmpty ? nil : .members(columns),
        ])
        return .members(Self.members(limits) + (rest.memberList ?? []).map { ($0.key, $0.value) })
    }

    private static func members(_ limits: [Check: Double]) -> [(String, JSON)] {
        Check.allCases.map { ($0.rawValue, limits[$0].map(JSON.double) ?? "off") }
    }
}
