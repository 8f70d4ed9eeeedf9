import Foundation
import Wire

// Traces of MLflow's file store, which has neither links to runs, nor evaluation datasets, nor webhooks.

extension MLflowFolderSource {
    func traces(of experiment: String, _ body: RecordBody) async throws {
        let home = "\(folder(of: experiment))/traces"
        for entry in try Self.entries(of: home) {
            if case .file = entry.form { continue }
            let record = try await SourceRecord.reading(entry.name) {
                if case .obstacle(let reason) = entry.form { throw Self.unreadable("\(home)/\(entry.name)", reason) }
                return try Self.trace("\(home)/\(entry.name)", in: experiment)
            }
            try await body(record)
        }
    }

    private static func trace(_ path: String, in experiment: String) throws -> JSON {
        let info = try json("\(path)/trace_info.yaml")
        guard info.memberList != nil else { throw unreadable("\(path)/trace_info.yaml", "it has no names with values") }
        let (tags, metadata) = (try pairs("\(path)/tags"), try pairs("\(path)/request_metadata"))
        let prompts = TraceRecord.prompts(notedIn: ["tags": .members((tags.arrayValue ?? []).map(\.asMember))])
        // Before version 3 the members had other names.
        let time = info["request_time"]?.stringValue.flatMap(Timestamp.init(rfc3339:))?.milliseconds
        return TraceRecord.record(
            TraceRecord.Facts(
                id: (info["trace_id"] ?? info["request_id"])?.spelled ?? "", experimentID: experiment,
                timeMs: time ?? info["timestamp_ms"]?.wholeNumber ?? 0,
                durationMs: (info["execution_duration_ms"] ?? info["execution_time_ms"])?.wholeNumber,
                state: (info["state"] ?? info["status"])?.stringValue ?? ""),
            tags: tags, metadata: metadata, assessments: try assessments(in: "\(path)/assessments"), prompts: prompts,
            more: [
                "client_request_id": (info["client_request_id"]?.spelled).map(JSON.string),
                "request_preview": (info["request_preview"]?.spelled).map(JSON.string),
                "response_preview": (info["response_preview"]?.spelled).map(JSON.string),
            ])
    }

    private static func assessments(in folder: String) throws -> [JSON] {
        try files(below: folder).filter { $0.hasSuffix(".yaml") }.map { try json("\(folder)/\($0)") }
    }

    func spans(of trace: JSON, _ body: RecordBody) async throws {
        try await spansInFile(of: trace, body)
    }

    func traceLinks(of runs: [String], in experiments: [String], _ body: RecordBody) async throws {}

    func evaluationDatasets(_ body: RecordBody) async throws {}

    func evaluationRecords(of dataset: JSON, _ body: RecordBody) async throws {}

    func webhooks(_ body: RecordBody) async throws {}
}

extension JSON {
    /// A key and its value.
    fileprivate var asMember: (String, JSON) { (self["key"]?.stringValue ?? "", self["value"] ?? "") }

    /// A scalar as the text that it was, whatever it spells; nil when it is null.
    fileprivate var spelled: String? { self == .null ? nil : stringValue ?? text }
}
