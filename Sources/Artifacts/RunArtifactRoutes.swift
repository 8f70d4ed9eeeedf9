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
        routes.mlflow.post("artifacts/presigned-upload-url", .write("artifacts"), linkForUpload)
        routes.mlflow.post("artifacts/presigned-download-url", .read("artifacts"), linkForDownload)
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

    private func linkForUpload(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let run = try fields.optionalString("run_id") ?? ""
        let model = try fields.optionalString("model_id") ?? ""
        guard run.isEmpty != model.isEmpty else {
            throw ArtifactError(.invalidParameterValue, "Exactly one of run_id and model_id must be provided.")
        }
        _ = try BlobKey(try fields.string("path"))
        let uri =
            run.isEmpty ? try await models.model(model).artifactURI : try await runs.run(run).info.artifactURI
        throw Self.refusal(of: "upload", to: uri)
    }

    private func linkForDownload(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let run = try fields.string("run_id")
        _ = try BlobKey(try fields.string("path"))
        let seconds = try fields.optionalInteger("expiration") ?? 300
        guard (1...Int64(BlobLinks.maximumSeconds)).contains(seconds) else {
            throw ArtifactError(
                .invalidParameterValue,
                "expiration must be between 1 and \(BlobLinks.maximumSeconds) seconds (got \(seconds)).")
        }
        throw Self.refusal(of: "download", to: try await runs.run(run).info.artifactURI)
    }

    /// Links of this kind are for clients that reach a bucket without this server; its own files have links at
    /// `mlflow-artifacts/presigned`.
    private static func refusal(of direction: String, to uri: String) -> ArtifactError {
        let scheme = uri.prefix { $0 != ":" }
        guard ["mlflow-artifacts", "http", "https"].contains(scheme) else {
            return ArtifactError(
                .notImplemented,
                "Presigned \(direction) is not supported for the current artifact repository, which is '\(uri)'.")
        }
        return ArtifactError(
            .invalidParameterValue,
            "Presigned \(direction) is not supported for proxied artifact storage (artifact URI scheme: \(scheme)).",
            hint: "This endpoint requires a direct cloud storage artifact URI.")
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
