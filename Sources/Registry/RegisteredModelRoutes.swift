import Tracking
package import Web
import Wire

/// Registered models in MLflow's REST API.
package struct RegisteredModelRoutes: Sendable {
    private let models: RegisteredModelStore
    private let versions: ModelVersionStore

    package init(models: RegisteredModelStore, versions: ModelVersionStore) {
        self.models = models
        self.versions = versions
    }

    package func routes(into routes: inout Routes) {
        routes.mlflow.post("registered-models/create", .write("models"), create)
        routes.mlflow.get("registered-models/get", .read("models"), get)
        routes.mlflow.get("registered-models/search", .read("models"), search)
        routes.mlflow.patch("registered-models/update", .write("models"), update)
        routes.mlflow.post("registered-models/rename", .write("models"), rename)
        routes.mlflow.delete("registered-models/delete", .write("models"), delete)
        routes.mlflow.post("registered-models/set-tag", .write("models"), setTag)
        routes.mlflow.delete("registered-models/delete-tag", .write("models"), deleteTag)
        routes.mlflow.post("registered-models/get-latest-versions", .read("models"), latestVersions)
        routes.mlflow.get("registered-models/get-latest-versions", .read("models"), latestVersions)
        routes.mlflow.post("registered-models/alias", .write("models"), setAlias)
        routes.mlflow.get("registered-models/alias", .read("models"), alias)
        routes.mlflow.delete("registered-models/alias", .write("models"), deleteAlias)
    }

    private func create(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let model = try await models.create(
            name: try fields.string("name"), description: try fields.optionalString("description") ?? "",
            tags: try fields.tags("tags"), by: call.principal.name)
        return .json(["registered_model": model.json])
    }

    private func get(_ call: Call) async throws -> Reply {
        let name = try await call.fields().string("name")
        return .json(["registered_model": try await models.model(named: name).json])
    }

    private func search(_ call: Call) async throws -> Reply {
        let fields = try await call.fields(lists: ["order_by"])
        let query = try fields.registryQuery(.registeredModels, defaultLimit: 100, maximumLimit: 1000)
        return .json(try await models.search(query).json("registered_models", \.json))
    }

    private func update(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let model = try await models.describe(
            try fields.string("name"), as: try fields.optionalString("description") ?? "", by: call.principal.name)
        return .json(["registered_model": model.json])
    }

    private func rename(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let model = try await models.rename(
            try fields.string("name"), to: try fields.string("new_name"), by: call.principal.name)
        return .json(["registered_model": model.json])
    }

    private func delete(_ call: Call) async throws -> Reply {
        try await models.delete(try await call.fields().string("name"), by: call.principal.name)
        return .empty
    }

    private func setTag(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let tag = Tag(key: try fields.string("key"), value: try fields.optionalString("value") ?? "")
        try await models.set(tag, of: try fields.string("name"), by: call.principal.name)
        return .empty
    }

    private func deleteTag(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        try await models.deleteTag(
            try fields.string("key"), of: try fields.string("name"), by: call.principal.name)
        return .empty
    }

    private func latestVersions(_ call: Call) async throws -> Reply {
        let fields = try await call.fields(lists: ["stages"])
        let latest = try await versions.latest(of: fields.string("name"), stages: fields.strings("stages"))
        return .json(latest.isEmpty ? [:] : ["model_versions": .array(latest.map(\.json))])
    }

    private func setAlias(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        try await models.setAlias(
            try fields.string("alias"), of: try fields.string("name"), to: try fields.version(),
            by: call.principal.name)
        return .empty
    }

    private func alias(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let version = try await versions.version(alias: try fields.string("alias"), of: try fields.string("name"))
        return .json(["model_version": version.json])
    }

    private func deleteAlias(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        try await models.deleteAlias(
            try fields.string("alias"), of: try fields.string("name"), by: call.principal.name)
        return .empty
    }
}
