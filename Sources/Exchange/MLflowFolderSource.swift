import Foundation
import Tracking
import Wire

/// An `mlruns` folder: what MLflow's file store wrote. Each thing is a folder with a `meta.yaml`; each tag, param and
/// metric a file that is named for it.
struct MLflowFolderSource: ExchangeSource {
    let root: String

    var place: String { root }

    /// - Throws: `ExchangeError` when the folder is not one of MLflow's.
    init(root: String) throws {
        self.root = root
        let isStore = try Self.entries(of: root).contains { LocalFolder.exists("\(root)/\($0.name)/meta.yaml") }
        guard isStore else {
            throw ExchangeError(
                .invalidParameterValue, "\(root) is not a folder of MLflow: it has no experiment with a meta.yaml.",
                hint: "Name the folder called mlruns.")
        }
    }

    func experiments(_ body: RecordBody) async throws {
        for (home, isDeleted) in [(root, false), ("\(root)/.trash", true)] {
            for entry in try Self.entries(of: home) where Int64(entry.name) != nil {
                let path = "\(home)/\(entry.name)"
                // Servers with a database keep files of artifacts in folders like these.
                guard Self.mayBeExperiment(path) else { continue }
                let record = try await SourceRecord.reading(entry.name) {
                    if case .obstacle(let reason) = entry.form { throw Self.unreadable(path, reason) }
                    return try Self.experiment(path, id: entry.name, isDeleted: isDeleted)
                }
                try await body(record)
            }
        }
    }

    /// Whether there is a file of an experiment, or of a run in it.
    private static func mayBeExperiment(_ path: String) -> Bool {
        if LocalFolder.exists("\(path)/meta.yaml") { return true }
        return (try? entries(of: path))?.contains { LocalFolder.exists("\(path)/\($0.name)/meta.yaml") } ?? true
    }

    private static func experiment(_ path: String, id: String, isDeleted: Bool) throws -> JSON {
        let meta = try meta(path)
        return .compact([
            "experiment_id": .string(id), "name": meta.string("name"),
            "artifact_location": meta.string("artifact_location"),
            "lifecycle_stage": isDeleted ? "deleted" : meta.string("lifecycle_stage") ?? "active",
            "creation_time": meta.integer("creation_time"), "last_update_time": meta.integer("last_update_time"),
            "tags": try pairs("\(path)/tags"),
        ])
    }

    func folder(of experiment: String) -> String {
        let active = "\(root)/\(experiment)"
        return LocalFolder.exists(active) ? active : "\(root)/.trash/\(experiment)"
    }

    func runs(of experiment: String, _ body: RecordBody) async throws {
        let home = folder(of: experiment)
        for entry in try Self.entries(of: home) {
            let path = "\(home)/\(entry.name)"
            guard Self.mayBeRun(path, entry) else { continue }
            let record = try await SourceRecord.reading(entry.name) {
                if case .obstacle(let reason) = entry.form { throw Self.unreadable(path, reason) }
                return try run(path, in: home, of: experiment)
            }
            try await body(record)
        }
    }

    private static func mayBeRun(_ path: String, _ entry: LocalFolder.Entry) -> Bool {
        if case .file = entry.form { return false }
        if ["models", "traces", "datasets", "tags"].contains(entry.name) { return false }
        return ["meta.yaml", "metrics", "params", "tags"].contains { LocalFolder.exists("\(path)/\($0)") }
    }

    private func run(_ path: String, in home: String, of experiment: String) throws -> JSON {
        let meta = try Self.meta(path)
        guard let id = meta.string("run_id") ?? meta.string("run_uuid") else {
            throw ExchangeError(.invalidParameterValue, "\(path)/meta.yaml names no run_id.")
        }
        let inputs = try inputs(of: path, in: home)
        return [
            "info": .compact([
                "run_id": id, "experiment_id": .string(experiment), "run_name": meta.string("run_name"),
                "user_id": meta.string("user_id"), "status": meta.integer("status"),
                "start_time": meta.integer("start_time"), "end_time": meta.integer("end_time"),
                "artifact_uri": meta.string("artifact_uri"), "deleted_at": meta.integer("deleted_time"),
                "lifecycle_stage": meta.string("lifecycle_stage") ?? "active",
            ]),
            "data": ["params": try Self.pairs("\(path)/params"), "tags": try Self.pairs("\(path)/tags")],
            "inputs": ["dataset_inputs": .array(inputs.datasets), "model_inputs": .array(inputs.models)],
            "outputs": ["model_outputs": .array(try outputs(of: path))],
        ]
    }

    private func inputs(of run: String, in home: String) throws -> (datasets: [JSON], models: [JSON]) {
        var datasets: [JSON] = []
        var models: [JSON] = []
        for name in try Self.folders(in: "\(run)/inputs") {
            let input = try Self.meta("\(run)/inputs/\(name)")
            guard let source = input.string("source_id")?.stringValue else { continue }
            if input.string("source_type") == "MODEL" {
                models.append(["model_id": .string(source)])
                continue
            }
            let dataset = try Self.meta("\(home)/datasets/\(source)")
            let form: JSON = .compact([
                "name": dataset.string("name"), "digest": dataset.string("digest"),
                "source_type": dataset.string("source_type"), "source": dataset.string("source"),
                "schema": dataset.string("schema"), "profile": dataset.string("profile"),
            ])
            datasets.append(["dataset": form, "tags": input.pairs("tags")])
        }
        return (datasets, models)
    }

    /// The folder of an output has the model's name; what its file calls destination is the run.
    private func outputs(of run: String) throws -> [JSON] {
        try Self.folders(in: "\(run)/outputs").map { model in
            ["model_id": .string(model), "step": try Self.meta("\(run)/outputs/\(model)").integer("step") ?? 0]
        }
    }

    func models(_ body: RecordBody) async throws {
        let home = "\(root)/models"
        for entry in try Self.entries(of: home) {
            let path = "\(home)/\(entry.name)"
            if case .file = entry.form { continue }
            let record = try await SourceRecord.reading(entry.name) {
                if case .obstacle(let reason) = entry.form { throw Self.unreadable(path, reason) }
                let meta = try Self.meta(path)
                return .compact([
                    "name": .string(entry.name), "creation_timestamp": meta.integer("creation_timestamp"),
                    "last_updated_timestamp": meta.integer("last_updated_timestamp"),
                    "description": meta.string("description"), "tags": try Self.pairs("\(path)/tags"),
                ])
            }
            try await body(record)
        }
    }

    func versions(of model: JSON, _ body: RecordBody) async throws {
        guard let name = model["name"]?.stringValue else { return }
        let home = "\(root)/models/\(name)"
        var aliases: [String: [String]] = [:]
        for alias in try Self.files(below: "\(home)/aliases") {
            let version = try LocalFolder.text("\(home)/aliases/\(alias)").filter(\.isNumber)
            aliases[version, default: []].append(alias)
        }
        let numbers = try Self.entries(of: home).compactMap { entry in
            entry.name.hasPrefix("version-") ? Int64(entry.name.dropFirst("version-".count)) : nil
        }
        for number in numbers.sorted() {
            let own = aliases[String(number)] ?? []
            let record = try await SourceRecord.reading("\(name)/\(number)") {
                try Self.version(number, of: name, "\(home)/version-\(number)", aliases: own)
            }
            try await body(record)
        }
    }

    private static func version(
        _ number: Int64, of name: String, _ path: String, aliases: [String]
    ) throws -> JSON {
        let meta = try meta(path)
        if meta.string("current_stage") == .string(DeletedVersion.stage) {
            return DeletedVersion.record(of: name, number)
        }
        return .compact([
            "name": .string(name), "version": .string(String(number)),
            "creation_timestamp": meta.integer("creation_timestamp"),
            "last_updated_timestamp": meta.integer("last_updated_timestamp"),
            "current_stage": meta.string("current_stage"), "description": meta.string("description"),
            "source": meta.string("source"), "storage_uri": meta.string("storage_location"),
            "run_id": meta.string("run_id"), "run_link": meta.string("run_link"),
            "model_id": meta.string("model_id"), "tags": try pairs("\(path)/tags"), "aliases": .strings(aliases),
        ])
    }

    /// The folder may have been moved since, so files are looked for beside their owner before where they once were.
    func files(of owner: FileOwner) async throws -> (any FileTree)? {
        let home = folder(of: owner.experimentID)
        let beside =
            switch owner.kind {
            case .run: "\(home)/\(owner.id)/artifacts"
            case .loggedModel: "\(home)/models/\(owner.id)/artifacts"
            case .trace: "\(home)/traces/\(owner.id)/artifacts"
            }
        if let tree = LocalFileTree(root: beside) { return tree }
        return LocalFileTree.path(ofURI: owner.uri).flatMap { LocalFileTree.files(of: owner, at: $0) }
    }
}

/// How MLflow's stores mark a version whose number must not be given again.
enum DeletedVersion {
    static let stage = "Deleted_Internal"

    static func record(of model: String, _ version: Int64) -> JSON {
        ["name": .string(model), "version": .string(String(version)), "lifecycle_stage": "deleted"]
    }
}
