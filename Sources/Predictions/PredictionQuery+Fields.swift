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
