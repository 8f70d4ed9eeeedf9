package import Database
package import Manifests
package import Wire

/// Which endpoints were given a monitor, or had one: each once, so that a monitor that is deleted stays so. And hence which
/// endpoints are to be given one.
package struct TemplateStore: Sendable {
    private let database: Database
    private let manifests: ManifestStore
    private let made: MonitorManifests

    static let endpointKind = "Endpoint"

    package init(database: Database, manifests: ManifestStore) {
        self.database = database
        self.manifests = manifests
        made = MonitorManifests(manifests)
    }

    // MARK: Monitors

    /// The manifests of monitors.
    func monitorManifests() async throws -> [MonitorManifests.Entry] {
        try await made.all()
    }

    /// The monitors that predictions are counted for: those that have a manifest, and those that endpoints are to be given. A
    /// monitor that an endpoint gets by itself is here as soon as the endpoint is, so that it counts from the first request on,
    /// however long it takes until it is made. A manifest that cannot be read, because an earlier version took more, is left out.
    package func monitors() async throws -> [Monitor] {
        try await database.read { reader in
            let monitors = try documents(in: reader).compactMap { try? $0.monitor.get() }
            return monitors + (try unmade(in: reader).map { try MonitorTemplate($0).monitor })
        }
    }

    private func documents(in reader: Reader) throws -> [MonitorManifests.Entry] {
        made.entries(try manifests.documents(kind: Monitor.kind.name, in: reader))
    }

    /// Whether a monitor is among these, or has a manifest that cannot be read: what is counted for it must stay.
    func isWanted(_ monitor: String, in reader: Reader) throws -> Bool {
        try manifests.names(kind: Monitor.kind.name, in: reader).contains(monitor)
            || unmade(in: reader).contains { $0.name == monitor }
    }

    /// The endpoints that are to be given a monitor: nobody has looked at them yet, no monitor watches them, and none has their
    /// name.
    func unmade() async throws -> [Manifest] {
        try await database.read { try unmade(in: $0) }
    }

    private func unmade(in reader: Reader) throws -> [Manifest] {
        let seen = Set(try reader.values("SELECT endpoint FROM monitor_templates", as: String.self))
        // Nearly always all were seen.
        guard try manifests.names(kind: Self.endpointKind, in: reader).contains(where: { !seen.contains($0) }) else {
            return []
        }
        let unseen = try manifests.all(kind: Self.endpointKind, in: reader).filter { !seen.contains($0.name) }
        let monitors = try documents(in: reader)
        let taken = Set(monitors.map(\.name)).union(monitors.compactMap { try? $0.monitor.get().endpoint })
        return unseen.filter { !taken.contains($0.name) }
    }

    // MARK: Endpoints

    /// Notes that an endpoint was looked at once there is no monitor to be made for it, and forgets those that are no more.
    func settle(at now: Timestamp) async throws {
        try await database.write { transaction in
            let endpoints = Set(try manifests.all(kind: Self.endpointKind, in: transaction).map(\.name))
            let seen = Set(try transaction.values("SELECT endpoint FROM monitor_templates", as: String.self))
            for new in endpoints.subtracting(seen).subtracting(try unmade(in: transaction).map(\.name)) {
                try transaction.execute("INSERT INTO monitor_templates (endpoint, made_at) VALUES (\(new), \(now))")
            }
            for gone in seen.subtracting(endpoints) {
                try transaction.execute("DELETE FROM monitor_templates WHERE endpoint = \(gone)")
            }
        }
    }
}
