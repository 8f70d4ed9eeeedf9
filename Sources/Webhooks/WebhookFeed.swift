package import Events
package import Logging
package import Registry
import ServiceLifecycle
import Wire

/// Reads the log of events and owes each message to the webhooks that want it, until the server shuts down. It goes on
/// where it was, so that nothing is left out and nothing is owed twice.
package struct WebhookFeed: Service {
    private let store: WebhookStore
    private let events: EventLog
    private let messages: WebhookMessages
    private let logger: Logger

    /// After so many events that are of no interest it is noted how far the log was read.
    private static let stride: Int64 = 1000

    package init(
        store: WebhookStore, events: EventLog, models: RegisteredModelStore, versions: ModelVersionStore,
        logger: Logger
    ) {
        self.store = store
        self.events = events
        messages = WebhookMessages(models: models, versions: versions)
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await EventFeed.persistently(follow) { reason in
                logger.warning("Webhooks are not told of changes for now: \(reason)")
            }
        }
    }

    private func follow() async throws {
        var noted = try await store.cursor()
        for try await event in events.follow(after: noted) {
            let message = try await messages.message(of: event)
            guard message != nil || event.sequence - noted >= Self.stride else { continue }
            try await store.advance(to: event.sequence, owing: message)
            noted = event.sequence
        }
    }
}
