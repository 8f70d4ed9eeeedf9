import Jobs
import TestSupport
import Testing
import Web
import Wire

@testable import Incidents

// Several servers on one database.

extension CourierTests {
    @Test func twoServersDoNotTellAChannelAtOnce() async throws {
        let inbox = Inbox()
        try await LiveServer.run(inbox.routes) { server in
            let fixture = try await Fixture()
            try await Self.apply(fixture, "hook", "{webhook: {url: \"\(server.url)/hook\"}}")
            let source = Fixture.source(AlertRule(notify: ["hook"]))
            try await fixture.open(from: source)
            let id = try #require(try await fixture.newest()).id
            // Another server is telling that it opened; then it gets worse, and this one is to tell of that.
            let telling = try #require(try await fixture.incidents.beginTelling(id, "hook", by: "j-1"))
            try await fixture.open(["p95"], family: .latency, from: source)
            let courier = Self.courier(fixture)
            await #expect(throws: PostponedJob.self) { try await Self.tell(fixture, "hook", courier) }
            #expect(inbox.messages.isEmpty)
            #expect(try await fixture.incidents.tellings(of: id).first?.failure == nil)
            // The same job may begin again, as after the end of its server.
            #expect(try await fixture.incidents.beginTelling(id, "hook", by: "j-1") == telling)
            try await fixture.incidents.endTelling(id, "hook", by: "j-1")
            #expect(try await Self.tell(fixture, "hook", courier)["change"] == "opened")
            #expect(inbox.messages.count == 1)
            #expect(try await Self.tell(fixture, "hook", courier)["skipped"] == true, "It has ended.")
            // One that never ended, because its server did, keeps nobody from telling for long.
            _ = try await fixture.incidents.beginTelling(id, "hook", by: "j-2")
            _ = try await fixture.incidents.resolve(id, cause: .expected, words: nil, by: "ann")
            await #expect(throws: PostponedJob.self) { try await Self.tell(fixture, "hook", courier) }
            fixture.clock.advance(minutes: 6)
            #expect(try await Self.tell(fixture, "hook", courier)["change"] == "resolved")
        }
    }
}
