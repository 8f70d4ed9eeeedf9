import Database
import Events
import NIOHTTP1
import TestSupport
import Testing
import Web
import Wire

@testable import Manifests

@Suite(.everyEngine) struct ManifestStoreTests {
    let home: TestDatabase
    let events: EventLog
    let store: ManifestStore

    init() async throws {
        home = try await TestDatabase()
        let database = try home.open()
        try await database.migrate(EventSchema.migrations + ManifestSchema.migrations)
        let clock = WallClock { Timestamp(milliseconds: 1) }
        events = EventLog(database: database, clock: clock)
        let kind = ManifestKind(name: "Thing", plural: "things") { manifest in
            _ = try ManifestFields(manifest.spec, keys: ["size"]).optionalInteger("size", in: 1...9)
        }
        store = ManifestStore(database: database, events: events, clock: clock, kinds: [kind])
    }

    private func thing(_ name: String, size: Int) -> String {
        "apiVersion: martlet/v1\nkind: Thing\nmetadata: {name: \(name)}\nspec: {size: \(size)}\n"
    }

    @Test func applyingTwiceChangesNothing() async throws {
        #expect(try await store.apply(yaml: thing("a", size: 1), by: "ann").map(\.effect) == [.created])
        #expect(try await store.apply(yaml: thing("a", size: 1), by: "ann").map(\.effect) == [.unchanged])
        #expect(try await store.apply(yaml: thing("a", size: 2), by: "bob").map(\.effect) == [.updated])
        let kinds = try await events.events(after: 0, limit: 10).map(\.kind)
        #expect(kinds == ["thing.created", "thing.updated"])
    }

    @Test func aBadDocumentLeavesTheGoodOnesUnapplied() async throws {
        let text = "\(thing("a", size: 1))---\n\(thing("b", size: 10))"
        await #expect(throws: ManifestError.self) { try await store.apply(yaml: text, by: "ann") }
        #expect(try await store.all(kind: "Thing").isEmpty)
        #expect(try await events.head() == 0)
    }

    @Test func anUnknownKindNamesTheKnownOnes() async throws {
        let text = thing("a", size: 1).replacing("Thing", with: "Thng")
        let error = await #expect(throws: ManifestError.self) { try await store.apply(yaml: text, by: "ann") }
        #expect(error?.hint == "Did you mean 'Thing'?")
    }

    @Test func deletingIsRecordedAndTheSecondTimeIsNotFound() async throws {
        _ = try await store.apply(yaml: thing("a", size: 1), by: "ann")
        try await store.delete(kind: "Thing", name: "a", by: "bob")
        let error = await #expect(throws: ManifestError.self) {
            try await store.delete(kind: "Thing", name: "a", by: "bob")
        }
        #expect(error?.code == .doesNotExist)
        #expect(try await events.latest(limit: 1).first?.kind == "thing.deleted")
    }

    @Test func theRoutesTakeYAMLOnly() async throws {
        var routes = Routes()
        ManifestRoutes(store: store).routes(into: &routes)
        try await LiveServer.run(routes) { server in
            let refused = try await server.send(.POST, "/api/v1/apply", body: thing("a", size: 1), type: "text/plain")
            #expect(refused.status == 400)
            let applied = try await server.send(
                .POST, "/api/v1/apply", body: thing("a", size: 1), type: "application/yaml")
            #expect(try applied.json["results"]?.arrayValue?.first?["change"] == "created")
            #expect(try await server.get("/api/v1/manifests/Thing/a").json["spec"]?["size"] == 1)
            #expect(try await server.get("/api/v1/manifests/Thing/b").status == 404)
            #expect(try await server.get("/api/v1/manifests/things/a").json["spec"]?["size"] == 1)
            #expect(try await server.get("/api/v1/manifests/thing").json["manifests"]?.arrayValue?.count == 1)
            #expect(try await server.get("/api/v1/manifests/thongs").status == 404)
        }
    }
}
