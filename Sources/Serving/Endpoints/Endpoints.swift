import Blobs
package import Events
package import Logging
package import Manifests
package import Registry
package import Runtimes
import ServiceLifecycle
import Synchronization
package import Wire

/// Finds the version that a reference means at this moment, and its files.
package struct VersionFinder: Sendable {
    private let find: @Sendable (ModelReference) async throws -> ServedVersion

    package init(_ find: @escaping @Sendable (ModelReference) async throws -> ServedVersion) {
        self.find = find
    }

    func find(_ source: EndpointManifest.Source) async throws -> ServedVersion {
        switch source {
        case .registered(let reference): try await find(reference)
        case .remote(let remote): ServedVersion(model: remote.model ?? remote.url, version: 0, folder: nil)
        }
    }
}

/// Makes what runs a model.
package struct ModelLoader: Sendable {
    /// Loads a model folder.
    let load: @Sendable (_ folder: String, ModelRole, RuntimeSettings) async throws -> any ModelRuntime
    /// Connects to a model that another server runs.
    let connect: @Sendable (RemoteModel) async throws -> any ModelRuntime

    package init(
        load: @escaping @Sendable (_ folder: String, ModelRole, RuntimeSettings) async throws -> any ModelRuntime,
        connect: @escaping @Sendable (RemoteModel) async throws -> any ModelRuntime
    ) {
        self.load = load
        self.connect = connect
    }

    /// Makes what runs a version.
    func make(
        _ version: ServedVersion, _ source: EndpointManifest.Source, _ settings: RuntimeSettings, for endpoint: String
    ) async throws -> any ModelRuntime {
        let role = ModelRole(version: "\(version.model)/\(version.version)", endpoint: endpoint)
        switch source {
        case .registered: return try await load(version.folder?.path ?? "", role, settings)
        case .remote(let remote): return try await connect(remote)
        }
    }
}

/// All endpoints, each kept what its manifest and the registry say.
///
/// A change is noticed in the event log. A new version is loaded beside the one that answers; when it is ready requests
/// go to it, and the old one is ended once its last request is done.
package final class Endpoints: Service {
    private let manifests: ManifestStore
    private let events: EventLog
    private let versions: VersionFinder
    private let loader: ModelLoader
    private let rollouts: RolloutStore
    private let shares: ShareStore
    private let shadows: ShadowStore
    private let experiments: ExperimentWatch
    private let entropy: Entropy
    private let clock: WallClock
    private let control: RolloutControl
    private let logger: Logger
    private let live = Mutex<[String: LiveEndpoint]>([:])

    package init(
        manifests: ManifestStore, events: EventLog, versions: VersionFinder, loader: ModelLoader,
        rollouts: RolloutStore, shares: ShareStore, shadows: ShadowStore, experiments: ExperimentWatch,
        clock: WallClock, entropy: Entropy,
        logger: Logger
    ) {
        self.manifests = manifests
        self.events = events
        self.versions = versions
        self.loader = loader
        self.rollouts = rollouts
        self.shares = shares
        self.shadows = shadows
        self.experiments = experiments
        self.entropy = entropy
        self.clock = clock
        control = RolloutControl(rollouts: rollouts, clock: clock, logger: logger)
        self.logger = logger
    }

    // MARK: Asking

    /// The endpoint that takes requests under `name`.
    /// - Throws: `ServingError` 404 when there is none.
    func endpoint(_ name: String) async throws -> LiveEndpoint {
        if let endpoint = live.withLock({ $0[name] }) { return endpoint }
        // Applied so recently that it has not been taken up yet, or not to be taken up at all.
        let manifest = try await manifests.manifest(kind: EndpointManifest.kind.name, name: name)
        if let problem = Self.problem(of: manifest) {
            throw ServingError(.unavailable, "The endpoint '\(name)' has failed. \(problem)", retryAfterSeconds: 30)
        }
        throw ServingError(.unavailable, "The endpoint '\(name)' is being set up.", retryAfterSeconds: 1)
    }

    /// The endpoint there is, when it is the only one.
    func only() throws -> LiveEndpoint {
        let all = live.withLock { Array($0.values) }
        guard let endpoint = all.first, all.count == 1 else {
            throw ServingError(
                .doesNotExist, "There are \(all.count) endpoints; only one alone can be called without its name.",
                hint: "POST to /endpoints/NAME/invocations.")
        }
        return endpoint
    }

    /// All endpoints that are declared, by name.
    package func all() async throws -> [Endpoint] {
        var reports: [Endpoint] = []
        for manifest in try await manifests.all(kind: EndpointManifest.kind.name) {
            reports.append(try await report(manifest))
        }
        return reports
    }

    /// - Throws: `ManifestError` 404 when none is declared under this name.
    package func get(_ name: String) async throws -> Endpoint {
        try await report(try await manifests.manifest(kind: EndpointManifest.kind.name, name: name))
    }

    /// How many requests wait for their turn, by endpoint.
    var waiting: [String: Int] {
        live.withLock { $0 }.mapValues(\.waiting)
    }

    /// Whether an endpoint's experiment is decided, and one variant answers for all.
    func isDecided(_ name: String) -> Bool {
        live.withLock { $0[name] }?.isDecided ?? false
    }

    /// The last hour of an endpoint.
    package func traffic(of name: String, now: Timestamp) -> EndpointTraffic.Summary? {
        live.withLock { $0[name] }?.traffic.summary(now: now)
    }

    /// The last hour of each version that answers for an endpoint, told by its variant.
    func trafficByVariant(of name: String, now: Timestamp) -> [(variant: String, traffic: EndpointTraffic.Summary)] {
        guard let endpoint = live.withLock({ $0[name] }) else { return [] }
        return endpoint.manifest.variants.flatMap { variant in
            let live = endpoint.variant(variant.name)
            let tried = live.candidate.map { ("\(variant.name), tried out", $0.deployment.traffic.summary(now: now)) }
            return [live.stable.map { (variant.name, $0.traffic.summary(now: now)) }, tried].compactMap(\.self)
        }
    }

    private func report(_ manifest: Manifest) async throws -> Endpoint {
        if let endpoint = live.withLock({ $0[manifest.name] }) { return await endpoint.report() }
        let problem = Self.problem(of: manifest)
        return Endpoint(
            name: manifest.name, team: manifest.team, state: problem == nil ? .loading : .failed, message: problem,
            manifest: manifest.json)
    }

    /// Why a manifest that is in force cannot be followed; nil when it can. An earlier version may have taken more.
    private static func problem(of manifest: Manifest) -> String? {
        do {
            _ = try EndpointManifest(manifest)
            return nil
        } catch {
            return "Its manifest cannot be read: \(error)"
        }
    }

    // MARK: Keeping

    /// Deploys what is declared and follows changes until the server shuts down.
    package func run() async throws {
        let head = try await events.head()
        let declared = try await manifests.all(kind: EndpointManifest.kind.name)
        await withDiscardingTaskGroup { tasks in
            for manifest in declared {
                if let endpoint = takeUp(manifest) { tasks.addTask { await self.keeper(of: endpoint).run() } }
            }
            await follow(after: head) { event in
                if let endpoint = try await react(to: event) { tasks.addTask { await self.keeper(of: endpoint).run() } }
            }
            tasks.cancelAll()
        }
        let last = live.withLock { live in
            defer { live = [:] }
            return Array(live.values)
        }
        for endpoint in last {
            for deployment in endpoint.clear() { await deployment.retire() }
        }
    }

    private func keeper(of endpoint: LiveEndpoint) -> EndpointKeeper {
        EndpointKeeper(
            endpoint: endpoint, versions: versions,
            loads: ModelLoads(loader, endpoint: endpoint.name) { endpoint.wake() }, rollouts: rollouts,
            shares: shares,
            shadows: shadows, experiments: experiments, entropy: entropy, clock: clock, control: control, logger: logger
        )
    }

    /// Gives every change to `body` until the server shuts down. A database that cannot be read for a while ends neither
    /// the server nor what it serves.
    private func follow(after head: Int64, _ body: (Event) async throws -> Void) async {
        var cursor = head
        await EventFeed.persistently {
            for try await event in events.follow(after: cursor).cancelOnGracefulShutdown() {
                try await body(event)
                cursor = event.sequence
            }
        } onFailure: { reason in
            logger.error("Changes of endpoints and models cannot be followed for now: \(reason)")
        }
    }

    /// - Returns: an endpoint that is new.
    private func react(to event: Event) async throws -> LiveEndpoint? {
        let subject = event.subject.split(separator: "/").map(String.init)
        guard subject.count >= 2 else { return nil }
        switch subject[0] {
        case EndpointManifest.kind.plural:
            let all = try await manifests.all(kind: EndpointManifest.kind.name)
            guard let manifest = all.first(where: { $0.name == subject[1] }) else {
                live.withLock { $0.removeValue(forKey: subject[1]) }?.end()
                return nil
            }
            return takeUp(manifest)
        case "models":
            // A model that is renamed is no longer there under its old name, and there under the new one.
            let names = [subject[1], event.data["to"]?.stringValue]
            for endpoint in live.withLock({ Array($0.values) })
            where endpoint.manifest.sources.contains(where: { names.contains($0.modelName) }) {
                endpoint.wake()
            }
            return nil
        default: return nil
        }
    }

    /// - Returns: the endpoint when it is new.
    private func takeUp(_ document: Manifest) -> LiveEndpoint? {
        let manifest: EndpointManifest
        do {
            manifest = try EndpointManifest(document)
        } catch {
            logger.error("The endpoint \(document.name) is left alone: \(error)")
            return nil
        }
        return live.withLock { live in
            if let known = live[manifest.name] {
                known.update(manifest: manifest, document: document.json)
                return nil
            }
            let endpoint = LiveEndpoint(manifest: manifest, document: document.json)
            live[manifest.name] = endpoint
            return endpoint
        }
    }
}
