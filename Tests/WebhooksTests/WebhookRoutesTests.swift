import Database
import Events
import NIOHTTP1
import Registry
import TestSupport
import Testing
import Tracking
import Wire

@testable import Webhooks

/// The REST API of webhooks and what is owed to them, on a server of their own.
@Suite(.everyEngine) struct WebhookRoutesTests {
    private static let hook: JSON = [
        "name": "hook", "url": "http://127.0.0.1:9/x", "events": [["entity": "MODEL_VERSION", "action": "CREATED"]],
    ]

    @Test func refusesPrivateAddressesUnlessAllowed() async throws {
        try await WebhookFixture.serve(allowsPrivate: false) { _, server in
            for url in ["http://127.0.0.1:9/x", "https://127.0.0.1/x", "https://localhost/x", "https://[::1]/x"] {
                let body = JSON.members(
                    (Self.hook.memberList ?? []).map { ($0.key, $0.key == "url" ? .string(url) : $0.value) })
                let answer = try await server.mlflow(.POST, "webhooks", body)
                #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE")
            }
            let left = try await server.mlflow(get: "webhooks").json
            #expect(left == [:])
        }
    }

    @Test(arguments: ["MODEL_VERSION.DELETED", "RUN.CREATED", ".", "registered_model.Created"])
    func takesOnlyEventsThatThereAre(event: String) async throws {
        try await WebhookFixture.serve { _, server in
            let parts = event.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            let body: JSON = [
                "name": "hook", "url": "http://127.0.0.1:9/x",
                "events": [["entity": .string(parts[0]), "action": .string(parts[1])]],
            ]
            let isKnown = event.lowercased() == "registered_model.created"
            let answer = try await server.mlflow(.POST, "webhooks", body)
            #expect(answer.status == (isKnown ? 200 : 400))
            let silent = try await server.mlflow(.POST, "webhooks", ["name": "a", "url": "http://127.0.0.1:9"])
            #expect(silent.status == 400)
        }
    }

    @Test func neverTellsTheSecret() async throws {
        try await WebhookFixture.serve { fixture, server in
            let webhook = try await server.mlflow("webhooks", Self.hook.with("secret", "s3cr3t"))["webhook"]
            let id = try #require(webhook?["webhook_id"]?.stringValue)
            #expect(try await fixture.webhooks.secret(of: id) == "s3cr3t")
            let told = try await server.mlflow(get: "webhooks").text
            #expect(told.contains(id) && !told.contains("s3cr3t"))
            let events = try await fixture.events.events(after: 0, limit: 10)
            #expect(!events.contains { $0.data.text.contains("s3cr3t") })
            let stored = try await fixture.database.read { try $0.rows("SELECT * FROM webhooks") }
            #expect(!"\(stored)".contains("s3cr3t"))
        }
    }

    @Test func eachEventIsOwedOnceHoweverManyReadTheLog() async throws {
        let fixture = try await WebhookFixture()
        let url = "http://127.0.0.1:9/x"
        for status in [Webhook.Status.active, .active, .disabled] {
            _ = try await fixture.webhooks.create(
                name: "hook", url: url, events: [.modelCreated, .aliasCreated], description: nil, secret: nil,
                status: status, by: "ann")
        }
        let message = WebhookMessage.example(of: .modelCreated, at: fixture.clock.now)
        try await fixture.webhooks.advance(to: 10, owing: message)
        try await fixture.webhooks.advance(to: 10, owing: message)
        try await fixture.webhooks.advance(to: 9, owing: message)
        try await fixture.webhooks.advance(
            to: 11, owing: WebhookMessage.example(of: .versionCreated, at: fixture.clock.now))
        #expect(try await fixture.webhooks.cursor() == 11)
        let owed = try await fixture.database.read { reader in
            try reader.values("SELECT payload FROM jobs", as: JSON.self)
        }
        #expect(owed.count == 2)
        #expect(owed.allSatisfy { $0["body"]?.stringValue == message.body })
    }

    @Test func promptsHaveEventsOfTheirOwn() async throws {
        let fixture = try await WebhookFixture()
        let messages = WebhookMessages(models: fixture.models, versions: fixture.versions)
        let tags = [Tag(key: "mlflow.prompt.is_prompt", value: "true"), Tag(key: "mlflow.prompt.text", value: "Hi")]
        _ = try await fixture.models.create(name: "greeting", tags: tags, by: "ann")
        _ = try await fixture.models.create(name: "model", by: "ann")
        let new = NewModelVersion(name: "greeting", source: "dummy-source", tags: tags)
        _ = try await fixture.versions.create(new, by: "ann")
        try await fixture.models.set(Tag(key: "a", value: "b"), of: "greeting", by: "ann")
        try await fixture.models.set(Tag(key: "a", value: "b"), of: "model", by: "ann")
        try await fixture.models.setAlias("best", of: "greeting", to: 1, by: "ann")
        try await fixture.models.deleteAlias("best", of: "greeting", by: "ann")
        var told: [WebhookEvent] = []
        for event in try await fixture.events.events(after: 0, limit: 100) {
            if let message = try await messages.message(of: event) { told.append(message.event) }
        }
        #expect(
            told == [
                .promptCreated, .modelCreated, .promptVersionCreated, .promptTagSet, .promptAliasCreated,
                .promptAliasDeleted,
            ])
    }
}
