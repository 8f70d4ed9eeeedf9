package import Manifests
import OrderedCollections
package import Web
package import Wire

/// Endpoints as they are.
package struct EndpointRoutes: Sendable {
    private let endpoints: Endpoints
    private let manifests: ManifestStore
    private let clock: WallClock

    package init(endpoints: Endpoints, manifests: ManifestStore, clock: WallClock) {
        self.endpoints = endpoints
        self.manifests = manifests
        self.clock = clock
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/endpoints", .read("endpoints"), list)
        routes.get("/api/v1/endpoints/{name}", .read("endpoints"), get)
        routes.delete("/api/v1/endpoints/{name}", .manage("endpoints"), delete)
    }

    private func list(_ call: Call) async throws -> Reply {
        .json(["endpoints": .array(try await endpoints.all().map(\.json))])
    }

    /// The endpoint, and its last hour.
    private func get(_ call: Call) async throws -> Reply {
        let endpoint = try await endpoints.get(try call.path("name"))
        var members = endpoint.json.objectValue ?? [:]
        members["traffic"] = endpoints.traffic(of: endpoint.name, now: clock.now)?.json
        return .json(.object(members))
    }

    private func delete(_ call: Call) async throws -> Reply {
        try await manifests.delete(
            kind: EndpointManifest.kind.name, name: try call.path("name"), by: call.principal.name)
        return .empty
    }
}
