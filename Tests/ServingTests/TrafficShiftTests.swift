import Manifests
import NIOHTTP1
import TestSupport
import Testing
import Web
import Wire

@testable import Serving

/// The shares of variants, moved on their page.
@Suite(.timeLimit(.minutes(5))) struct TrafficShiftTests {
    private static let variants = """
        variants: [{ name: a, model: "models:/clinic/1", weight: 70 }, { name: b_2, model: "models:/clinic/2", weight: 30 }]
        """

    private static func served(
        _ spec: String = "{ \(variants) }", _ body: (ServingFixture, LiveServer) async throws -> Void
    ) async throws {
        let fixture = try await ServingFixture()
        try await fixture.apply("clinic", spec: spec)
        try await fixture.serve { server in try await body(fixture, server) }
    }

    private static func write(
        _ server: LiveServer, _ a: String, _ b: String, version: String
    ) async throws -> LiveServer.Answer {
        try await server.send(
            .POST, "/endpoints/clinic/traffic", body: "weight.a=\(a)&weight.b_2=\(b)&version=\(version)",
            type: "application/x-www-form-urlencoded", headers: ["Origin": server.url])
    }

    private static func version(_ fixture: ServingFixture) async throws -> String {
        try await fixture.manifests.applied(kind: "Endpoint", name: "clinic").version
    }

    private static func weights(_ fixture: ServingFixture) async throws -> [Int] {
        try EndpointManifest(try await fixture.manifests.manifest(kind: "Endpoint", name: "clinic")).variants.map(
            \.weight)
    }

    @Test func thePageShowsWhatItWouldWrite() async throws {
        try await Self.served { fixture, server in
            let page = try await server.get("/endpoints/clinic/traffic?weight.a=60&weight.b_2=40")
            #expect(page.status == 200)
            #expect(page.text.contains("<del>      weight: 70\n</del><ins>      weight: 60\n</ins>"))
            #expect(page.text.contains("<ins>      weight: 40\n</ins>"))
            #expect(page.text.contains("<button>Write it</button>"))
            #expect(try await Self.weights(fixture) == [70, 30])
            let first = try await server.get("/endpoints/clinic/traffic").text
            #expect(!first.contains("Write it") && !first.contains("<ins>"))
        }
    }

    @Test func whatIsWrittenIsInForce() async throws {
        try await Self.served { fixture, server in
            let answer = try await Self.write(server, "60", "40", version: try await Self.version(fixture))
            // The client follows to the page of the endpoint.
            #expect(answer.status == 200)
            #expect(answer.text.contains("Latest predictions"))
            #expect(try await Self.weights(fixture) == [60, 40])
        }
    }

    @Test func theSecondOfTwoIsToldAndOverwritesNothing() async throws {
        try await Self.served { fixture, server in
            let version = try await Self.version(fixture)
            try await fixture.apply("clinic", spec: "{ \(Self.variants), limits: { max_concurrency: 3 } }")
            let answer = try await Self.write(server, "60", "40", version: version)
            #expect(answer.status == 409)
            #expect(answer.text.contains("ann has changed the manifest"))
            #expect(answer.text.contains("<ins>      weight: 60\n</ins>"))
            #expect(!answer.text.contains("Write it"))
            #expect(try await Self.weights(fixture) == [70, 30])
            // On top of what is in force now the same shares may be written.
            let current = try await Self.version(fixture)
            let again = "/endpoints/clinic/traffic?version=\(current)&weight.a=60&weight.b_2=40"
            #expect(answer.text.contains(again.replacing("&", with: "&amp;")))
            #expect(try await server.get(again).text.contains("Write it"))
            #expect(try await Self.write(server, "60", "40", version: current).status == 200)
            let manifest = try await fixture.manifests.manifest(kind: "Endpoint", name: "clinic").json
            #expect(manifest["spec"]?["limits"]?["max_concurrency"] == 3)
        }
    }

    @Test(arguments: ["50", "130", "-1", "x", ""])
    func sharesThatAreNoneAreNotWritten(share: String) async throws {
        try await Self.served { fixture, server in
            let version = try await Self.version(fixture)
            #expect(try await Self.write(server, share, "40", version: version).status == 400)
            #expect(try await Self.weights(fixture) == [70, 30])
            let page = try await server.get("/endpoints/clinic/traffic?weight.a=\(share)&weight.b_2=40").text
            #expect(!page.contains("Write it") || share.isEmpty)
            let huge = "\(Int.max)"
            let refused = try await server.get("/endpoints/clinic/traffic?weight.a=\(huge)&weight.b_2=\(huge)")
            #expect(refused.status == 400 && refused.text.contains("between 0 and 100"))
        }
    }

    @Test(arguments: [
        ("{ \(variants), bandit: { metric: cured, method: thompson } }", "A bandit deals the requests"),
        ("{ \(variants), assignment: { key: id }, experiment: { metric: { name: cured } } }", "An experiment divides"),
        ("{ variants: [{ model: \"models:/clinic/1\" }] }", "One variant answers for all"),
    ])
    func whatSomethingElseDealsCannotBeMoved(spec: String, words: String) async throws {
        try await Self.served(spec) { _, server in
            let page = try await server.get("/endpoints/clinic/traffic?weight.a=60&weight.b_2=40").text
            #expect(page.contains(words))
            #expect(!page.contains("type=\"number\"") && !page.contains("Write it"))
        }
    }
}
