import Jobs
import Wire

/// A message on its way to one webhook. Attempts have one id, so that a receiver knows a repetition.
struct WebhookDelivery: Sendable, Hashable {
    let id: String
    let webhook: String
    let body: String

    static let jobKind = "webhook-delivery"
    /// One, and three more.
    static let maximumAttempts = 4

    init(id: String, webhook: String, body: String) {
        self.id = id
        self.webhook = webhook
        self.body = body
    }

    /// - Throws: `FieldProblem` for a payload that is none.
    init(_ payload: JSON) throws {
        let fields = try Fields(payload)
        id = try fields.string("delivery_id")
        webhook = try fields.string("webhook_id")
        body = try fields.string("body")
    }

    var json: JSON { ["delivery_id": .string(id), "webhook_id": .string(webhook), "body": .string(body)] }
}
