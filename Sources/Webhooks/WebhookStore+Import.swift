import Database
package import Tracking
package import Wire

extension WebhookStore {
    /// Brings in webhooks of another server under their ids, in one transaction. They arrive switched off: their secrets
    /// are told by no server, and until the old server is off, both would deliver. Doing it again changes nothing.
    package func adopt(_ webhooks: [Webhook], by actor: String) async throws -> [ImportOutcome] {
        try await database.write { transaction in
            try webhooks.map { try adopt($0, by: actor, in: transaction) }
        }
    }

    private func adopt(_ wanted: Webhook, by actor: String, in transaction: Transaction) throws -> ImportOutcome {
        let isHere = try transaction.row("SELECT 1 FROM webhooks WHERE webhook_id = \(wanted.id)") != nil
        guard isHere else {
            try append("webhook.imported", wanted, by: actor, in: transaction)
            try Self.insert(wanted, sealedSecret: nil, in: transaction)
            return ImportOutcome(id: wanted.id, effect: .created)
        }
        let here = try transaction.webhook(wanted.id)
        let facts = [
            ("its name", here.name, wanted.name), ("its URL", here.url, wanted.url),
            ("its description", here.description ?? "", wanted.description ?? ""),
            ("what it is told of", here.events.text, wanted.events.text),
        ]
        return ImportOutcome(
            id: wanted.id, differences: facts.compactMap { ImportOutcome.difference($0, here: $1, there: $2) })
    }
}

extension [WebhookEvent] {
    fileprivate var text: String { map(\.rawValue).sorted().joined(separator: ", ") }
}

extension Fields {
    /// A webhook in the form of MLflow's REST API, switched off.
    package func importedWebhook() throws -> Webhook {
        Webhook(
            id: try string("webhook_id"), name: try string("name"), description: try optionalString("description"),
            url: try string("url"), events: try webhookEvents(), status: .disabled,
            creationTime: try moment("creation_timestamp"), lastUpdateTime: try moment("last_updated_timestamp"))
    }
}
