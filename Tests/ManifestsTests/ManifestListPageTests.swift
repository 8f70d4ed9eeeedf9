import Database
import Events
import NIOHTTP1
import TestSupport
import Testing
import Web
import Wire

@testable import Manifests

@Suite struct ManifestListPageTests {
    /// Words that YAML would take for something else, texts that break lines, nested lists: read again, all is as it was.
    @Test(
        arguments: [
            "{ variants: [{ name: main, model: 'models:/churn@champion', weight: 100 }] }",
            "{ a: 'true', b: true, c: '1', d: 1, e: 1.5, f: '1e3', g: null, h: '', i: 'no', j: '~', k: '- x' }",
            "{ text: \"two\\nlines: #1 \\\"quoted\\\"\", 'a key: with': {}, list: [], nested: [[1, 2], [{ a: [{}] }]] }",
            "{ run: [python3, retrain.py], emoji: 🐦, right: 'يمين', tail: 'x ', deep: { a: { b: { c: [x, y] } } } }",
            "{ long: [aaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, ccccccccccccccccccccccccccccccccc, d] }",
        ])
    func isWrittenAsItIsRead(spec: String) throws {
        let text = "apiVersion: martlet/v1\nkind: Thing\nmetadata: { name: a, team: \"on: call\" }\nspec: \(spec)\n"
        let manifest = try #require(try Manifest.parse(yaml: text).first)
        let again = try #require(try Manifest.parse(yaml: manifest.yaml).first)
        #expect(again.json == manifest.json, "\(manifest.yaml)")
    }

    @Test(.everyEngine) func showsWhatIsInForceAndHowItCameAbout() async throws {
        let home = try await TestDatabase()
        let database = try home.open()
        try await database.migrate(EventSchema.migrations + ManifestSchema.migrations)
        let events = EventLog(database: database, clock: .system)
        let store = ManifestStore(
            database: database, events: events, clock: .system,
            kinds: ["Thing", "Other"].map { ManifestKind(name: $0, plural: "\($0.lowercased())s") { _ in } })
        var routes = Routes()
        ManifestRoutes(store: store).routes(into: &routes)
        ManifestPage(store: store).routes(into: &routes)
        ManifestListPage(store: store) { $0.hasPrefix("things/") ? "/\($0)" : nil }.routes(into: &routes)
        try await LiveServer.run(routes) { server in
            let none = try await server.get("/manifests").text
            #expect(none.contains("No manifest is applied") && none.contains("\(server.url)/api/v1/apply"))
            func apply(_ kind: String, _ name: String, _ size: Int) async throws {
                let text = "apiVersion: martlet/v1\nkind: \(kind)\nmetadata: {name: \(name)}\nspec: {size: \(size)}\n"
                _ = try await store.apply(yaml: text, by: "ann")
            }
            try await apply("Thing", "a", 1)
            try await apply("Thing", "a", 2)
            try await apply("Other", "b", 3)
            let list = try await server.get("/manifests").text
            #expect(list.contains("href=\"/manifests/things/a\"") && list.contains("href=\"/things/a\""))
            #expect(list.contains("href=\"/manifests/others/b\"") && !list.contains("href=\"/others/b\""))
            #expect(!(try await server.get("/manifests?kind=others").text.contains("/manifests/things/a")))
            #expect(try await server.get("/manifests?kind=shoes").status == 404)
            let page = try await server.get("/manifests/things/a").text
            #expect(page.contains("size: 2") && page.contains("size: 1") && page.contains("updated"), "\(page)")
            #expect(try await server.get("/manifests/things/z").status == 404)
        }
    }
}
