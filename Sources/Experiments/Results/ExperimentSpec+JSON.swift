package import Wire

extension ExperimentSpec {
    /// Reads back what `json` wrote.
    /// - Throws: `FieldProblem` when it is something else.
    package init(json: JSON) throws {
        let fields = try Fields(json)
        let metric = try fields.object("metric")
        let decision = try fields.object("decision")
        self.init(
            metric: Metric(
                name: try metric.string("name"), kind: try metric.word("kind"),
                direction: try metric.word("direction")),
            guardrails: try fields.array("guardrails").map(Guardrail.init(json:)),
            decision: Decision(
                method: try decision.word("method"), alpha: try decision.double("alpha"),
                then: try decision.word("then"), units: try decision.optionalInteger("units").map { Int($0) }))
    }
}

extension BanditSpec {
    /// Reads back what `json` wrote.
    /// - Throws: `FieldProblem` when it is something else.
    package init(json: JSON) throws {
        let fields = try Fields(json)
        self.init(
            method: try fields.word("method"), reward: try fields.word("reward"), metric: try fields.string("metric"),
            epsilon: try fields.double("epsilon"), windowMinutes: Int(try fields.integer("window_minutes")),
            floor: try fields.double("floor_percent") / 100)
    }
}

extension Fields {
    fileprivate func word<Word: RawRepresentable>(_ name: String) throws -> Word where Word.RawValue == String {
        let text = try string(name)
        guard let word = Word(rawValue: text) else {
            throw FieldProblem.invalid(name, .string(text), expected: "\(Word.self)")
        }
        return word
    }
}
