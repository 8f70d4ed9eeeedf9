import Database
import Events
import HTTPTypes
import Jobs
import Manifests
import Outbound
import TestSupport
import Testing
import Web
import Wire

@testable import Incidents

/// Messages as they arrive at real receivers.
@Suite(.timeLimit(.minutes(5))) struct CourierTests {
    typealias Fixture = IncidentFixture

    static func courier(_ fixture: Fixture, allowsPrivate: Bool = true, authority: String? = nil) -> Courier {
        let timeLine = TimeLineReader(incidents: fixture.incidents, events: fixture.events) { _, _ in nil }
        return Courier(
            incidents: fixture.incidents, manifests: fixture.manifests, timeLine: timeLine,
            client: OutboundClient(allowsPrivate: allowsPrivate, receiver: "channel"),
            mail: MailClient(allowsPrivate: allowsPrivate, authority: authority),
            secrets: OutboundSecrets(environment: [
                "MARTLET_SECRET_HOOK": "key", "MARTLET_SECRET_MAIL": "s3cret", "OTHER": "x",
            ]), clock: fixture.clock.clock, address: { "http://martlet.example" })
    }

    static func apply(_ fixture: Fixture, _ name: String, _ spec: String) async throws {
        let yaml = "apiVersion: martlet/v1\nkind: Channel\nmetadata: {name: \(name)}\nspec: \(spec)\n"
        _ = try await fixture.manifests.apply(yaml: yaml, by: "ann")
    }

    /// Does what is owed to a channel, as the job worker would.
    static func tell(_ fixture: Fixture, _ channel: String, _ courier: Courier) async throws -> JSON {
        let incident = try #require(try await fixture.newest())
        let payload: JSON = ["incident_id": .string(incident.id), "channel": .string(channel)]
        let id = try await fixture.database.write { try fixture.jobs.enqueue("test", payload, in: $0) }
        let job = try #require(try await fixture.jobs.job(id: id))
        return try await courier.handler.run(job)
    }

    /// How many messages are waiting for their time.
    private static func owed(_ fixture: Fixture) async throws -> Int? {
        try await fixture.database.read {
            try $0.value("SELECT COUNT(*) FROM jobs WHERE kind = \(Courier.jobKind)", as: Int.self)
        }
    }

    private static func held(by manager: LiveServer) async throws -> [JSON] {
        try await manager.get("/api/v2/alerts").json.arrayValue ?? []
    }

    @Test func aWebhookIsToldOnceOfEachChangeAndCanCheckWho() async throws {
        let inbox = Inbox()
        try await LiveServer.run(inbox.routes) { server in
            let fixture = try await Fixture()
            try await Self.apply(
                fixture, "hook", "{webhook: {url: \"\(server.url)/hook\", secret: {env: MARTLET_SECRET_HOOK}}}")
            let courier = Self.courier(fixture)
            let source = Fixture.source(AlertRule(severity: .low, runbook: "https://wiki/x", notify: ["hook"]))
            try await fixture.happen(
                "rollout.promoted", of: "endpoints/clinic", ["from": "clinic/1", "to": "clinic/2"])
            fixture.clock.advance(minutes: 10)
            try await fixture.open(from: source)
            try await fixture.open(["ward"], family: .quality, from: source)
            #expect(try await Self.owed(fixture) == 1, "Two alerts at once are one message.")
            #expect(try await Self.tell(fixture, "hook", courier)["change"] == "opened")
            #expect(try await Self.tell(fixture, "hook", courier)["skipped"] == true, "Nothing is said twice.")
            let message = try #require(inbox.messages.first)
            #expect(inbox.messages.count == 1)
            #expect(message.body["event"] == "incident.opened")
            #expect(message.body["alerts"]?.arrayValue?.count == 2)
            #expect(message.body["link"]?.stringValue?.hasPrefix("http://martlet.example/incidents/i-") == true)
            #expect(
                message.body["changed_before"] == [
                    "9 min before the first bad window: clinic/2 took over from clinic/1."
                ])
            let signature = MessageSignature.signature(
                of: message.text, id: message.header("X-Martlet-Delivery-Id"),
                time: message.header("X-Martlet-Timestamp"), secret: "key")
            #expect(message.header("X-Martlet-Signature") == signature)

            try await fixture.open(["p95"], family: .latency, from: source)
            #expect(try await Self.tell(fixture, "hook", courier)["change"] == "worsened")
            let id = try #require(try await fixture.newest()).id
            _ = try await fixture.incidents.comment(id, "Looking.", by: "ann")
            #expect(try await Self.tell(fixture, "hook", courier)["skipped"] == true)
            _ = try await fixture.incidents.resolve(id, cause: .dataChange, words: "New lab.", by: "ann")
            #expect(try await Self.tell(fixture, "hook", courier)["change"] == "resolved")
            #expect(
                inbox.messages.map { $0.body["event"] } == [
                    "incident.opened", "incident.worsened", "incident.resolved",
                ])
            let telling = try #require(try await fixture.incidents.tellings(of: id).first)
            #expect(telling.failure == nil)
            #expect(telling.toldAt == fixture.clock.now)
        }
    }

    @Test func troubleThatComesAndGoesIsToldToBeOverOnceItHasBeenForAWhile() async throws {
        let fixture = try await Fixture()
        let source = Fixture.source(AlertRule(notify: ["hook"]))
        // What is owed is looked up by what it would say, so that no receiver is needed.
        let next = { () async throws -> [Int64] in
            let now = fixture.clock.now
            return try await fixture.database.write { transaction in
                defer { _ = try? transaction.execute("DELETE FROM jobs") }
                return try transaction.values(
                    "SELECT due_at FROM jobs WHERE kind = \(Courier.jobKind) ORDER BY due_at", as: Timestamp.self
                ).map { ($0.milliseconds - now.milliseconds) / 1_000 }
            }
        }
        let id = { try await fixture.incidents.incidents(limit: 1).first?.id ?? "" }
        let begin = { _ = try await fixture.incidents.beginTelling(id(), "hook", by: "j-1") }
        try await fixture.open(from: source)
        #expect(try await next() == [2])
        try await begin()
        try await fixture.close(from: source)
        #expect(try await next() == [2], "The first time it is told at once.")
        try await begin()
        try await fixture.open(from: source)
        #expect(try await next() == [2])
        try await begin()
        try await fixture.close(from: source)
        #expect(try await next() == [3600])
        try await fixture.open(from: source)
        #expect(try await next() == [2], "What is told sooner does not wait.")
        _ = try await fixture.incidents.resolve(id(), cause: .expected, words: nil, by: "ann")
        #expect(try await next() == [], "It is owed already.")
    }

    @Test func whatChangesWhileAChannelIsToldIsOwed() async throws {
        let fixture = try await Fixture()
        try await fixture.open(from: Fixture.source(AlertRule(notify: ["hook"])))
        let id = try #require(try await fixture.newest()).id
        // A slow receiver is being told that it opened; who is to tell that it was resolved knows of no telling.
        let telling = try #require(try await fixture.incidents.beginTelling(id, "hook", by: "j-1"))
        #expect(telling.told == nil)
        let opened = IncidentDigest(
            try await fixture.incidents.incident(id), try await fixture.incidents.alerts(of: id))
        _ = try await fixture.incidents.resolve(id, cause: .expected, words: nil, by: "ann")
        let before = try #require(try await Self.owed(fixture))
        try await fixture.incidents.noteTold(id, "hook", opened)
        #expect(try await Self.owed(fixture) == before, "It is owed already.")
        _ = try await fixture.incidents.beginTelling(id, "hook", by: "j-1")
        try await fixture.incidents.noteTold(id, "hook", opened)
        #expect(try await Self.owed(fixture) == before + 1, "Nobody else was to tell it.")
        let resolved = IncidentDigest(
            try await fixture.incidents.incident(id), try await fixture.incidents.alerts(of: id))
        _ = try await fixture.incidents.beginTelling(id, "hook", by: "j-1")
        try await fixture.incidents.noteTold(id, "hook", resolved)
        #expect(try await Self.owed(fixture) == before + 1, "It knows all there is.")
    }

    @Test func slackGetsItsShape() async throws {
        let inbox = Inbox()
        try await LiveServer.run(inbox.routes) { server in
            let fixture = try await Fixture()
            try await Self.apply(fixture, "team", "{slack: {url: \"\(server.url)/hook\"}}")
            try await fixture.open(["a<b>&c"], from: Fixture.source(AlertRule(owner: "ann", notify: ["team"])))
            _ = try await Self.tell(fixture, "team", Self.courier(fixture))
            let body = try #require(inbox.messages.first).body
            #expect(body["text"] == "[medium] Drift at clinic: a&lt;b&gt;&amp;c — opened")
            let blocks = try #require(body["blocks"]?.arrayValue)
            #expect(blocks.count == 2)
            #expect(blocks.allSatisfy { $0["type"] == "section" && $0["text"]?["type"] == "mrkdwn" })
            #expect(blocks[1]["text"]?["text"]?.stringValue?.contains("Owner: ann") == true)
        }
    }

    @Test func aChannelThatFailsIsSeen() async throws {
        let inbox = Inbox(status: 503)
        try await LiveServer.run(inbox.routes) { server in
            let fixture = try await Fixture()
            try await Self.apply(fixture, "hook", "{webhook: {url: \"\(server.url)/hook\"}}")
            try await fixture.open(from: Fixture.source(AlertRule(notify: ["hook", "nowhere"])))
            let courier = Self.courier(fixture)
            await #expect(throws: IncidentError.self) { try await Self.tell(fixture, "hook", courier) }
            await #expect(throws: ManifestError.self) { try await Self.tell(fixture, "nowhere", courier) }
            let guarded = Self.courier(fixture, allowsPrivate: false)
            let id = try #require(try await fixture.newest()).id
            var failures = try await fixture.incidents.tellings(of: id).map(\.failure)
            #expect(failures[0]?.contains("503") == true)
            #expect(failures[1]?.contains("There is no channel 'nowhere'") == true)
            await #expect(throws: (any Error).self) { try await Self.tell(fixture, "hook", guarded) }
            failures = try await fixture.incidents.tellings(of: id).map(\.failure)
            #expect(failures[0]?.contains("scheme 'http'") == true)
            #expect(try await fixture.incidents.latestTellings()["hook"]?.failure != nil)
        }
    }

    @Test func anAlertmanagerThatIsAwayIsAskedOnceAndIsWellOnceItAnswers() async throws {
        let fixture = try await Fixture()
        let rule = AlertRule(notify: ["am"])
        for endpoint in ["clinic", "ward", "lab"] {
            try await fixture.open(from: Fixture.source(monitor: endpoint, endpoint: endpoint, version: 1, rule))
            fixture.clock.advance(minutes: 1)
        }
        let courier = Self.courier(fixture)
        let failures = {
            var failures: [String] = []
            for incident in try await fixture.incidents.incidents(limit: 9) {
                failures += try await fixture.incidents.tellings(of: incident.id).compactMap(\.failure)
            }
            return failures
        }
        // Nobody listens there.
        try await Self.apply(fixture, "am", "{alertmanager: {url: \"http://127.0.0.1:1\"}}")
        try await courier.remind()
        #expect(try await failures().count == 1)
        var routes = Routes()
        routes.add(.post, "/api/v2/alerts", .open) { _ in .empty }
        try await LiveServer.run(routes) { server in
            try await Self.apply(fixture, "am", "{alertmanager: {url: \"\(server.url)\"}}")
            try await courier.remind()
        }
        #expect(try await failures().isEmpty)
    }

    @Test func mailOfAnIncidentHangsTogether() async throws {
        let fixture = try await Fixture()
        let letters = try await MailboxServer.run("starttls") { server in
            let place = "{host: localhost, port: \(server.port), user: ann, password: {env: MARTLET_SECRET_MAIL}"
            try await Self.apply(fixture, "ops", "{email: \(place), from: m@a.example, to: [ops@a.example]}}")
            let courier = Self.courier(fixture, authority: server.certificate)
            try await fixture.open(["Größe"], from: Fixture.source(AlertRule(notify: ["ops"])))
            _ = try await Self.tell(fixture, "ops", courier)
            try await fixture.close()
            _ = try await Self.tell(fixture, "ops", courier)
            return try server.letters()
        }
        #expect(
            letters.map { $0["headers"]?["Subject"]?.stringValue } == [
                "[medium] Drift at clinic: Größe — opened", "[medium] Drift at clinic: Größe — resolved",
            ])
        #expect(letters[1]["headers"]?["In-Reply-To"] == letters[0]["headers"]?["Message-ID"])
        #expect(letters[1]["text"]?.stringValue?.contains("Resolved by monitor: recovered") == true)
    }

    @Test func anAlertmanagerHoldsWhatIsOpen() async throws {
        let fixture = try await Fixture()
        // Four minutes ago, so that what ends a minute later has ended.
        fixture.clock.set(.system)
        fixture.clock.advance(minutes: -4)
        let configuration = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"
        try await DebianServer.alertmanager(configuration: configuration, in: TemporaryFolder()) { manager in
            try await Self.apply(fixture, "am", "{alertmanager: {url: \"\(manager.url)/\"}}")
            let courier = Self.courier(fixture)
            let rule = AlertRule(severity: .critical, runbook: "https://wiki/x", notify: ["am"])
            try await fixture.open(from: Fixture.source(rule))
            #expect(try await Self.tell(fixture, "am", courier)["change"] == "opened")
            let alert = try #require(try await Self.held(by: manager).first)
            let id = try #require(try await fixture.newest()).id
            #expect(alert["labels"]?["alertname"] == "MartletDrift")
            #expect(alert["labels"]?["severity"] == "critical")
            #expect(alert["labels"]?["incident"]?.stringValue == id)
            #expect(alert["annotations"]?["summary"] == "Drift at clinic: age")
            #expect(alert["annotations"]?["runbook_url"] == "https://wiki/x")
            #expect(alert["status"]?["state"] == "active" || alert["status"]?["state"] == "unprocessed")

            fixture.clock.advance(minutes: 1)
            try await courier.remind()
            let reminded = try await Self.held(by: manager)
            #expect(reminded.count == 1, "The same labels are the same alert.")
            #expect(reminded[0]["endsAt"]?.stringValue ?? "" > alert["endsAt"]?.stringValue ?? "")

            try await fixture.close()
            #expect(try await Self.tell(fixture, "am", courier)["change"] == "resolved")
            #expect(try await Self.held(by: manager).isEmpty, "What is over is not shown among the active ones.")
        }
    }
}
