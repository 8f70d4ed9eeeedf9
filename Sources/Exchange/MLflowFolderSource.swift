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
        let names = try Self.names(in: root)
        let isStore = names.contains { FileManager.default.fileExists(atPath: "\(root)/\($0)/meta.yaml") }
        guard isStore else {
            throw ExchangeError(
                .invalidParameterValue, "\(root) is not a folder of MLflow: it has no experiment with a meta.yaml.",
                hint: "Name the folder called mlruns.")
        }
    }

    func experiments() async throws -> [JSON] {
        try folders().map { folder in
            let meta = try Self.meta(folder.path)
            return .compact([
                "experiment_id": .string(folder.id), "name": meta.string("name"),
                "artifact_location": meta.string("artifact_location"),
                "lifecycle_stage": folder.isDeleted ? "deleted" : meta.string("lifecycle_stage") ?? "active",
                "creation_time": meta.integer("creation_time"), "last_update_time": meta.integer("last_update_time"),
                "tags": try Self.pairs("\(folder.path)/tags"),
            ])
        }
    }

    /// The folders of experiments, those in the trash after the others.
    private func folders() throws -> [(id: String, path: String, isDeleted: Bool)] {
        let active = try Self.names(in: root).map { ($0, "\(root)/\($0)", false) }
        let deleted = try Self.names(in: "\(root)/.trash").map { ($0, "\(root)/.trash/\($0)", true) }
        return (active + deleted).filter { id, path, _ in
            Int64(id) != nil && FileManager.default.fileExists(atPath: "\(path)/meta.yaml")
        }
    }

    private func folder(of experiment: String) -> String {
        let active = "\(root)/\(experiment)"
        return FileManager.default.fileExists(atPath: active) ? active : "\(root)/.trash/\(experiment)"
    }

    func runs(of experiment: String, _ body: RecordBody) async throws {
        let home = folder(of: experiment)
        for name in try Self.names(in: home) where name != "models" {
            let path = "\(home)/\(name)"
            guard FileManager.default.fileExists(atPath: "\(path)/meta.yaml"), let meta = try? Self.meta(path),
                let id = (meta.string("run_id") ?? meta.string("run_uuid"))?.stringValue
            else { continue }
            let inputs = try inputs(of: path, in: home)
            try await body([
                "info": .compact([
                    "run_id": .string(id), "experiment_id": .string(experiment), "run_name": meta.string("run_name"),
                    "user_id": meta.string("user_id"), "status": meta.integer("status"),
                    "start_time": meta.integer("start_time"), "end_time": meta.integer("end_time"),
                    "artifact_uri": meta.string("artifact_uri"), "deleted_at": meta.integer("deleted_time"),
                    "lifecycle_stage": meta.string("lifecycle_stage") ?? "active",
                ]),
                "data": ["params": try Self.pairs("\(path)/params"), "tags": try Self.pairs("\(path)/tags")],
                "inputs": ["dataset_inputs": .array(inputs.datasets), "model_inputs": .array(inputs.models)],
                "outputs": ["model_outputs": .array(try outputs(of: path))],
            ])
        }
    }

    private func inputs(of run: String, in home: String) throws -> (datasets: [JSON], models: [JSON]) {
        var datasets: [JSON] = []
        var models: [JSON] = []
        for name in try Self.names(in: "\(run)/inputs") {
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
        try Self.names(in: "\(run)/outputs").map { model in
            ["model_id": .string(model), "step": try Self.meta("\(run)/outputs/\(model)").integer("step") ?? 0]
        }
    }

    func points(of run: JSON, _ body: RecordBody) async throws {
        guard let id = run["info"]?["run_id"]?.stringValue, let experiment = run["info"]?["experiment_id"]?.stringValue
        else { return }
        let metrics = "\(folder(of: experiment))/\(id)/metrics"
        for key in try Self.files(below: metrics) {
            var lines = try LocalLines(path: "\(metrics)/\(key)")
            var points: [JSON] = []
            while let line = try await lines.next() {
                guard let point = Self.point(line) else { continue }
                points.append([.integer(point.timestamp), .integer(point.step), .double(point.value)])
                if points.count == ImportedPoints.limit {
                    try await body(["run_id": .string(id), "key": .string(key), "points": .array(points)])
                    points = []
                }
            }
            if !points.isEmpty {
                try await body(["run_id": .string(id), "key": .string(key), "points": .array(points)])
            }
        }
    }

    /// A line of a metric's file: timestamp, value, step, and what the point measures.
    private static func point(
        _ line: [UInt8]
    ) -> (timestamp: Int64, value: Double, step: Int64, rest: [String])? {
        let parts = String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
        guard parts.count >= 2, let timestamp = Int64(parts[0]), let value = Double(parts[1]) else { return nil }
        return (timestamp, value, parts.count > 2 ? Int64(parts[2]) ?? 0 : 0, Array(parts.dropFirst(3)))
    }

    func loggedModels(of experiment: String, linked: Set<String>, _ body: RecordBody) async throws {
        let home = "\(folder(of: experiment))/models"
        for id in try Self.names(in: home) {
            let path = "\(home)/\(id)"
            let meta = try Self.meta(path)
            try await body([
                "info": .compact([
                    "model_id": .string(id), "experiment_id": .string(experiment), "name": meta.string("name"),
                    "creation_timestamp_ms": meta.integer("creation_timestamp"),
                    "last_updated_timestamp_ms": meta.integer("last_updated_timestamp"),
                    "artifact_uri": meta.string("artifact_location"), "status": meta.integer("status"),
                    "lifecycle_stage": meta.string("lifecycle_stage") ?? "active",
                    "model_type": meta.string("model_type"), "source_run_id": meta.string("source_run_id"),
                    "tags": try Self.pairs("\(path)/tags"),
                ]),
                "data": [
                    "params": try Self.pairs("\(path)/params"),
                    "metrics": .array(try await metrics(ofModel: path, id: id)),
                ],
            ])
        }
    }

    private func metrics(ofModel path: String, id: String) async throws -> [JSON] {
        var metrics: [JSON] = []
        for key in try Self.files(below: "\(path)/metrics") {
            var lines = try LocalLines(path: "\(path)/metrics/\(key)")
            while let line = try await lines.next() {
                guard let point = Self.point(line) else { continue }
                let hasDataset = point.rest.count > 2
                metrics.append(
                    .compact([
                        "key": .string(key), "value": .double(point.value), "timestamp": .integer(point.timestamp),
                        "step": .integer(point.step), "model_id": .string(id),
                        "run_id": point.rest.first.map(JSON.string),
                        "dataset_name": hasDataset ? .string(point.rest[1]) : nil,
                        "dataset_digest": hasDataset ? .string(point.rest[2]) : nil,
                    ]))
            }
        }
        return metrics
    }

    func models(_ body: RecordBody) async throws {
        for name in try Self.names(in: "\(root)/models") {
            let path = "\(root)/models/\(name)"
            guard FileManager.default.fileExists(atPath: "\(path)/meta.yaml") else { continue }
            let meta = try Self.meta(path)
            try await body(
                .compact([
                    "name": .string(name), "creation_timestamp": meta.integer("creation_timestamp"),
                    "last_updated_timestamp": meta.integer("last_updated_timestamp"),
                    "description": meta.string("description"), "tags": try Self.pairs("\(path)/tags"),
                ]))
        }
    }

    func versions(of model: JSON, _ body: RecordBody) async throws {
        guard let name = model["name"]?.stringValue else { return }
        let home = "\(root)/models/\(name)"
        var aliases: [String: [String]] = [:]
        for alias in try Self.files(below: "\(home)/aliases") {
            let version = try Self.text("\(home)/aliases/\(alias)").filter(\.isNumber)
            aliases[version, default: []].append(alias)
        }
        let numbers = try Self.names(in: home).compactMap { name in
            name.hasPrefix("version-") ? Int64(name.dropFirst("version-".count)) : nil
        }
        for number in numbers.sorted() {
            let path = "\(home)/version-\(number)"
            let meta = try Self.meta(path)
            let isDeleted = meta.string("current_stage") == .string(DeletedVersion.stage)
            try await body(
                isDeleted
                    ? DeletedVersion.record(of: name, number)
                    : .compact([
                        "name": .string(name), "version": .string(String(number)),
                        "creation_timestamp": meta.integer("creation_timestamp"),
                        "last_updated_timestamp": meta.integer("last_updated_timestamp"),
                        "current_stage": meta.string("current_stage"), "description": meta.string("description"),
                        "source": meta.string("source"), "storage_uri": meta.string("storage_location"),
                        "run_id": meta.string("run_id"), "run_link": meta.string("run_link"),
                        "model_id": meta.string("model_id"), "tags": try Self.pairs("\(path)/tags"),
                        "aliases": .strings(aliases[String(number)] ?? []),
                    ]))
        }
    }

    /// The folder may have been moved since, so files are looked for beside their owner before where they once were.
    func files(of owner: FileOwner) async throws -> (any FileTree)? {
        let home = folder(of: owner.experimentID)
        let beside =
            owner.kind == .run ? "\(home)/\(owner.id)/artifacts" : "\(home)/models/\(owner.id)/artifacts"
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
