package import Statistics
package import Wire

/// How the values of a column are compared.
package enum ColumnKind: String, Sendable, Hashable {
    case numeric, categorical

    package init(_ anchors: ColumnAnchors) {
        switch anchors {
        case .numeric: self = .numeric
        case .categorical: self = .categorical
        }
    }
}

/// What is said of one column in one window: how far it lies from the reference, how sure that is, on how many rows.
package struct ColumnVerdict: Sendable, Hashable {
    package let name: String
    package let kind: ColumnKind
    /// Jensen–Shannon distance, base 2, see `ColumnDrift`.
    package let effect: Double
    package let test: String
    package let pValue: Double
    /// The least false discovery rate at which the column counts as drifting.
    package let adjustedPValue: Double
    package let referenceRows: Int
    package let windowRows: Int
    package let referenceMissingShare: Double
    package let windowMissingShare: Double
    package let isDrifting: Bool
}

extension ColumnVerdict: JSONRepresentable {
    package var json: JSON {
        [
            "name": .string(name), "kind": .string(kind.rawValue), "effect": .double(effect),
            "measure": .string(ColumnDrift.measure), "test": .string(test), "p_value": .double(pValue),
            "adjusted_p_value": .double(adjustedPValue), "reference_rows": .integer(Int64(referenceRows)),
            "window_rows": .integer(Int64(windowRows)), "reference_missing_share": .double(referenceMissingShare),
            "window_missing_share": .double(windowMissingShare), "drift": .bool(isDrifting),
        ]
    }

    /// - Throws: `FieldProblem` when the JSON is not one of a verdict.
    package init(json: JSON) throws {
        let fields = try Fields(json)
        name = try fields.string("name")
        kind = ColumnKind(rawValue: try fields.string("kind")) ?? .numeric
        effect = try fields.double("effect")
        test = try fields.string("test")
        pValue = try fields.double("p_value")
        adjustedPValue = try fields.double("adjusted_p_value")
        referenceRows = Int(try fields.integer("reference_rows"))
        windowRows = Int(try fields.integer("window_rows"))
        referenceMissingShare = try fields.double("reference_missing_share")
        windowMissingShare = try fields.double("window_missing_share")
        isDrifting = try fields.optionalBool("drift") ?? false
    }
}
