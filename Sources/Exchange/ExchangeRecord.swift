import Wire

/// The kinds of records that go from one tracking server to another, in the order in which they depend on each other. The
/// names are those of the import routes and of an export's files.
package enum RecordKind: String, Sendable, Hashable, CaseIterable {
    case experiments, runs
    /// Points of metrics, up to thousands a record.
    case metrics
    case loggedModels = "logged-models"
    /// Registered models.
    case models
    /// Versions of registered models, with their aliases.
    case versions

    /// How tables call it.
    var title: String {
        switch self {
        case .experiments, .runs: rawValue
        case .metrics: "metric points"
        case .loggedModels: "logged models"
        case .models: "registered models"
        case .versions: "model versions"
        }
    }

    /// What a record of the kind is known by.
    func id(of record: JSON) -> String {
        switch self {
        case .experiments: record["experiment_id"].cellText
        case .runs: (record["info"]?["run_id"]).cellText
        case .metrics: "\(record["run_id"].cellText)/\(record["key"].cellText)"
        case .loggedModels: (record["info"]?["model_id"]).cellText
        case .models: record["name"].cellText
        case .versions: "\(record["name"].cellText)/\(record["version"].cellText)"
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
}
