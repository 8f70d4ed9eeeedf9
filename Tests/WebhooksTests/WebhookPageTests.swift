import Database
import Events
import Jobs
import NIOHTTP1
import TestSupport
import Testing
import Wire

@testable import Webhooks

/// Webhooks and their deliveries as people see them.
@Suite(.everyEngine) struct WebhookPageTests {
    private static func send(_ path: String, _ fields: String = "", at server: LiveServer) async throws
        -> LiveServer.Answer
    {
        try await server.send(
            .POST, path, body: fields, type: "application/x-www-form-urlencoded", headers: ["Accept": "text/html"])
    }

    private static func hook(in fixture: WebhookFixture) async throws -> Webhook {
        try await fixture.webhooks.create(
            name: "deploy", url: "http://127.0.0.1:9/<x>", events: [.aliasCreated, .modelCreated], description: "to CI",
            secret: "s3cr3t", status: .active, by: "ann")
    }

    private static func payloads(_ fixture: WebhookFixture) async throws -> [JSON] {
        try await fixture.database.read { try $0.values("SELECT payload FROM jobs", as: JSON.self) }
    }

    @Test func showsWhoIsToldOfWhatAndSwitchesThemOff() async throws {
        try await WebhookFixture.serve { fixture, server in
            #expect(try await server.get("/webhooks").text.contains("create_webhook"))
            let hook = try await Self.hook(in: fixture)
            let list = try await server.get("/webhooks").text
            #expect(list.contains("href=\"/webhooks/\(hook.id)\"") && list.contains("http://127.0.0.1:9/&lt;x&gt;"))
            #expect(list.contains("model_version_alias.created") && !list.contains("s3cr3t"))
            _ = try await Self.send("/webhooks/\(hook.id)/status", "status=DISABLED", at: server)
            #expect(try await fixture.webhooks.webhook(hook.id).status == .disabled)
            #expect(try await server.get("/webhooks/\(hook.id)").text.contains("Switch on"))
            #expect(try await server.get("/webhooks/none").status == 404)
        }
    }

    @Test func owesAnExampleAndTellsHowItWent() async throws {
        try await WebhookFixture.serve { fixture, server in
            let hook = try await Self.hook(in: fixture)
            let path = "/webhooks/\(hook.id)"
            let sent = try await Self.send("\(path)/test", at: server)
            #expect(sent.text.contains("waiting") && sent.text.contains("example_alias"), "\(sent.text)")
            try await fixture.database.write { transaction in
                try transaction.execute(
                    "UPDATE jobs SET state = 'failed', attempts = 4, failure = 'it answered with <503>'")
            }
            let failed = try await server.get(path).text
            #expect(failed.contains("failed") && failed.contains("&lt;503&gt;"))
            #expect(try await server.get("/webhooks").text.contains("failed"))
            try await fixture.database.write { transaction in
                try transaction.execute("UPDATE jobs SET state = 'done', result = '{\"status\": 404}'")
            }
            #expect(try await server.get(path).text.contains("refused"))
        }
    }

    @Test func sendsTheSameAgainOnceItIsOver() async throws {
        try await WebhookFixture.serve { fixture, server in
            let hook = try await Self.hook(in: fixture)
            let path = "/webhooks/\(hook.id)"
            _ = try await Self.send("\(path)/test", at: server)
            let delivery = try #require(
                try await fixture.webhooks.deliveries(to: hook.id, limit: 9, offset: 0).elements.first)
            let retry = "\(path)/deliveries/\(delivery.id)/retry"
            #expect(try await Self.send(retry, at: server).status == 409)
            #expect(try await Self.send("\(path)/deliveries/none/retry", at: server).status == 404)
            let payloads = try await Self.payloads(fixture)
            #expect(payloads.count == 1)
            try await fixture.database.write { transaction in
                try transaction.execute("UPDATE jobs SET state = 'failed', failure = 'x'")
            }
            #expect(try await Self.send(retry, at: server).text.contains("waiting"))
            #expect(try await Self.payloads(fixture) == payloads, "the former attempts are forgotten")
            #expect(try await fixture.events.latest(limit: 1).first?.kind == "webhook.retried")
            #expect(try await fixture.webhooks.deliveries(to: hook.id, limit: 9, offset: 0).elements.count == 1)
        }
    }

    @Test func deliveriesGoWithTheirWebhook() async throws {
        let fixture = try await WebhookFixture()
        let hook = try await Self.hook(in: fixture)
        try await fixture.webhooks.advance(
            to: 5, owing: WebhookMessage.example(of: .modelCreated, at: fixture.clock.now))
        #expect(
            try await fixture.webhooks.deliveries(to: hook.id, limit: 9, offset: 0).elements.map(\.event) == [
                .modelCreated
            ])
        try await fixture.database.write { try $0.execute("UPDATE jobs SET state = 'done'") }
        try await fixture.webhooks.delete(hook.id, by: "ann")
        #expect(try await fixture.webhooks.deliveries(to: hook.id, limit: 9, offset: 0).elements.isEmpty)
        #expect(try await Self.payloads(fixture).isEmpty)
    }

    @Test func deliveriesAreForgottenAfterAMonth() async throws {
        let fixture = try await WebhookFixture()
        let hook = try await Self.hook(in: fixture)
        let message = WebhookMessage.example(of: .modelCreated, at: fixture.clock.now)
        for _ in 0..<4 { try await fixture.webhooks.owe(message, to: hook.id) }
        func shown() async throws -> [DeliveryRecord] {
            try await fixture.webhooks.deliveries(to: hook.id, limit: 9, offset: 0).elements
        }
        let ids = try await shown().map(\.id)
        let day: Int64 = 86_400_000
        // Sent long ago, still waiting since then, failed within the month.
        for (id, (days, state)) in zip(ids, [(31, "done"), (31, "queued"), (29, "failed")] as [(Int64, String)]) {
            let owed = Timestamp(milliseconds: fixture.clock.now.milliseconds - days * day)
            try await fixture.database.write { transaction in
                try transaction.execute(
                    "UPDATE webhook_deliveries SET owed_at = \(owed) WHERE delivery_id = \(id)")
                try transaction.execute(
                    """
                    UPDATE jobs SET state = \(state)
                    WHERE job_id = (SELECT job_id FROM webhook_deliveries WHERE delivery_id = \(id))
                    """)
            }
        }
        #expect(try await shown().count == 4)
        try await fixture.webhooks.owe(message, to: hook.id)
        let left = try await shown()
        #expect(left.count == 4 && !left.contains { $0.id == ids[0] })
        #expect(Set(ids.dropFirst()).isSubset(of: left.map(\.id)))
        #expect(try await Self.payloads(fixture).count == 4)
    }
}
