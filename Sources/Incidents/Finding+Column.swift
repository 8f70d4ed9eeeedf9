package import Wire

extension Finding {
    /// The finding as an entry of the `columns` of a window or an alert, under the names that these had before there were
    /// findings of other families.
    package var columnJSON: JSON {
        .compact([
            "name": .string(subject ?? code), "kind": details["kind"], "effect": value.map(JSON.double),
            "measure": .string(measure), "test": test.map(JSON.string), "p_value": pValue.map(JSON.double),
            "adjusted_p_value": adjustedPValue.map(JSON.double),
            "reference_rows": referenceRows.map { .integer(Int64($0)) }, "window_rows": .integer(Int64(rows)),
            "reference_missing_share": details["reference_missing_share"],
            "window_missing_share": details["window_missing_share"], "drift": .bool(verdict == .bad),
        ])
    }
}
