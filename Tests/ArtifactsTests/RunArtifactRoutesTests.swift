import Blobs
import NIOHTTP1
import Tables
import TestSupport
import Testing
import Tracking
import Web
import Wire

@testable import Artifacts

/// Files of a run and of a logged model by their ids, for programs and for people.
@Suite(.everyEngine) struct RunArtifactRoutesTests {
    let folder: TemporaryFolder
    private let tracked: TrackedRun
    let model: LoggedModel

    init() async throws {
        folder = try TemporaryFolder()
        tracked = try await TrackedRun()
        model = try await tracked.models.create(NewLoggedModel(experimentID: .first, name: "model"), by: "ann")
    }

    private func routes(_ place: BlobPlace) async throws -> Routes {
        let store = ArtifactStore(blobs: try await place.store(in: folder))
        var routes = Routes()
        ArtifactRoutes(store: store).routes(into: &routes)
        RunArtifactRoutes(store: store, runs: tracked.runs, models: tracked.models).routes(into: &routes)
        let reader = PreviewReader(store: store, tables: .installed)
        RunFilesPage(files: FilesPage(store: store, reader: reader), runs: tracked.runs, models: tracked.models)
            .routes(into: &routes)
        return routes
    }

    /// Puts two files of the run and one of the model.
    private func withFiles(_ place: BlobPlace, _ body: (LiveServer) async throws -> Void) async throws {
        try await LiveServer.run(try await routes(place)) { server in
            let proxy = "/api/2.0/mlflow-artifacts/artifacts/"
            for uri in [
                "\(tracked.run.artifactURI)/roc.png", "\(tracked.run.artifactURI)/d/a b.txt",
                "\(model.artifactURI)/MLmodel",
            ] {
                let path = uri.dropFirst("mlflow-artifacts:/".count).replacing(" ", with: "%20")
                let put = try await server.send(.PUT, proxy + path, body: "hello")
                #expect(put.status == 200)
            }
            try await body(server)
        }
    }

    @Test(arguments: BlobPlace.allCases)
    func listsWithPathsRelativeToTheRun(place: BlobPlace) async throws {
        try await withFiles(place) { server in
            let list = "/api/2.0/mlflow/artifacts/list?run_id=\(tracked.run.id)"
            let top = try await server.get(list).json
            #expect(top["root_uri"]?.stringValue == tracked.run.artifactURI)
            #expect(top["files"]?.arrayValue?.map { $0["path"] } == ["d", "roc.png"])
            let inner = try await server.get(list + "&path=d").json
            #expect(inner["files"] == [["path": "d/a b.txt", "is_dir": false, "file_size": 5]])
            let ofModel = try await server.get("/api/2.0/mlflow/logged-models/\(model.id)/artifacts/directories").json
            #expect(ofModel["files"]?.arrayValue?.map { $0["path"] } == ["MLmodel"])
        }
    }

    @Test(arguments: BlobPlace.allCases)
    func handsOutFilesByRunAndPath(place: BlobPlace) async throws {
        try await withFiles(place) { server in
            let file = try await server.get("/get-artifact?run_uuid=\(tracked.run.id)&path=d%2Fa%20b.txt")
            #expect(file.text == "hello")
            #expect(file.header("Content-Disposition")?.hasPrefix("attachment") == true)
        }
    }

    @Test(
        arguments: BlobPlace.allCases,
        [
            ("/get-artifact?run_uuid=RUN&path=..%2F..%2Flock", 400), ("/get-artifact?run_uuid=RUN&path=nosuch", 404),
            ("/get-artifact?run_uuid=RUN", 400), ("/get-artifact?path=a", 400),
            ("/get-artifact?run_uuid=nosuch&path=a", 404),
            ("/api/2.0/mlflow/artifacts/list?run_id=RUN&path=%252e%252e", 400),
            ("/runs/RUN/artifacts?path=../..", 400),
        ])
    func refusesWhatIsNotThereOrClimbs(place: BlobPlace, _ example: (path: String, status: Int)) async throws {
        let (path, status) = example
        try await withFiles(place) { server in
            let answer = try await server.get(path.replacing("RUN", with: tracked.run.id))
            #expect(answer.status == status, "\(answer.text)")
        }
    }

    @Test(
        arguments: [
            (["run_id": "RUN", "path": "a"], "Presigned upload is not supported for proxied artifact storage"),
            (["model_id": "MODEL", "path": "a"], "Presigned upload is not supported for proxied artifact storage"),
            (["run_id": "RUN", "model_id": "MODEL", "path": "a"], "Exactly one of run_id and model_id"),
            (["path": "a"], "Exactly one of run_id and model_id"), (["run_id": "RUN"], "Missing value"),
            (["run_id": "RUN", "path": "../a"], "Invalid path"),
        ] as [([String: String], String)])
    func linksAreNotForFilesBehindThisServer(fields: [String: String], words: String) async throws {
        try await LiveServer.run(try await routes(.bucket)) { server in
            let ids = ["RUN": tracked.run.id, "MODEL": model.id]
            let body = JSON.members(fields.map { ($0.key, .string(ids[$0.value] ?? $0.value)) })
            let upload = try await server.mlflow(.POST, "artifacts/presigned-upload-url", body)
            #expect(upload.status == 400)
            #expect(upload.message.hasPrefix(words), "\(upload.message)")
        }
    }

    @Test(arguments: [
        (1, "Presigned download is not supported"), (604_800, "Presigned download is not supported"),
        (0, "expiration must be between 1 and 604800 seconds (got 0)"),
        (604_801, "expiration must be between 1 and 604800 seconds (got 604801)"),
    ])
    func linksForDownloadsHaveABoundedLife(seconds: Int64, words: String) async throws {
        try await LiveServer.run(try await routes(.folder)) { server in
            let body: JSON = ["run_id": .string(tracked.run.id), "path": "a", "expiration": .integer(seconds)]
            let answer = try await server.mlflow(.POST, "artifacts/presigned-download-url", body)
            #expect(answer.status == 400)
            #expect(answer.message.hasPrefix(words), "\(answer.message)")
        }
    }

    @Test(arguments: BlobPlace.allCases)
    func showsPicturesWhereTheyLie(place: BlobPlace) async throws {
        try await withFiles(place) { server in
            let page = try await server.get("/runs/\(tracked.run.id)/artifacts", headers: ["Accept": "text/html"]).text
            #expect(page.contains("<img src=\"/get-artifact?run_uuid=\(tracked.run.id)&amp;path=roc.png\""))
            #expect(page.contains("href=\"/runs/\(tracked.run.id)/artifacts?path=d\""))
        }
    }

    @Test func theFilesOfALoggedModelHaveAPage() async throws {
        try await withFiles(.folder) { server in
            let path = "/logged-models/\(model.id)/artifacts"
            let list = try await server.get(path, headers: ["Accept": "text/html"]).text
            #expect(list.contains("href=\"\(path)?path=MLmodel\""), "\(list)")
            let file = try await server.get(path + "?path=MLmodel", headers: ["Accept": "text/html"]).text
            #expect(file.contains("<code>hello</code>"))
            let download = "/ajax-api/2.0/mlflow/logged-models/\(model.id)/artifacts/files?artifact_file_path=MLmodel"
            #expect(file.contains("<a href=\"\(download)\">Download</a>"))
            #expect(try await server.get(download).text == "hello")
        }
    }

    @Test func everyFolderOnTheWayIsALink() async throws {
        try await withFiles(.folder) { server in
            let path = "/runs/\(tracked.run.id)/artifacts"
            let page = try await server.get(path + "?path=d/a%20b.txt", headers: ["Accept": "text/html"]).text
            #expect(page.contains("<a href=\"\(path)?path=d\">d</a>"), "\(page)")
        }
    }
}
