package import Incidents
package import Manifests
import Wire

/// What routes and pages ask about monitors: the manifests together with what has been seen.
package struct MonitorBoard: Sendable {
    package let manifests: ManifestStore
    package let store: MonitorStore
    package let references: ReferenceStore
    package let alerts: AlertStore
    package let windows: WindowStore
    package let desk: ReferenceDesk

    package init(
        manifests: ManifestStore, store: MonitorStore, references: ReferenceStore, alerts: AlertStore,
        windows: WindowStore, desk: ReferenceDesk
    ) {
        self.manifests = manifests
        self.store = store
        self.references = references
        self.alerts = alerts
        self.windows = windows
        self.desk = desk
    }

    /// All monitors whose manifests can be read, by name; of the others the log tells.
    /// - Parameter hasReferences: whether references are read, too, which are by far the largest part.
    package func statuses(hasReferences: Bool = false) async throws -> [MonitorStatus] {
        var statuses: [MonitorStatus] = []
        for monitor in try await Monitor.all(in: manifests) {
            statuses.append(try await status(of: monitor, hasReferences: hasReferences))
        }
        return statuses
    }

    /// - Throws: `ManifestError` 404 when there is none of this name.
    package func status(of name: String) async throws -> MonitorStatus {
        try await status(of: Monitor(manifests.manifest(kind: Monitor.kind.name, name: name)))
    }

    /// Lets go of files of rows that no monitor names and nothing was compared with.
    func dropLeftovers() async throws {
        let keys = try await Monitor.all(in: manifests).compactMap { monitor -> String? in
            if case .file(let key) = monitor.reference { key } else { nil }
        }
        try await references.dropLeftovers(besides: Set(keys))
    }

    private func status(of monitor: Monitor, hasReferences: Bool = true) async throws -> MonitorStatus {
        let progress = try await store.progress(of: monitor.name)
        // The newest that holds rows, not a stretch of the clock in which calls were counted.
        let last = try await store.lastWindowWithRows(of: monitor.name)
        var reference: Reference?
        var message: String?
        if monitor.reference.isMoving {
            // It is compared with windows, whatever the version was trained on.
            message = last?.findings.first { $0.code == "no_reference" }?.words
        } else if let model = progress.model, let version = progress.version, !hasReferences {
            message = try await references.failure(
                of: monitor.reference, endpoint: monitor.endpoint, model: model, version: version)
        } else if let model = progress.model, let version = progress.version {
            switch try await references.entry(
                monitor.reference, endpoint: monitor.endpoint, model: model, version: version)
            {
            case .made(let made): reference = made
            case .failed(let reason, _): message = reason
            case nil: break
            }
        }
        let open = try await alerts.alerts(state: .open, monitor: monitor.name, limit: 1).first
        return MonitorStatus(
            monitor: monitor, windows: progress.windows, lastWindow: last, reference: reference, openAlert: open,
            message: message)
    }
}
