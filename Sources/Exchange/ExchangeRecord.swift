import Wire

/// The kinds of records that go from one tracking server to another, in the order in which they depend on each other. The
/// names are those of the import routes and of an export's files.
package enum RecordKind: String, Sendable, Hashable, CaseIterable {
    case experiments, runs
    /// Points of metrics, up to thousands a record.
    case metrics
    case loggedModels = "logged-models"
    /// Traces, with what people and judges hold of them.
    case traces
    /// Spans of one trace, up to thousands a record.
    case spans
    /// Traces that were linked to one run.
    case traceLinks = "trace-links"
    /// Registered models.
    case models
    /// Versions of registered models, with their aliases.
    case versions
    case evaluationDatasets = "evaluation-datasets"
    case evaluationRecords = "evaluation-records"
    case webhooks

    /// How tables call it.
    var title: String {
        switch self {
        case .metrics: "metric points"
        case .traceLinks: "links of traces"
        case .models: "registered models"
        case .versions: "model versions"
        case .evaluationRecords: "dataset records"
        default: rawValue.replacing("-", with: " ")
        }
    }

    /// What a record of the kind is known by.
    func id(of record: JSON) -> String {
        switch self {
        case .experiments: record["experiment_id"].cellText
        case .runs: (record["info"]?["run_id"]).cellText
        case .metrics: "\(record["run_id"].cellText)/\(record["key"].cellText)"
        case .loggedModels: (record["info"]?["model_id"]).cellText
        case .traces: (record["trace_info"]?["trace_id"]).cellText
        case .spans: record["trace_id"].cellText
        case .traceLinks: record["run_id"].cellText
        case .models: record["name"].cellText
        case .versions: "\(record["name"].cellText)/\(record["version"].cellText)"
        case .evaluationDatasets: record["dataset_id"].cellText
        case .evaluationRecords: record["dataset_record_id"].cellText
        case .webhooks: record["webhook_id"].cellText
        }
    }

    /// How many things a record stands for.
    func weight(of record: JSON) -> Int {
        switch self {
        case .metrics: record["points"]?.arrayValue?.count ?? 0
        case .spans: record["spans"]?.arrayValue?.count ?? 0
        case .traceLinks: record["trace_ids"]?.arrayValue?.count ?? 0
        default: 1
        }
    }
}

extension JSON? {
    fileprivate var cellText: String { self?.stringValue ?? self?.text ?? "" }
}

/// Whose files some are.
struct FileOwner: Sendable, Hashable {
    enum Kind: String, Sendable {
        case run = "runs"
        case loggedModel = "logged-models"
        case trace = "traces"
    }

    let kind: Kind
    let id: String
    let experimentID: String
    /// Where the source keeps them.
    let uri: String

    /// How messages name it.
    var label: String { "\(kind.rawValue)/\(id)" }
}

/// A file or folder among others.
struct FileEntry: Sendable, Hashable {
    /// Below the owner's root, such as `model/MLmodel`.
    let path: String
    let isFolder: Bool
    let sizeBytes: Int
    /// Why it cannot be carried; nil when it can.
    var obstacle: String?

    /// How deep folders may stand in each other: a list that goes on for ever is none.
    private static let deepest = 100

    /// Why it is not what a list of a folder may hold: one name directly below it. Lists come from elsewhere.
    func defect(in folder: String) -> String? {
        if let obstacle { return obstacle }
        let prefix = folder.isEmpty ? "" : folder + "/"
        let name = path.hasPrefix(prefix) ? path.dropFirst(prefix.count) : ""
        guard !["", ".", ".."].contains(name), !name.utf8.contains(where: { $0 == 0 || $0 == UInt8(ascii: "/") }) else {
            return "that is no name of a file in '\(folder)'"
        }
        let depth = path.utf8.count { $0 == UInt8(ascii: "/") }
        return depth < Self.deepest ? nil : "folders stand more than \(Self.deepest) deep in each other"
    }
}
