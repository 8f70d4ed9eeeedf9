import Database
import NIOHTTP1
import Registry
import TestSupport
import Testing
import Tracking
import Trash
import Wire

/// The trash as people see it.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct TrashPageTests {
    private static func send(_ fields: String, to verb: String, at server: LiveServer) async throws -> LiveServer.Answer
    {
        try await server.send(
            .POST, "/trash/\(verb)", body: fields, type: "application/x-www-form-urlencoded",
            headers: ["Accept": "text/html"])
    }

    @Test func takesBackWhatItShows() async throws {
        try await TrashFixture.serve { fixture, server in
            #expect(try await server.get("/trash").text.contains("The trash is empty"))
            let run = try await fixture.run()
            try await fixture.runs.delete(run.id, by: "ann")
            let page = try await server.get("/trash").text
            #expect(page.contains("href=\"/runs/\(run.id)\""), "\(page)")
            #expect(page.contains("name=\"id\" value=\"\(run.id)\""))
            #expect(try await server.get("/trash?kind=model").text.contains("Nothing of this kind"))
            #expect(try await server.get("/trash?kind=shoe").status == 400)
            _ = try await Self.send("kind=run&id=\(run.id)", to: "restore", at: server)
            #expect(try await server.get("/trash").text.contains("The trash is empty"))
            #expect(try await fixture.runs.run(run.id).info.stage == .active)
        }
    }

    @Test func purgesOneThingAndNoOther() async throws {
        try await TrashFixture.serve { fixture, server in
            let runs = [try await fixture.run(), try await fixture.run()]
            for run in runs { try await fixture.runs.delete(run.id, by: "ann") }
            _ = try await Self.send("kind=run&id=\(runs[0].id)", to: "purge", at: server)
            let page = try await server.get("/trash").text
            #expect(!page.contains(runs[0].id) && page.contains(runs[1].id))
            // Without an id it would be everything.
            let all = try await Self.send("kind=run", to: "purge", at: server)
            #expect(all.status == 400)
            #expect(try await server.get("/trash").text.contains(runs[1].id))
        }
    }

    @Test func aModelComesBackUnderAnotherNameWhereItsOwnIsTaken() async throws {
        try await TrashFixture.serve { fixture, server in
            try await fixture.register("churn")
            try await fixture.models.delete("churn", by: "ann")
            try await fixture.register("churn")
            let item = try #require(try await fixture.trash.items(limit: 10).elements.first { $0.kind == .model })
            let refused = try await Self.send("kind=model&id=\(item.id)", to: "restore", at: server)
            #expect(refused.status >= 400 && refused.text.contains("churn"), "\(refused.text)")
            _ = try await Self.send("kind=model&id=\(item.id)&name=churn-2025", to: "restore", at: server)
            #expect(try await fixture.models.model(named: "churn-2025").name == "churn-2025")
        }
    }

    @Test func goesOnWithAPurgeThatWasInterrupted() async throws {
        try await TrashFixture.serve { fixture, server in
            let run = try await fixture.run()
            try await fixture.runs.delete(run.id, by: "ann")
            try await fixture.database.write { transaction in
                try transaction.execute(
                    """
                    INSERT INTO purges (rank, id, artifact_uri, requested_at)
                    VALUES (\(DeletedKind.run.rank), 'gone', 'mlflow-artifacts:/0/gone/artifacts', 0)
                    """)
            }
            #expect(try await server.get("/trash").text.contains("purged from sight"))
            _ = try await Self.send("", to: "finish", at: server)
            let page = try await server.get("/trash").text
            #expect(!page.contains("purged from sight") && page.contains(run.id))
        }
    }

    @Test func isReadByPage() async throws {
        try await TrashFixture.serve { fixture, server in
            for number in 0..<101 {
                let experiment = try await fixture.experiments.create(name: "e\(number)", by: "ann")
                try await fixture.experiments.delete(experiment, by: "ann")
            }
            let first = try await server.get("/trash?kind=experiment").text
            #expect(first.contains(">e100<") && !first.contains(">e0<"))
            let next = try #require(first.firstMatch(of: /href="([^"]*page_token=[^"]*)"/)?.1)
            let second = try await server.get(String(next).replacing("&amp;", with: "&")).text
            #expect(second.contains(">e0<") && !second.contains(">e100<") && !second.contains("page_token"))
        }
    }
}
