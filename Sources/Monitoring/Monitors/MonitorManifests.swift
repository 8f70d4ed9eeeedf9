package import Manifests
import Synchronization
import Wire

/// The monitors that have a manifest, for whoever looks at all of them every few seconds: what a document says is worked out once
/// for as long as it stays the same.
package final class MonitorManifests: Sendable {
    /// What a manifest says; a failure where it cannot be read, because an earlier version took more.
    package typealias Entry = (name: String, monitor: Result<Monitor, any Error>)

    private let manifests: ManifestStore
    private let known = Mutex<[String: (document: String, monitor: Result<Monitor, any Error>)]>([:])

    package init(_ manifests: ManifestStore) {
        self.manifests = manifests
    }

    package func all() async throws -> [Entry] {
        entries(try await manifests.documents(kind: Monitor.kind.name))
    }

    /// What documents say.
    package func entries(_ documents: [(name: String, document: String)]) -> [Entry] {
        known.withLock { known in
            if known.count > 2 * documents.count { known = [:] }
            return documents.map { name, document in
                if let entry = known[name], entry.document == document { return (name, entry.monitor) }
                let monitor = Result { try Monitor(Manifest(json: JSON.parse(document))) }
                known[name] = (document, monitor)
                return (name, monitor)
            }
        }
    }
}
