import Database
import NIOHTTP1
import TestSupport
import Testing
import Tracking
import Web
import Wire

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct SavedViewTests {
    private static let path = "/api/v1/experiments/0/views"

    private static func document(_ name: String, shared: Bool = true, isDefault: Bool = false) -> JSON {
        [
            "name": .string(name), "shared": .bool(shared), "default": .bool(isDefault),
            "view": ["filter": "metrics.auc > 0.5", "order_by": "metrics.auc DESC", "columns": "metrics.auc"],
        ]
    }

    /// Whoever the `Authorization` header says.
    private static let byName = Authoriser(
        authenticate: { $0.map { Principal(name: $0) } }, permits: { _, _ in true })

    @Test func aViewIsADocumentThatIsCarriedElsewhere() async throws {
        try await TrackingFixture.serve { fixture, server in
            let other = try await fixture.experiments.create(name: "other", by: "ann")
            let made = try await server.post(Self.path, json: Self.document("best"))
            #expect(made.status == 201)
            #expect(made.header("ETag") == "\"1\"")
            let kept = try await server.get("/api/v1/views/\(made.json["view_id"]?.stringValue ?? "")").json
            #expect(try kept == made.json)
            #expect(kept["view"] == Self.document("best")["view"])
            let copy = try await server.post("/api/v1/experiments/\(other.text)/views", json: kept)
            #expect(copy.status == 201)
            #expect(try copy.json["view"] == kept["view"])
            #expect(try await fixture.eventKinds().suffix(2) == ["view.created", "view.created"])
        }
    }

    @Test func theSecondOfTwoWhoChangeAViewIsTold() async throws {
        try await TrackingFixture.serve { _, server in
            let id = try await server.post(Self.path, json: Self.document("best")).json["view_id"]?.stringValue ?? ""
            func put(_ name: String, version: String) async throws -> LiveServer.Answer {
                try await server.send(
                    .PUT, "/api/v1/views/\(id)", body: Self.document(name).text, type: "application/json",
                    headers: ["If-Match": version])
            }
            #expect(try await put("mine", version: "\"1\"").header("ETag") == "\"2\"")
            let late = try await put("theirs", version: "\"1\"")
            #expect(late.status == 409)
            #expect(late.text.contains("version 2, not 1"))
            #expect(try await server.get("/api/v1/views/\(id)").json["name"] == "mine")
            #expect(try await put("x", version: "best").status == 400)
            let stale = try await server.send(.DELETE, "/api/v1/views/\(id)", headers: ["If-Match": "\"1\""])
            #expect(stale.status == 409)
            #expect(try await server.send(.DELETE, "/api/v1/views/\(id)").status == 200)
            #expect(try await server.get("/api/v1/views/\(id)").status == 404)
        }
    }

    @Test func aPersonalViewIsItsOwners() async throws {
        let fixture = try await TrackingFixture()
        try await LiveServer.run(fixture.routes, authoriser: Self.byName) { server in
            let (ann, bob): (HTTPHeaders, HTTPHeaders) = (["Authorization": "ann"], ["Authorization": "bob"])
            let mine = try await server.post(
                Self.path, json: Self.document("mine", shared: false, isDefault: true), headers: ann
            ).json
            let id = mine["view_id"]?.stringValue ?? ""
            #expect(try await server.get("/api/v1/views/\(id)", headers: bob).status == 404)
            #expect(try await server.send(.DELETE, "/api/v1/views/\(id)", headers: bob).status == 404)
            _ = try await server.post(Self.path, json: Self.document("ours", isDefault: true), headers: bob)
            #expect(try await server.get(Self.path, headers: bob).json["views"]?.arrayValue?.count == 1)
            #expect(try await server.get(Self.path, headers: ann).json["views"]?.arrayValue?.count == 2)
            // One's own comes before that of all.
            let pages = try await (
                server.get("/experiments/0", headers: ann).text, server.get("/experiments/0", headers: bob).text
            )
            #expect(pages.0.contains("mine") && !pages.1.contains("mine"))
            #expect(pages.1.contains("aria-current=\"true\">ours"))
            #expect(pages.0.contains("aria-current=\"true\">mine"))
        }
    }

    @Test func anExperimentOpensWithOneViewAndOnlyWithoutAnother() async throws {
        try await TrackingFixture.serve { _, server in
            for name in ["first", "second"] {
                _ = try await server.post(Self.path, json: Self.document(name, isDefault: true))
            }
            let views = try await server.get(Self.path).json["views"]?.arrayValue ?? []
            #expect(views.map { $0["default"] } == [false, true])
            #expect(views.map { $0["version"] } == [2, 1], "what lost its place has changed")
            let filter = "value=\"metrics.auc &gt; 0.5\""
            #expect(try await server.get("/experiments/0").text.contains(filter))
            #expect(try await !server.get("/experiments/0?filter=").text.contains(filter))
        }
    }

    @Test func refusesWhatIsNoView() async throws {
        try await TrackingFixture.serve { _, server in
            func status(_ document: JSON, in experiment: String = "0") async throws -> Int {
                try await server.post("/api/v1/experiments/\(experiment)/views", json: document).status
            }
            let long = String(repeating: "x", count: 121)
            let refused: [JSON] = [
                ["view": [:]], ["name": "x", "view": ["filter": "metrics.auc >"]],
                ["name": "x", "view": ["columns": "nope"]], ["name": "x", "view": "filter"], ["name": .string(long)],
                ["name": "x", "view": ["filter": .string("run_name = '\(String(repeating: "x", count: 8192))'")]],
            ]
            for document in refused {
                let answer = try await status(document)
                #expect(answer == 400, "\(document.text)")
            }
            let named: JSON = ["name": "x"]
            let first = try await status(named)
            let second = try await status(["name": "x", "shared": true])
            let lost = try await status(named, in: "9")
            #expect([first, second, lost] == [201, 409, 404])
        }
    }

    @Test func aPurgedExperimentTakesItsViewsAndKeysAlong() async throws {
        let fixture = try await TrackingFixture()
        let other = try await fixture.experiments.create(name: "other", by: "ann")
        _ = try await fixture.run("a", in: other)
        let views = SavedViewStore(fixture.runs)
        let draft = try SavedView.Draft(name: "x", view: RunView(), isShared: true, isDefault: false, in: other)
        _ = try await views.create(draft, in: other, by: "ann")
        try await fixture.database.write { try ExperimentStore.removeRemains(of: other, in: $0) }
        #expect(try await views.views(of: other, for: "ann").isEmpty)
        #expect(try await fixture.runs.keys.columns(of: other, containing: [], limit: 9).elements.isEmpty)
    }
}
