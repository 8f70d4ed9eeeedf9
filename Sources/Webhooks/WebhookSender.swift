package import Jobs
package import Outbound
package import Wire

/// Sends messages to webhooks, signed with their secrets.
package struct WebhookSender: Sendable {
    private let store: WebhookStore
    private let clock: WallClock
    private let client: OutboundClient

    /// - Parameter allowsPrivate: whether addresses of private networks, and plain http, are allowed.
    package init(store: WebhookStore, clock: WallClock, allowsPrivate: Bool) {
        self.store = store
        self.clock = clock
        client = OutboundClient(allowsPrivate: allowsPrivate, receiver: "webhook")
    }

    /// - Throws: `FieldProblem` or `OutboundError` for an address that deliveries must not go to.
    func check(_ url: String) async throws {
        try await client.check(url)
    }

    /// - Throws: what kept the message from being sent or the answer from coming.
    func send(_ body: String, id: String, to webhook: Webhook) async throws -> OutboundAnswer {
        let time = String(clock.now.milliseconds / 1000)
        var headers = [(name: "X-MLflow-Delivery-Id", value: id), (name: "X-MLflow-Timestamp", value: time)]
        if let secret = try await store.secret(of: webhook.id) {
            let signature = MessageSignature.signature(of: body, id: id, time: time, secret: secret)
            headers.append((name: "X-MLflow-Signature", value: signature))
        }
        return try await client.post(body, headers: headers, to: webhook.url)
    }
}

extension WebhookSender {
    /// Delivers what is owed. An answer of 429 or 5xx, and none, is a reason to try again; any other ends it.
    package var handler: JobHandler {
        JobHandler(kind: WebhookDelivery.jobKind, maximumAttempts: WebhookDelivery.maximumAttempts) { [self] job in
            let delivery = try WebhookDelivery(job.payload)
            guard let webhook = try? await store.webhook(delivery.webhook), webhook.status == .active else {
                return ["skipped": true]
            }
            let answer = try await send(delivery.body, id: delivery.id, to: webhook)
            guard !answer.mayBeTriedAgain else {
                throw WebhookError(.unavailable, "The webhook '\(webhook.name)' answered with \(answer.status).")
            }
            return ["status": .integer(Int64(answer.status))]
        }
    }
}
