import Outbound
import Tracking
package import Web
package import Wire

/// MLflow's REST API of webhooks.
package struct WebhookRoutes: Sendable {
    private let store: WebhookStore
    private let sender: WebhookSender
    private let entropy: Entropy

    package init(store: WebhookStore, sender: WebhookSender, entropy: Entropy) {
        self.store = store
        self.sender = sender
        self.entropy = entropy
    }

    package func routes(into routes: inout Routes) {
        routes.mlflow.post("webhooks", .manage("webhooks"), create)
        routes.mlflow.get("webhooks", .manage("webhooks"), list)
        routes.mlflow.get("webhooks/{webhook_id}", .manage("webhooks"), get)
        routes.mlflow.patch("webhooks/{webhook_id}", .manage("webhooks"), change)
        routes.mlflow.delete("webhooks/{webhook_id}", .manage("webhooks"), delete)
        routes.mlflow.post("webhooks/{webhook_id}/test", .manage("webhooks"), test)
        pages(into: &routes)
    }

    private func pages(into routes: inout Routes) {
        routes.page("/webhooks", .manage("webhooks"), listPage)
        routes.page("/webhooks/{id}", .manage("webhooks"), page)
        routes.post("/webhooks/{id}/test", .manage("webhooks")) { call in
            let webhook = try await store.webhook(call.path("id"))
            let message = WebhookMessage.example(of: webhook.events.first ?? .modelCreated, at: call.time)
            try await store.owe(message, to: webhook.id)
            return .seeOther(WebhookPage.path(of: webhook.id))
        }
        routes.post("/webhooks/{id}/status", .manage("webhooks")) { call in
            var change = WebhookChange()
            change.status = try await call.form().optionalCase("status")
            let webhook = try await store.change(call.path("id"), change, by: call.principal.name)
            return .seeOther(WebhookPage.path(of: webhook.id))
        }
        routes.post("/webhooks/{id}/deliveries/{delivery}/retry", .manage("webhooks")) { call in
            let id = try call.path("id")
            try await store.retry(call.path("delivery"), to: id, by: call.principal.name)
            return .seeOther(WebhookPage.path(of: id))
        }
    }

    private func listPage(_ call: Call) async throws -> Web.Page {
        let webhooks = try await store.webhooks(limit: WebhookPage.pageSize, offset: call.pageOffset() ?? 0)
        let last = try await store.lastDeliveries(to: webhooks.elements.map(\.id))
        return WebhookPage.list(webhooks, last: last, now: call.time, origin: call.origin)
    }

    private func page(_ call: Call) async throws -> Web.Page {
        let webhook = try await store.webhook(call.path("id"))
        let deliveries = try await store.deliveries(
            to: webhook.id, limit: WebhookPage.pageSize, offset: call.pageOffset() ?? 0)
        return WebhookPage.page(of: webhook, deliveries, now: call.time)
    }

    private func create(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let name = try fields.string("name")
        let url = try fields.string("url")
        let events = try fields.webhookEvents()
        try Webhook.checkName(name)
        try await sender.check(url)
        let webhook = try await store.create(
            name: name, url: url, events: events, description: fields.optionalString("description"),
            secret: fields.optionalString("secret").flatMap { $0.isEmpty ? nil : $0 },
            status: fields.optionalCase("status") ?? .active, by: call.principal.name)
        return .json(["webhook": webhook.json])
    }

    private func list(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        let page = try await store.webhooks(limit: fields.limit(default: 100, maximum: 1000), offset: fields.offset())
        return .json(
            .compact(["webhooks": .nonEmpty(page.elements), "next_page_token": page.next.map { .string($0.text) }]))
    }

    private func get(_ call: Call) async throws -> Reply {
        .json(["webhook": try await store.webhook(call.path("webhook_id")).json])
    }

    private func change(_ call: Call) async throws -> Reply {
        let fields = try await call.fields()
        var change = WebhookChange()
        change.name = try fields.optionalString("name")
        change.description = try fields.optionalString("description")
        change.url = try fields.optionalString("url")
        change.events = try fields.array("events").isEmpty ? nil : fields.webhookEvents()
        change.secret = try fields.optionalString("secret")
        change.status = try fields.optionalCase("status")
        if let url = change.url { try await sender.check(url) }
        let webhook = try await store.change(call.path("webhook_id"), change, by: call.principal.name)
        return .json(["webhook": webhook.json])
    }

    private func delete(_ call: Call) async throws -> Reply {
        try await store.delete(call.path("webhook_id"), by: call.principal.name)
        return .empty
    }

    /// Sends an example at once, and says how it went.
    private func test(_ call: Call) async throws -> Reply {
        let webhook = try await store.webhook(call.path("webhook_id"))
        let event = try await call.fields().optionalObject("event").map { try $0.webhookEvent() }
        let message = WebhookMessage.example(of: event ?? webhook.events.first ?? .modelCreated, at: call.time)
        let result: JSON
        do {
            let answer = try await sender.send(message.body, id: entropy.uuid(), to: webhook)
            result = [
                "success": .bool(answer.isSuccess), "response_status": .integer(Int64(answer.status)),
                "response_body": .string(answer.body),
            ]
        } catch {
            let reason = (error as? any Problem)?.message ?? "\(error)"
            result = ["success": false, "error_message": .string("Failed to send the webhook: \(reason)")]
        }
        return .json(["result": result])
    }
}

extension Fields {
    /// At least one, each once.
    func webhookEvents() throws -> [WebhookEvent] {
        let events = try objects("events").map { try $0.webhookEvent() }
        guard !events.isEmpty else { throw FieldProblem.missing("events") }
        var seen: Set<WebhookEvent> = []
        return events.filter { seen.insert($0).inserted }
    }

    fileprivate func webhookEvent() throws -> WebhookEvent {
        let name = "\(try string("entity")).\(try string("action"))".uppercased()
        guard let event = WebhookEvent(rawValue: name) else {
            let known = WebhookEvent.allCases.map(\.rawValue).joined(separator: ", ")
            throw FieldProblem("There is no webhook event '\(name.prefix(80))'. Valid events are \(known).")
        }
        return event
    }
}
