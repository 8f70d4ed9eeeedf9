import Tracking
package import Wire

// Traces of other tracking servers, in the form in which MLflow's REST API writes them. What a server once took is taken as
// it is: rules for names and lengths are not applied again.

/// A trace as another server has it, without its spans.
package struct ImportedTrace: Sendable, Hashable {
    let info: TraceInfo
    /// The versions of prompts that it used, each as `name/version`.
    let prompts: [String]
}

/// Spans of one trace.
package struct ImportedSpans: Sendable, Hashable {
    let traceID: String
    let spans: [Span]

    /// The most spans of one record.
    package static let limit = 1000
}

/// Traces that were linked to a run after it made them, or that it did not make.
package struct ImportedTraceLinks: Sendable, Hashable {
    let runID: String
    let traceIDs: [String]
}

extension Fields {
    /// `trace_info`, and `prompts` as texts.
    package func importedTrace() throws -> ImportedTrace {
        let info = try object("trace_info")
        let id = try info.string("trace_id")
        let experiment = try info.object("trace_location").object("mlflow_experiment").experimentID()
        let trace = TraceInfo(
            id: id, experimentID: experiment, clientRequestID: try info.optionalString("client_request_id")?.storable,
            requestPreview: try info.optionalString("request_preview")?.storable,
            responsePreview: try info.optionalString("response_preview")?.storable,
            requestTime: try info.optionalMoment("request_time") ?? Timestamp(milliseconds: 0),
            durationMs: try info.optionalDurationMs("execution_duration"),
            state: try info.optionalCase("state") ?? .unspecified, metadata: try info.map("trace_metadata"),
            tags: try info.map("tags"),
            assessments: try info.objects("assessments").map { try $0.importedAssessment(of: id) })
        return ImportedTrace(info: trace, prompts: try strings("prompts"))
    }

    private func importedAssessment(of trace: String) throws -> Assessment {
        let new = try NewAssessment(self)
        var assessment = Assessment(
            new, id: try string("assessment_id"), trace: trace, now: Timestamp(milliseconds: 0))
        assessment.isValid = try optionalBool("valid") ?? true
        return assessment
    }

    /// `trace_id` and `spans`.
    package func importedSpans() throws -> ImportedSpans {
        let spans = try objects("spans").map { try Span($0, ids: .base64) }
        guard spans.count <= ImportedSpans.limit else {
            throw FieldProblem("A record holds at most \(ImportedSpans.limit) spans, not \(spans.count).")
        }
        return ImportedSpans(traceID: try string("trace_id"), spans: spans)
    }

    /// `run_id` and `trace_ids`.
    package func importedTraceLinks() throws -> ImportedTraceLinks {
        ImportedTraceLinks(runID: try runID(), traceIDs: try strings("trace_ids"))
    }

    /// A dataset with its tags and its schema as JSON in text, and `experiment_ids`.
    package func importedEvaluationDataset() throws -> EvaluationDataset {
        let tags = try optionalString("tags").map { try Fields(JSON.parse($0), prefix: "tags.") }
        return EvaluationDataset(
            id: try string("dataset_id"), name: try string("name"),
            tags: tags?.members.map { Tag(key: $0.key, value: $0.value.stringValue ?? $0.value.text) } ?? [],
            schema: try optionalString("schema").map { try JSON.parse($0) }, recordCount: 0,
            created: try moment("created_time"), lastUpdated: try moment("last_update_time"),
            createdBy: try optionalString("created_by"), lastUpdatedBy: try optionalString("last_updated_by"),
            experiments: try experimentIDs(), digest: "")
    }

    package func importedEvaluationRecord() throws -> EvaluationRecord {
        EvaluationRecord(
            id: try string("dataset_record_id"), datasetID: try string("dataset_id"),
            inputs: .object(try object("inputs").members), outputs: try value("outputs"),
            expectations: try optionalObject("expectations").map { .object($0.members) },
            tags: try optionalObject("tags").map { .object($0.members) },
            source: try optionalObject("source").map { .object($0.members) }, created: try moment("created_time"),
            lastUpdated: try moment("last_update_time"), createdBy: try optionalString("created_by"),
            lastUpdatedBy: try optionalString("last_updated_by"))
    }
}
