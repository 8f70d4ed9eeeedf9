import Wire

extension PredictionQuery {
    /// Reads `endpoint`, `from`, `to` and `labelled` of a request. A moment is in milliseconds since 1970, of RFC 3339, or
    /// a day in UTC, which means its beginning.
    /// - Throws: `FieldProblem` that names the field.
    init(_ fields: Fields) throws {
        self.init(
            endpoint: try fields.optionalString("endpoint"), from: try fields.moment("from"),
            to: try fields.moment("to"), isLabelled: try fields.optionalBool("labelled"))
    }
}

extension Fields {
    fileprivate func moment(_ name: String) throws -> Timestamp? {
        guard let text = try optionalString(name) else { return nil }
        if let milliseconds = Int64(text) { return Timestamp(milliseconds: milliseconds) }
        if let moment = Timestamp(rfc3339: text) { return moment }
        if let day = PredictionDay(name: text) { return Timestamp(milliseconds: day.number * 86_400_000) }
        throw FieldProblem.invalid(
            name, .string(text), expected: "moment such as 2026-11-21, 2026-11-21T08:00:00Z or milliseconds since 1970")
    }
}
