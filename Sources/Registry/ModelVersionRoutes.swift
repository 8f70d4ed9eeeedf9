package import Artifacts
import Tracking
package import Web
import Wire

/// Versions of registered models in MLflow's REST API.
package struct ModelVersionRoutes: Sendable {
    private let versions: ModelVersionStore
    private let artifacts: ArtifactStore

    package init(versions: ModelVersionStore, artifacts: ArtifactStore) {
        self.versions = versions
        self.artifacts = artifacts
    }

    package func routes(into routes: inout Routes) {
        routes.mlflow.post("model-versions/create", .write("models"), create)
        routes.mlflow.get("model-versions/get", .read("models"), get)
        routes.mlflow.get("model-versions/search", .read("models"), search)
        routes.mlflow.get("model-versions/get-download-uri", .read("models"), downloadURI)
        routes.mlflow.patch("model-versions/update", .write("models"), update)
        routes.mlflow.post("model-versions/transition-stage", .write("models"), transition)
        routes.mlflow.delete("model-versions/delete", .write("models"), delete)
        routes.get("/model-versions/get-artifact", .read("artifacts"), download)
        routes.mlflow.post("model-versions/set-tag", .write("models"), setTag)
        routes.mlflow.delete("model-versions/delete-tag", .write("models"), deleteTag)
    }

    private func create(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let new = NewModelVersion(
            name: try fields.string("name"), source: try fields.string("source"),
            runID: try fields.optionalString("run_id") ?? "", runLink: try fields.optionalString("run_link") ?? "",
            description: try fields.optionalString("description") ?? "",
            modelID: try fields.optionalString("model_id") ?? "", tags: try fields.tags("tags"))
        return Self.reply(try await versions.create(new, by: call.principal.name))
    }

    private func get(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        return Self.reply(try await versions.version(try fields.version(), of: try fields.string("name")))
    }

    /// A file of a version, for pages.
    private func download(_ call: Call) async throws -> Reply {
        let fields = try call.queryFields()
        let version = try await versions.version(try fields.version(), of: try fields.string("name"))
        return try await ArtifactRoutes.download(
            try fields.string("path"), below: version.storageURI, from: artifacts, to: call)
    }

    private func search(_ call: Call) async throws -> Reply {
        let fields = try await call.fields(lists: ["order_by"])
        let query = try fields.registryQuery(.modelVersions, defaultLimit: 200_000, maximumLimit: 200_000)
        return .json(try await versions.search(query).json("model_versions") { $0.json(withAliases: false) })
    }

    private func downloadURI(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let version = try await versions.version(try fields.version(), of: try fields.string("name"))
        return .json(["artifact_uri": .string(version.storageURI)])
    }

    private func update(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        return Self.reply(
            try await versions.describe(
                try fields.version(), of: try fields.string("name"),
                as: try fields.optionalString("description") ?? "", by: call.principal.name))
    }

    private func transition(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        return Self.reply(
            try await versions.move(
                try fields.version(), of: try fields.string("name"),
                to: try ModelStage(named: try fields.string("stage")),
                archivingOthers: try fields.optionalBool("archive_existing_versions") ?? false, by: call.principal.name)
        )
    }

    private func delete(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        try await versions.delete(try fields.version(), of: try fields.string("name"), by: call.principal.name)
        return .empty
    }

    private func setTag(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let tag = Tag(key: try fields.string("key"), value: try fields.optionalString("value") ?? "")
        try await versions.set(tag, of: try fields.version(), of: try fields.string("name"), by: call.principal.name)
        return .empty
    }

    private func deleteTag(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        try await versions.deleteTag(
            try fields.string("key"), of: try fields.version(), of: try fields.string("name"), by: call.principal.name)
        return .empty
    }

    private static func reply(_ version: ModelVersion) -> Reply {
        .json(["model_version": version.json])
    }
}
