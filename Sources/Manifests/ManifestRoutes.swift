import NIOCore
package import Web
import Wire

/// Applying manifests and reading them back.
package struct ManifestRoutes: Sendable {
    private let store: ManifestStore
    private let pageOf: @Sendable (_ subject: String) -> String?

    /// - Parameter pageOf: where people look at what a manifest declares; nil for what has no page.
    package init(store: ManifestStore, pageOf: @escaping @Sendable (_ subject: String) -> String? = { _ in nil }) {
        self.store = store
        self.pageOf = pageOf
    }

    package func routes(into routes: inout Routes) {
        routes.post("/api/v1/apply", .manage("manifests"), apply)
        routes.get("/api/v1/manifests/{kind}", .read("manifests"), list)
        routes.get("/api/v1/manifests/{kind}/{name}", .read("manifests"), get)
        routes.page("/manifests", .read("manifests"), listPage)
        routes.page("/manifests/{kind}/{name}", .read("manifests"), page)
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

    private func listPage(_ call: Call) async throws -> Web.Page {
        let kind = try call.query("kind").flatMap { $0.isEmpty ? nil : try store.kind(of: $0) }
        let manifests = try await store.applied(
            kind: kind, limit: ManifestPage.pageSize, offset: call.pageOffset() ?? 0)
        return ManifestPage(pageOf: pageOf, now: call.time, origin: call.origin)
            .list(manifests, kinds: store.kinds, kind: kind)
    }

    private func page(_ call: Call) async throws -> Web.Page {
        let applied = try await store.applied(kind: store.kind(of: call.path("kind")), name: call.path("name"))
        let changes = try await store.changes(of: applied, limit: 20)
        return ManifestPage(pageOf: pageOf, now: call.time, origin: call.origin).page(applied, changes: changes)
    }
}
