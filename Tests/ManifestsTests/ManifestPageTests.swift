import Database
import Events
import NIOHTTP1
import TestSupport
import Testing
import Web
import Wire

@testable import Manifests

/// A manifest that is edited on its page, by one or by two.
@Suite(.everyEngine) struct ManifestPageTests {
    let home: TestDatabase
    let store: ManifestStore

    init() async throws {
        home = try await TestDatabase()
        let database = try home.open()
        try await database.migrate(EventSchema.migrations + ManifestSchema.migrations)
        let clock = WallClock { Timestamp(milliseconds: 1) }
        let kind = ManifestKind(name: "Thing", plural: "things") { manifest in
            _ = try ManifestFields(manifest.spec, keys: ["size"]).optionalInteger("size", in: 1...9)
        }
        store = ManifestStore(
            database: database, events: EventLog(database: database, clock: clock), clock: clock, kinds: [kind])
        _ = try await store.apply(yaml: Self.thing(size: 1), by: "ann")
    }

    private static func thing(_ name: String = "a", size: Int) -> String {
        "apiVersion: martlet/v1\nkind: Thing\nmetadata:\n  name: \(name)\nspec:\n  size: \(size)\n"
    }

    private func serve(_ body: (LiveServer) async throws -> Void) async throws {
        var routes = Routes()
        ManifestPage(store: store).routes(into: &routes)
        // Where whoever has written is sent, which the client follows.
        routes.open("/things/{name}") { call in .text("the page of \(try call.path("name"))") }
        try await LiveServer.run(routes) { server in try await body(server) }
    }

    private func send(
        _ server: LiveServer, _ text: String, version: String, look: Bool = false
    ) async throws -> LiveServer.Answer {
        let form = "text=\(text.queryEscaped)&version=\(version)\(look ? "&look=1" : "")"
        return try await server.send(
            .POST, "/manifests/things/a", body: form, type: "application/x-www-form-urlencoded",
            headers: ["Origin": server.url])
    }

    private var size: JSON? {
        get async throws { try await store.manifest(kind: "Thing", name: "a").spec.json["size"] }
    }

    @Test func whatIsWrittenIsInForce() async throws {
        try await serve { server in
            let page = try await server.get("/manifests/Thing/a").text
            let version = try await store.applied(kind: "Thing", name: "a").version
            #expect(page.contains("value=\"\(version)\""))
            #expect(page.contains("  size: 1\n</textarea>"))
            let answer = try await send(server, Self.thing(size: 2).replacing("\n", with: "\r\n"), version: version)
            #expect(answer.text == "the page of a")
            #expect(try await size == 2)
            #expect(try await store.applied(kind: "Thing", name: "a").version != version)
        }
    }

    @Test func theSecondOfTwoIsToldAndOverwritesNothing() async throws {
        try await serve { server in
            let version = try await store.applied(kind: "Thing", name: "a").version
            _ = try await store.apply(yaml: Self.thing(size: 2), by: "<bob>")
            let answer = try await send(server, Self.thing(size: 3), version: version)
            #expect(answer.status == 409)
            #expect(try await size == 2)
            #expect(answer.text.contains("&lt;bob&gt; has changed this manifest"))
            #expect(answer.text.contains("<del>  size: 2\n</del>"))
            #expect(answer.text.contains("<ins>  size: 3\n</ins>"))
            // Told, the second may mean it so.
            let current = try await store.applied(kind: "Thing", name: "a").version
            #expect(answer.text.contains("name=\"version\" value=\"\(current)\""))
            #expect(try await send(server, Self.thing(size: 3), version: current).status == 200)
            #expect(try await size == 3)
        }
    }

    @Test func whatIsWrongIsSaidUnderItsCharacter() async throws {
        try await serve { server in
            let version = try await store.applied(kind: "Thing", name: "a").version
            _ = try await store.apply(yaml: Self.thing(size: 2), by: "bob")
            let answer = try await send(server, Self.thing(size: 12), version: version)
            #expect(answer.status == 400)
            #expect(answer.text.contains("Line 6, column 9: spec.size: expected a whole number from 1 to 9, got 12."))
            #expect(answer.text.contains("<samp class=\"caret\">  size: 12\n        ^</samp>"))
            #expect(answer.text.contains("  size: 12\n</textarea>"))
            // Nobody was told yet of what bob wrote.
            #expect(answer.text.contains("name=\"version\" value=\"\(version)\""))
            #expect(try await send(server, "a: [", version: version).text.contains("The manifest is not YAML: line"))
            #expect(try await size == 2)
        }
    }

    @Test func whatChangesIsShownBeforeItIsWritten() async throws {
        try await serve { server in
            let version = try await store.applied(kind: "Thing", name: "a").version
            let answer = try await send(server, Self.thing(size: 4), version: version, look: true)
            #expect(answer.status == 200)
            #expect(answer.text.contains("<ins>  size: 4\n</ins>"))
            #expect(try await size == 1)
        }
    }

    @Test(arguments: ["", "---\n", "\(thing("b", size: 1))", "\(thing(size: 1))---\n\(thing(size: 2))"])
    func oneDocumentOfTheSameNameIsTaken(text: String) async throws {
        try await serve { server in
            let version = try await store.applied(kind: "Thing", name: "a").version
            #expect(try await send(server, text, version: version).status == 400)
            #expect(try await store.names(kind: "Thing") == ["a"])
        }
    }

    @Test func whatIsGoneIsNotFound() async throws {
        try await serve { server in
            let version = try await store.applied(kind: "Thing", name: "a").version
            try await store.delete(kind: "Thing", name: "a", by: "bob")
            #expect(try await send(server, Self.thing(size: 3), version: version).status == 404)
            #expect(try await store.names(kind: "Thing") == [])
        }
    }
}
