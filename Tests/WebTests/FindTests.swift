import TestSupport
import Testing
import Web
import Wire

/// Finding by name.
@Suite struct FindTests {
    @Test(arguments: [
        ("churn", "Churn", 0), ("churn", "churn-model", 1), ("mod", "churn-model", 2), ("mod", "churnModel", 2),
        ("churn mod", "churn-v2-model", 3), ("mod churn", "churn-model", 3), ("  CHURN   model ", "churn model", 0),
        ("2", "churn-v-2", 2), ("פרי", "עץ פרי", 2),
    ])
    func namesFitByTheBeginningsOfTheirWords(query: String, name: String, rank: Int) {
        #expect(NameQuery(query).rank(of: name) == rank)
    }

    @Test(arguments: [("urn", "churn"), ("churn x", "churn-model"), ("odel", "churn-model"), ("2", "churn-12")])
    func theMiddleOfAWordIsNoBeginning(query: String, name: String) {
        #expect(NameQuery(query).rank(of: name) == nil)
    }

    @Test func whatFitsBestComesFirstThenTheOrderOfFinders() async throws {
        try await LiveServer.run(Self.routes) { server in
            let found = try await server.get("/api/v1/find?q=tree").json["places"]?.arrayValue ?? []
            #expect(
                found.compactMap { $0["path"]?.stringValue } == ["/b/tree", "/a/tree-a", "/b/tree-b", "/a/old-tree"])
            #expect(found.first == ["kind": "b", "name": "tree", "path": "/b/tree"])
            let two = try await server.get("/api/v1/find?q=tree&limit=2").json["places"]?.arrayValue
            #expect(two?.count == 2)
            #expect(try await server.get("/api/v1/find?q=%20").json == ["places": []])
        }
    }

    @Test(arguments: ["0", "51", "-1", "x"])
    func refusesOtherLimits(limit: String) async throws {
        try await LiveServer.run(Self.routes) { server in
            let answer = try await server.get("/api/v1/find?q=tree&limit=\(limit)")
            #expect(answer.status == 400)
        }
    }

    @Test func withoutScriptsAPageDoesTheSame() async throws {
        let shell = PageShell(sections: [], version: "0", hasFinder: true)
        try await LiveServer.run(Self.routes, shell: shell) { server in
            let page = try await server.get("/find?q=%22tree%22").text
            #expect(page.contains("<form class=\"find\" action=\"/find\" method=\"get\" role=\"search\">"))
            #expect(page.contains("value=\"&quot;tree&quot;\""))
            #expect(page.contains("Nothing is called so."))
            #expect(try await server.get("/find?q=tree").text.contains("<a href=\"/a/old-tree\">old-tree</a>"))
        }
    }

    private static var routes: Routes {
        var routes = Routes()
        FindRoutes(
            finders: Finders([
                .among { ["old-tree", "tree-a", "street"].map { Place(kind: "a", name: $0, path: "/a/\($0)") } },
                .among { ["tree-b", "tree"].map { Place(kind: "b", name: $0, path: "/b/\($0)") } },
            ])
        ).routes(into: &routes)
        return routes
    }
}
