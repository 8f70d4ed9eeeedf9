import Statistics
package import Wire

extension GuardrailTest: JSONRepresentable {
    package var json: JSON {
        .compact([
            "guardrail": guardrail.json, "level": .double(level), "share": .double(share), "control": control.json,
            "candidate": candidate.json, "frozen_ms": frozenMs.map(JSON.double),
            "in_step": .integer(Int64(inStep)), "waiting": blocks.isEmpty ? Optional<JSON>.none : blocks.json,
            "latencies": latencies.count > 0 ? latencies.json : Optional<JSON>.none,
            "log_capitals": .array(bets.logCapitals.map(JSON.double)),
        ])
    }

    /// Reads back what `json` wrote.
    /// - Throws: `FieldProblem` or `ExperimentError` when it is something else.
    package init(json: JSON) throws {
        let fields = try Fields(json)
        self.init(
            try Guardrail(json: try fields.value("guardrail") ?? .null), level: try fields.double("level"),
            share: try fields.double("share"))
        control = try Tally(fields.object("control"))
        candidate = try Tally(fields.object("candidate"))
        inStep = try fields.optionalInteger("in_step").map(Int.init) ?? candidate.count
        blocks = MatchedBlocks(share: share, waiting: try fields.value("waiting") ?? .null)
        frozenMs = try fields.optionalDouble("frozen_ms")
        latencies = LatencyHistogram(json: try fields.value("latencies") ?? .null)
        guard let bets = BettingEvidence(logCapitals: try fields.array("log_capitals").compactMap(\.doubleValue)) else {
            throw ExperimentError(.internalError, "This is no state of a guardrail: \(json.excerpt(80)).")
        }
        self.bets = bets
    }
}

extension GuardrailTest.Tally {
    fileprivate var json: JSON { ["count": .integer(Int64(count)), "sum": .double(sum)] }

    fileprivate init(_ fields: Fields) throws {
        self.init(count: Int(try fields.integer("count")), sum: try fields.double("sum"))
    }
}
