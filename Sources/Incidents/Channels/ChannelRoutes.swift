package import Manifests
package import Web
package import Wire

/// The channels, and whether they work.
package struct ChannelRoutes: Sendable {
    private let manifests: ManifestStore
    private let incidents: IncidentStore
    private let courier: Courier
    private let entropy: Entropy

    package init(manifests: ManifestStore, incidents: IncidentStore, courier: Courier, entropy: Entropy) {
        self.manifests = manifests
        self.incidents = incidents
        self.courier = courier
        self.entropy = entropy
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/channels", .read("channels")) { _ in
            .json(["channels": .array(try await statuses().map(\.json))])
        }
        routes.post("/api/v1/channels/{name}/test", .manage("channels")) { call in
            .json(try await test(call))
        }
        routes.delete("/api/v1/channels/{name}", .manage("channels")) { call in
            try await manifests.delete(
                kind: Channel.kind.name, name: try call.path("name"), by: call.principal.name)
            return .empty
        }
        routes.page("/channels", .read("channels")) { call in
            ChannelPage.list(try await statuses(), now: call.time, origin: call.origin)
        }
    }

    /// Sends an example at once, and says how it went.
    private func test(_ call: Call) async throws -> JSON {
        let name = try call.path("name")
        _ = try await manifests.manifest(kind: Channel.kind.name, name: name)
        do {
            try await courier.test(name, delivery: "test-" + entropy.hexID())
            return ["success": true]
        } catch let error where !(error is CancellationError) {
            return ["success": false, "failure": .string((error as? any Problem)?.description ?? "\(error)")]
        }
    }

    private func statuses() async throws -> [ChannelStatus] {
        let latest = try await incidents.latestTellings()
        return try await manifests.all(kind: Channel.kind.name).map { manifest in
            let channel = try? Channel(manifest)
            return ChannelStatus(name: manifest.name, kind: channel?.kindName ?? "?", latest: latest[manifest.name])
        }
    }
}

/// A channel and what came of it last.
struct ChannelStatus: Sendable {
    let name: String
    let kind: String
    let latest: Telling?
}

extension ChannelStatus: JSONRepresentable {
    var json: JSON {
        .compact([
            "name": .string(name), "kind": .string(kind), "told": latest?.toldAt?.json,
            "failure": latest?.failure.map(JSON.string), "failed": latest?.failedAt?.json,
            "incident_id": latest.map { .string($0.incidentID) },
        ])
    }
}
