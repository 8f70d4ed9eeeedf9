import Blobs
import Database
import Events
import NIOHTTP1
import TestSupport
import Testing
import Tracking
import Web
import Wire

@testable import Artifacts

/// Files of a run and of a logged model by their ids, for programs and for people.
@Suite struct RunArtifactRoutesTests {
    let folder: TemporaryFolder
    let run: Run
    let model: LoggedModel
    let routes: Routes

    init() async throws {
        folder = try TemporaryFolder()
        let database = try Database.open(.sqlite(path: folder.path("martlet.db")))
        try await database.migrate(EventSchema.migrations + TrackingSchema.migrations(now: Timestamp(milliseconds: 0)))
        let events = EventLog(database: database, clock: .system)
        let runs = RunStore(database: database, events: events, entropy: .system)
        let models = LoggedModelStore(database: database, events: events, clock: .system, entropy: .system)
        let store = ArtifactStore(blobs: try BlobStore(folder: folder.path("artifacts"), entropy: .system))
        run = try await runs.create(
            NewRun(experimentID: .first, startTime: Timestamp(milliseconds: 1), name: "boosted"), by: "ann")
        model = try await models.create(NewLoggedModel(experimentID: .first, name: "model"), by: "ann")
        var routes = Routes()
        ArtifactRoutes(store: store).routes(into: &routes)
        RunArtifactRoutes(store: store, runs: runs, models: models).routes(into: &routes)
        RunArtifactPage(store: store, runs: runs).routes(into: &routes)
        self.routes = routes
    }

    /// Puts two files of the run and one of the model.
    private func withFiles(_ body: (LiveServer) async throws -> Void) async throws {
        try await LiveServer.run(routes) { server in
            let proxy = "/api/2.0/mlflow-artifacts/artifacts/"
            for uri in [
                "\(run.info.artifactURI)/roc.png", "\(run.info.artifactURI)/d/a b.txt", "\(model.artifactURI)/MLmodel",
            ] {
                let path = uri.dropFirst("mlflow-artifacts:/".count).replacing(" ", with: "%20")
                let put = try await server.send(.PUT, proxy + path, body: "hello")
                #expect(put.status == 200)
            }
            try await body(server)
        }
    }

    @Test func listsWithPathsRelativeToTheRun() async throws {
        try await withFiles { server in
            let list = "/api/2.0/mlflow/artifacts/list?run_id=\(run.info.id)"
            let top = try await server.get(list).json
            #expect(top["root_uri"]?.stringValue == run.info.artifactURI)
            #expect(top["files"]?.arrayValue?.map { $0["path"] } == ["d", "roc.png"])
            let inner = try await server.get(list + "&path=d").json
            #expect(inner["files"] == [["path": "d/a b.txt", "is_dir": false, "file_size": 5]])
            let ofModel = try await server.get("/api/2.0/mlflow/logged-models/\(model.id)/artifacts/directories").json
            #expect(ofModel["files"]?.arrayValue?.map { $0["path"] } == ["MLmodel"])
        }
    }

    @Test func handsOutFilesByRunAndPath() async throws {
        try await withFiles { server in
            let file = try await server.get("/get-artifact?run_uuid=\(run.info.id)&path=d%2Fa%20b.txt")
            #expect(file.text == "hello")
            #expect(file.header("Content-Disposition")?.hasPrefix("attachment") == true)
        }
    }

    @Test(arguments: [
        ("/get-artifact?run_uuid=RUN&path=..%2F..%2Flock", 400), ("/get-artifact?run_uuid=RUN&path=nosuch", 404),
        ("/get-artifact?run_uuid=RUN", 400), ("/get-artifact?path=a", 400),
        ("/get-artifact?run_uuid=nosuch&path=a", 404),
        ("/api/2.0/mlflow/artifacts/list?run_id=RUN&path=%252e%252e", 400),
        ("/runs/RUN/artifacts?path=../..", 400),
    ])
    func refusesWhatIsNotThereOrClimbs(path: String, status: Int) async throws {
        try await withFiles { server in
            let answer = try await server.get(path.replacing("RUN", with: run.info.id))
            #expect(answer.status == status, "\(answer.text)")
        }
    }

    @Test func showsPicturesWhereTheyLie() async throws {
        try await withFiles { server in
            let page = try await server.get("/runs/\(run.info.id)/artifacts", headers: ["Accept": "text/html"]).text
            #expect(page.contains("<img src=\"/get-artifact?run_uuid=\(run.info.id)&amp;path=roc.png\""))
            #expect(page.contains("href=\"/runs/\(run.info.id)/artifacts?path=d\""))
        }
    }
}
