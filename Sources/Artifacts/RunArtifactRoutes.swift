import Blobs
package import Tracking
package import Web
import Wire

/// The artifacts of runs and logged models by their ids, as MLflow's client lists them and its pages fetch them.
package struct RunArtifactRoutes: Sendable {
    private let store: ArtifactStore
    private let runs: RunStore
    private let models: LoggedModelStore

    package init(store: ArtifactStore, runs: RunStore, models: LoggedModelStore) {
        self.store = store
        self.runs = runs
        self.models = models
    }

    package func routes(into routes: inout Routes) {
        routes.mlflow.get("artifacts/list", .read("artifacts"), list)
        routes.mlflow.get("logged-models/{model_id}/artifacts/directories", .read("artifacts"), listOfModel)
        routes.mlflow.ajaxPost("upload-artifact", .write("artifacts"), upload)
        routes.get("/get-artifact", .read("artifacts"), download)
        routes.get("/ajax-api/2.0/mlflow/logged-models/{model_id}/artifacts/files", .read("artifacts"), downloadOfModel)
    }

    private func list(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let uri = try await runs.run(try fields.optionalString("run_id") ?? fields.string("run_uuid")).info.artifactURI
        return try await listing(of: uri, path: fields.optionalString("path") ?? "")
    }

    private func listOfModel(_ call: Call) async throws -> Reply {
        let uri = try await models.model(try call.path("model_id")).artifactURI
        return try await listing(of: uri, path: call.query("artifact_directory_path") ?? "")
    }

    /// Paths are relative to the root, as the client joins them to it.
    private func listing(of uri: String, path: String) async throws -> Reply {
        let root = try store.key(ofURI: uri)
        let folder = try root.appending(path)
        let files = try await store.blobs.list(folder).map { $0.json(path: folder.path(below: root, of: $0.name)) }
        return .json(.compact(["root_uri": .string(uri), "files": files.isEmpty ? nil : .array(files)]))
    }

    private func upload(_ call: Call) async throws -> Reply {
        let key = try store.key(ofURI: try await root(call)).appending(try Self.path(call.query("path")))
        try await store.blobs.put(key, call.stream)
        return .empty
    }

    private func download(_ call: Call) async throws -> Reply {
        try await ArtifactRoutes.download(
            Self.path(call.query("path")), below: root(call), from: store, to: call)
    }

    /// Where the files of the run are that the query names.
    private func root(_ call: Call) async throws -> String {
        guard let id = call.query("run_uuid") ?? call.query("run_id") else { throw FieldProblem.missing("run_uuid") }
        return try await runs.run(id).info.artifactURI
    }

    private func downloadOfModel(_ call: Call) async throws -> Reply {
        let uri = try await models.model(try call.path("model_id")).artifactURI
        return try await ArtifactRoutes.download(
            Self.path(call.query("artifact_file_path")), below: uri, from: store, to: call)
    }

    private static func path(_ text: String?) throws -> String {
        guard let text, !text.isEmpty else { throw FieldProblem.missing("path") }
        return text
    }
}

extension BlobKey {
    /// The path, relative to `root`, of what is called `name` in this folder.
    func path(below root: BlobKey, of name: String) -> String {
        let folder = path.dropFirst(root.path.count).drop { $0 == "/" }
        return folder.isEmpty ? name : "\(folder)/\(name)"
    }
}
