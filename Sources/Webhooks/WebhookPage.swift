import Jobs
import Web
import Wire

/// Webhooks for people: who is told of what, and how the deliveries went.
enum WebhookPage {
    static let section = Link("Webhooks", "/webhooks")
    static let pageSize = 100

    static func path(of id: String) -> String { "\(section.path)/\(id.queryEscaped)" }

    static func list(
        _ webhooks: Wire.Page<Webhook>, last: [String: DeliveryRecord], now: Timestamp, origin: String
    ) -> Web.Page {
        guard !webhooks.elements.isEmpty else {
            return Web.Page(
                title: section.title, trail: [section],
                body: .empty(
                    "Nobody is told of changes to registered models yet. A webhook is sent a message for each:",
                    ways: ways(to: origin)))
        }
        let rows = webhooks.elements.map { webhook -> [HTML] in
            let delivery = last[webhook.id]
            return [
                .link(webhook.name, to: path(of: webhook.id)), badge(webhook), .name(webhook.url), events(webhook),
                delivery.map { badge($0, now: now) } ?? "none yet", delivery.map { .time($0.owedAt, now: now) } ?? "–",
            ]
        }
        return Web.Page(
            title: section.title, trail: [section], isLive: true,
            body: """
                \(HTML.table(["webhook", "state", "where", "told of", "last delivery", "owed"], named: "Webhooks", rows: rows))
                \(HTML.next(pageSize, webhooks.next, at: section.path))
                """)
    }

    static func page(
        of webhook: Webhook, _ deliveries: Wire.Page<DeliveryRecord>, now: Timestamp
    ) -> Web.Page {
        let path = path(of: webhook.id)
        let isOn = webhook.status == .active
        let change = isOn ? "Switch off" : "Switch on"
        return Web.Page(
            title: webhook.name, trail: [section, Link(webhook.name, path)], badge: badge(webhook), isLive: true,
            body: """
                \(webhook.description.map { $0.isEmpty ? nil : "<p dir=\"auto\">\($0)</p>" as HTML } ?? nil)
                \(facts(webhook, now))
                <div class="forms">
                <form method="post" action="\(path)/test"><button>Send an example</button></form>
                <form method="post" action="\(path)/status">\
                <input type="hidden" name="status" value="\((isOn ? Webhook.Status.disabled : .active).rawValue)">\
                <button>\(change)</button></form>
                </div>
                <h2>Deliveries <small>each is tried up to \(WebhookDelivery.maximumAttempts) times</small></h2>
                \(table(deliveries.elements, path, now))
                \(HTML.next(pageSize, deliveries.next, at: path))
                """)
    }

    private static func facts(_ webhook: Webhook, _ now: Timestamp) -> HTML {
        .facts([
            "Where": "<code>\(HTML.name(webhook.url))</code>", "Told of": events(webhook),
            "Made": .time(webhook.creationTime, now: now), "Changed": .time(webhook.lastUpdateTime, now: now),
            "Webhook id": "<code>\(webhook.id)</code>",
        ])
    }

    private static func table(_ deliveries: [DeliveryRecord], _ path: String, _ now: Timestamp) -> HTML {
        guard !deliveries.isEmpty else { return .empty("Nothing was owed yet. An example shows whether it arrives.") }
        let rows = deliveries.map { delivery -> [HTML] in
            [
                .explained(.time(delivery.owedAt, now: now), "Delivery \(delivery.id)"),
                "\(delivery.event?.words ?? "something of another version")", badge(delivery, now: now),
                "\(delivery.job?.attempts ?? 0)", answer(delivery),
                message(delivery), retry(delivery, path),
            ]
        }
        return .table(
            [
                "owed", "event", "state", .number("attempts", "How often it was sent; each is tried up to four times."),
                "answer", "message", "send again",
            ], named: "Deliveries",
            rows: rows)
    }

    private static func badge(_ webhook: Webhook) -> HTML {
        webhook.status == .active ? .badge("on", .good) : .badge("off", .plain)
    }

    private static func badge(_ delivery: DeliveryRecord, now: Timestamp) -> HTML {
        guard let job = delivery.job else { return .badge("unknown") }
        switch job.state {
        case .queued where job.attempts == 0: return .badge("waiting")
        case .queued: return "\(HTML.badge("to be tried again", .warning)) \(HTML.time(job.dueAt, now: now))"
        case .running: return .badge("under way", .active)
        case .failed: return .badge("failed", .bad)
        case .done:
            guard let status = job.result?["status"]?.integerValue else { return .badge("left out") }
            return (200..<300).contains(status) ? .badge("arrived", .good) : .badge("refused", .bad)
        }
    }

    /// What the receiver said, or what kept it from saying anything.
    private static func answer(_ delivery: DeliveryRecord) -> HTML {
        if let status = delivery.job?.result?["status"]?.integerValue { return "\(status)" }
        if delivery.job?.result?["skipped"] == true { return "the webhook was off" }
        return delivery.job?.failure.map { .value($0) } ?? "–"
    }

    private static func message(_ delivery: DeliveryRecord) -> HTML {
        guard let job = delivery.job, let body = try? WebhookDelivery(job.payload).body else { return "–" }
        return .value(body, limit: 60)
    }

    private static func retry(_ delivery: DeliveryRecord, _ path: String) -> HTML {
        guard delivery.isOver else { return "–" }
        return """
            <form method="post" action="\(path)/deliveries/\(delivery.id)/retry"><button>Send again</button></form>
            """
    }

    private static func events(_ webhook: Webhook) -> HTML {
        .name(webhook.events.map(\.words).joined(separator: ", "))
    }

    private static func ways(to origin: String) -> KeyValuePairs<String, String> {
        [
            "Python": """
            from mlflow import MlflowClient
            client = MlflowClient("\(origin)")
            client.create_webhook("deploy", "https://ci.example.org/hook", ["model_version_alias.created"])
            """,
            "curl": """
            curl \(origin)/api/2.0/mlflow/webhooks -H 'Content-Type: application/json' -d '{
              "name": "deploy", "url": "https://ci.example.org/hook",
              "events": [{"entity": "MODEL_VERSION_ALIAS", "action": "CREATED"}]}'
            """,
            "Command line": """
            # Within your own network, the server has to be started with
            martlet server --private-webhooks
            """,
        ]
    }
}

extension WebhookEvent {
    /// As MLflow's client spells it.
    fileprivate var words: String { rawValue.lowercased() }
}
