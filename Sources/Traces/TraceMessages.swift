import Tracking
import Wire

// Traces in MLflow's requests.

extension TraceInfo {
    /// What a client says of a whole trace.
    /// - Parameter entropy: gives ids to assessments that come without one.
    /// - Throws: `FieldProblem` for a trace without an id or an experiment.
    init(_ fields: Fields, now: Timestamp, entropy: Entropy) throws {
        let id = try fields.string("trace_id")
        let location = try fields.object("trace_location")
        guard let experiment = try location.optionalObject("mlflow_experiment") else {
            throw FieldProblem(
                "Parameter 'trace_location' names no experiment.", hint: "Only traces of experiments are kept here.")
        }
        let assessments = try fields.objects("assessments").map { fields in
            let id = try fields.optionalString("assessment_id") ?? ""
            return Assessment(
                try NewAssessment(fields), id: id.isEmpty ? "a-" + entropy.hexID() : id,
                trace: try fields.optionalString("trace_id") ?? "", now: now)
        }
        self.init(
            id: id, experimentID: try experiment.experimentID(),
            clientRequestID: try fields.optionalString("client_request_id")?.storable,
            requestPreview: try fields.optionalString("request_preview")?.storable,
            responsePreview: try fields.optionalString("response_preview")?.storable,
            requestTime: try fields.optionalMoment("request_time") ?? now,
            durationMs: try fields.optionalDurationMs("execution_duration"),
            state: try fields.optionalCase("state") ?? .unspecified, metadata: try fields.map("trace_metadata"),
            tags: try fields.map("tags"), assessments: assessments.map { $0.of(trace: id) })
    }
}

extension Assessment {
    /// The same assessment of another trace.
    fileprivate func of(trace: String) -> Assessment {
        Assessment(
            id: id, traceID: trace, name: name, kind: kind, content: content, source: source, rationale: rationale,
            metadata: metadata, spanID: spanID, created: created, lastUpdated: lastUpdated, overrides: overrides,
            isValid: isValid)
    }
}

extension TraceQuery {
    /// - Throws: `FilterProblem` or `FieldProblem` for what is no search.
    init(_ fields: Fields, in experiments: [ExperimentID]) throws {
        self.init(experimentIDs: experiments)
        filter = try SearchFilter(ofTraces: fields.optionalString("filter"))
        orders = try SearchGrammar.traces.orders(fields.strings("order_by"))
        limit = try fields.limit(default: 100, maximum: Self.maximumLimit)
        offset = try fields.offset()
    }
}

extension SearchFilter {
    /// A filter of traces.
    /// - Throws: `FilterProblem`; `FieldProblem` for a prompt that is not `name/version`.
    init(ofTraces text: String?) throws {
        self = try SearchGrammar.traces.filter(text)
        for condition in conditions where condition.field == SearchField(.attribute, "prompt") {
            guard case .text(let prompt) = condition.operand, prompt.count(where: { $0 == "/" }) != 1 else { continue }
            throw FieldProblem(
                "Invalid prompts filter value '\(prompt.cut(to: 80))'. Expected format: prompt = \"name/version\"")
        }
    }
}

extension TraceSelection {
    /// - Throws: `FieldProblem` unless either ids or a moment is given.
    init(_ fields: Fields) throws {
        let ids = try fields.strings("request_ids")
        let moment = try fields.optionalInteger("max_timestamp_millis").map(Timestamp.init(milliseconds:))
        let limit = try fields.optionalInteger("max_traces")
        switch (ids.isEmpty, moment) {
        case (true, nil):
            throw FieldProblem("Either `max_timestamp_millis` or `request_ids` must be specified.")
        case (false, .some):
            throw FieldProblem("Only one of `max_timestamp_millis` and `request_ids` can be specified.")
        case (false, nil):
            guard limit == nil else {
                throw FieldProblem("`max_traces` can't be specified if `request_ids` is specified.")
            }
            self = .ids(ids)
        case (true, let moment?):
            guard limit.map({ $0 > 0 }) ?? true else {
                throw FieldProblem("`max_traces` must be a positive integer, received \(limit ?? 0).")
            }
            self = .until(moment, limit: limit.map(Int.init(clamping:)))
        }
    }
}
