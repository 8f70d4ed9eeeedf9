extension Fields {
    /// Reads a moment: milliseconds since 1970, a text of RFC 3339, or a day in UTC such as `2026-11-21`, which means its
    /// beginning. What lies before or after `Timestamp.named` is its first or last moment.
    /// - Throws: `FieldProblem` for anything else.
    package func moment(_ name: String) throws -> Timestamp? {
        guard let value = try value(name) else { return nil }
        let text = value.stringValue ?? ""
        let moment =
            (value.integerValue ?? Int64(text)).map(Timestamp.init)
            ?? Timestamp(rfc3339: text) ?? Timestamp(rfc3339: text + "T00:00:00Z")
        guard let moment else {
            throw FieldProblem.invalid(
                name, value, expected: "moment such as 2026-11-21, 2026-11-21T08:00:00Z or milliseconds since 1970")
        }
        return min(max(moment, Timestamp.named.lowerBound), Timestamp.named.upperBound)
    }
}
