package import Events
package import Logging
package import Manifests
import ServiceLifecycle
package import Wire

/// Gives every endpoint a monitor when it is deployed, unless one watches it already. A monitor that is deleted stays
/// deleted; of an endpoint that is deleted and comes back it is made again.
package struct AutomaticMonitors: Service {
    private let manifests: ManifestStore
    private let events: EventLog
    private let store: TemplateStore
    private let facts: @Sendable (_ endpoint: Manifest) async throws -> (facts: ModelFacts, reference: Reference?)?
    private let clock: WallClock
    private let logger: Logger

    /// Who acts in the events of these monitors.
    static let actor = "martlet"

    /// - Parameter facts: what is known of the model that an endpoint's manifest names first; nil while it is not there.
    package init(
        manifests: ManifestStore, events: EventLog, store: TemplateStore, clock: WallClock, logger: Logger,
        facts: @escaping @Sendable (_ endpoint: Manifest) async throws -> (facts: ModelFacts, reference: Reference?)?
    ) {
        self.manifests = manifests
        self.events = events
        self.store = store
        self.facts = facts
        self.clock = clock
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await EventFeed.persistently(follow) { reason in
                logger.warning("Endpoints get no monitors by themselves for now: \(reason)")
            }
        }
    }

    private func follow() async throws {
        // What changed while nobody looked is seen to first; it is the state that counts, not what led to it.
        let feed = events.follow(after: try await events.head())
        try await pass()
        for try await event in feed where event.kind.hasPrefix("endpoint.") { try await pass() }
    }

    /// Sees to the endpoints as they are now.
    package func pass() async throws {
        for endpoint in try await store.unmade() { try await make(endpoint) }
        try await store.settle(at: clock.now)
    }

    private func make(_ endpoint: Manifest) async throws {
        // A model that cannot be looked at is watched all the same.
        let known = try? await facts(endpoint)
        let task = known?.facts.task(reference: known?.reference)
        let template = MonitorTemplate(endpoint, task: task)
        // Somebody may have applied one of the same name meanwhile.
        _ = try await manifests.apply(yaml: template.yaml, by: Self.actor, keepsExisting: true)
    }
}
