import NIOCore
import Traces
import Wire

/// Records of traces, from the forms in which MLflow's stores keep them.
enum TraceRecord {
    /// The tag that says where a trace's files are.
    static let locationTag = "mlflow.artifactLocation"
    /// The tag that says where its spans are, and what it says when that is the store of everything else.
    static let spansTag = "mlflow.trace.spansLocation"
    static let inStore = "TRACKING_STORE"
    static let inArchive = "ARCHIVE_REPO"
    static let nameTag = "mlflow.traceName"
    /// The tag in which clients note the prompts that were used.
    static let promptsTag = "mlflow.linkedPrompts"
    /// The metadata that names the run within which the traced code ran.
    static let runKey = "mlflow.sourceRun"
    /// The file that holds the spans of a trace that has them among its files.
    static let fileName = "traces.json"

    /// What every store knows of a trace.
    struct Facts {
        let id: String
        let experimentID: String
        let timeMs: Int64
        let durationMs: Int64?
        let state: String
    }

    /// - Parameters:
    ///   - tags: and metadata, as lists of keys and values.
    ///   - more: members that only some versions of MLflow know.
    static func record(
        _ facts: Facts, tags: JSON, metadata: JSON, assessments: [JSON] = [], prompts: [String] = [],
        more: KeyValuePairs<String, JSON?> = [:]
    ) -> JSON {
        let location: JSON = [
            "type": "MLFLOW_EXPERIMENT", "mlflow_experiment": ["experiment_id": .string(facts.experimentID)],
        ]
        let members: [(String, JSON?)] =
            [
                ("trace_id", .string(facts.id)), ("trace_location", location),
                ("request_time", .string(Timestamp(milliseconds: facts.timeMs).iso8601)),
                ("execution_duration", facts.durationMs.map { .string(TraceInfo.duration(milliseconds: $0)) }),
                ("state", .string(state(facts.state))), ("trace_metadata", metadata.asMembers),
                ("tags", tags.asMembers),
                ("assessments", assessments.isEmpty ? nil : .array(assessments)),
            ] + more.map { ($0.key, $0.value) }
        let info = JSON.members(members.compactMap { key, value in value.map { (key, $0) } })
        return record(info, prompts: prompts)
    }

    /// - Parameter info: in the form of MLflow's REST API of version 3.0.
    static func record(_ info: JSON, prompts: [String]) -> JSON {
        .compact(["trace_info": info, "prompts": prompts.isEmpty ? nil : .strings(prompts)])
    }

    /// The form of version 2.0, which servers before MLflow 3 speak.
    static func record(legacy info: JSON) -> JSON {
        record(
            Facts(
                id: info["request_id"]?.stringValue ?? "", experimentID: info["experiment_id"]?.stringValue ?? "",
                timeMs: info["timestamp_ms"]?.wholeNumber ?? 0, durationMs: info["execution_time_ms"]?.wholeNumber,
                state: info["status"]?.stringValue ?? ""),
            tags: info["tags"] ?? [], metadata: info["request_metadata"] ?? [])
    }

    /// Before version 3, what was not known had another name.
    private static func state(_ word: String) -> String {
        word.isEmpty || word == "TRACE_STATUS_UNSPECIFIED" ? "STATE_UNSPECIFIED" : word
    }

    /// The versions of prompts that clients noted, each as `name/version`.
    static func prompts(notedIn info: JSON) -> [String] {
        guard let text = info["tags"]?[promptsTag]?.stringValue, let list = try? JSON.parse(text).arrayValue else {
            return []
        }
        return list.compactMap { prompt in
            guard let name = prompt["name"]?.stringValue, let version = prompt["version"] else { return nil }
            return "\(name)/\(version.stringValue ?? version.text)"
        }
    }

    static func tag(_ key: String, of trace: JSON) -> String? {
        trace["trace_info"]?["tags"]?[key]?.stringValue
    }

    /// Whether a trace that has no spans to be found never had any to keep: it goes on.
    static func mayLackSpans(_ trace: JSON) -> Bool {
        ["IN_PROGRESS", "STATE_UNSPECIFIED"].contains(trace["trace_info"]?["state"]?.stringValue ?? "")
    }
}

extension ExchangeSource {
    /// The spans that a trace has in a file among its files.
    func spansInFile(of trace: JSON, _ body: RecordBody) async throws {
        let id = RecordKind.traces.id(of: trace)
        let owner = FileOwner(trace: trace)
        let record = try await SourceRecord.reading(id) {
            guard TraceRecord.tag(TraceRecord.spansTag, of: trace) != TraceRecord.inArchive else {
                throw ExchangeError(.doesNotExist, "its spans are in MLflow's archive, which is not read")
            }
            guard let tree = try await files(of: owner) else {
                throw ExchangeError(.doesNotExist, "its spans at '\(owner.uri)' cannot be reached from here")
            }
            let names = try await tree.list("").map(\.path)
            if !names.contains(TraceRecord.fileName), TraceRecord.mayLackSpans(trace) {
                return SpanRecord.record(of: id, [])
            }
            var bytes: [UInt8] = []
            for try await chunk in try await tree.read(TraceRecord.fileName) {
                bytes += chunk.readableBytesView
                guard bytes.count <= SpanRecord.maximumFileBytes else {
                    throw ExchangeError(
                        .tooLarge, "\(TraceRecord.fileName) has more than \(SpanRecord.maximumFileBytes >> 20) MiB")
                }
            }
            return try SpanRecord.record(of: id, file: JSON.parse(bytes))
        }
        try await body(record)
    }
}

extension JSON {
    /// A list of keys and values as the members of one object; an object as it is.
    fileprivate var asMembers: JSON {
        guard let pairs = arrayValue else { return self }
        return .members(pairs.map { ($0["key"]?.stringValue ?? "", $0["value"] ?? "") })
    }

    /// A whole number, also one that is written as text.
    var wholeNumber: Int64? { integerValue ?? stringValue.flatMap { Int64($0) } }
}
