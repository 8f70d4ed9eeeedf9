import NIOCore
package import Web
import Wire

/// Applying manifests and reading them back.
package struct ManifestRoutes: Sendable {
    private let store: ManifestStore

    package init(store: ManifestStore) {
        self.store = store
    }

    package func routes(into routes: inout Routes) {
        routes.post("/api/v1/apply", .manage("manifests"), apply)
        routes.get("/api/v1/manifests/{kind}", .read("manifests"), list)
        routes.get("/api/v1/manifests/{kind}/{name}", .read("manifests"), get)
    }

    /// The body is YAML; the media type must say so, which also keeps forms of foreign pages out.
    private func apply(_ call: Call) async throws -> Reply {
        try call.requireContentType("application/yaml")
        let body = try await call.body(limit: 1 << 20)
        guard let yaml = String(validating: body.readableBytesView, as: UTF8.self) else {
            throw ManifestError(.invalidParameterValue, "The manifest is not UTF-8 text.")
        }
        let outcomes = try await store.apply(yaml: yaml, by: call.principal.name)
        return .json(["results": .array(outcomes.map(\.json))])
    }

    private func list(_ call: Call) async throws -> Reply {
        let manifests = try await store.all(kind: try store.kind(of: try call.path("kind")).name)
        return .json(["manifests": .array(manifests.map(\.json))])
    }

    private func get(_ call: Call) async throws -> Reply {
        .json(
            try await store.manifest(kind: try store.kind(of: try call.path("kind")).name, name: try call.path("name")))
    }
}
