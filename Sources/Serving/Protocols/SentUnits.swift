import Wire

/// Whom a request is about, found in its rows.
enum SentUnits {
    /// The unit in a body of MLflow's `/invocations`.
    /// - Returns: nil when there is no column `key`.
    /// - Throws: `ServingError` 400 when rows are about different units, or a value names none.
    static func unit(named key: String, inInvocation body: JSON) throws -> String? {
        if let split = body["dataframe_split"] {
            guard let column = split["columns"]?.arrayValue?.firstIndex(of: .string(key)) else { return nil }
            return try common(key, (split["data"]?.arrayValue ?? []).lazy.map { $0.arrayValue?.element(column) })
        }
        let input = body["dataframe_records"] ?? body["instances"] ?? body["inputs"]
        if let rows = input?.arrayValue { return try common(key, rows.lazy.map { $0[key] }) }
        return try input?[key].flatMap { values in try common(key, (values.arrayValue ?? [values]).lazy.map { $0 }) }
    }

    /// The unit in a table of texts.
    static func unit(named key: String, inColumns names: [String], rows: [[JSON]]) throws -> String? {
        guard let column = names.firstIndex(of: key) else { return nil }
        return try common(key, rows.lazy.map { $0.element(column) })
    }

    /// The one unit that all rows are about.
    static func common(_ key: String, _ values: some Sequence<JSON?>) throws -> String? {
        var unit: String?
        for (row, value) in values.enumerated() {
            guard let value, value != .null else { continue }
            let text = try text(value, key, row)
            guard unit == nil || unit == text else {
                throw ServingError(
                    .invalidParameterValue,
                    "Row \(row) is about another '\(key)' than those before it, and may belong to another variant.",
                    hint: "Send the rows of one '\(key)' at a time, or choose a variant with X-Martlet-Variant.")
            }
            unit = text
        }
        return unit
    }

    private static func text(_ value: JSON, _ key: String, _ row: Int) throws -> String {
        switch value {
        case .string(let text): return text
        case .integer, .bool: return value.text
        // 7 and 7.0 are one unit: pandas makes floats of whole numbers next to missing ones.
        case .double(let number): return Int64(exactly: number).map(String.init) ?? value.text
        case .null, .array, .object:
            throw ServingError(
                .invalidParameterValue, "Row \(row): '\(key)' is a \(value.kindName), which names nobody.")
        }
    }
}

extension [JSON] {
    fileprivate func element(_ index: Int) -> JSON? {
        indices.contains(index) ? self[index] : nil
    }
}
