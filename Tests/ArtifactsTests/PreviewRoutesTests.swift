import Blobs
import NIOCore
import NIOHTTP1
import Tables
import TestSupport
import Testing
import Tracking
import Web
import Wire

@testable import Artifacts

/// Previews of a run's files, for programs and for people.
@Suite(.timeLimit(.minutes(2))) struct PreviewRoutesTests {
    private static let png: [UInt8] =
        [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 2, 0, 0, 0, 3]
    private static let files: [(name: String, bytes: [UInt8])] = [
        ("roc.png", png), ("notes.md", Array("# <b>Notes</b>".utf8)), ("a.json", Array(#"{"b":[1,2]}"#.utf8)),
        ("rows.csv", Array("x,y\n1,<i>\n".utf8)), ("report.html", Array("<script>1</script>".utf8)),
        ("model.bin", [0, 1, 2, 255]), ("broken.json", Array("{".utf8)),
    ]

    private func withFiles(
        _ place: BlobPlace, _ body: (LiveServer, _ run: String) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let tracked = try await TrackedRun()
        let (runs, models, run) = (tracked.runs, tracked.models, tracked.run)
        let store = ArtifactStore(blobs: try await place.store(in: folder))
        let root = try store.key(ofURI: run.artifactURI)
        for (name, bytes) in Self.files {
            try await store.blobs.put(
                try root.appending("out/\(name)"),
                AsyncThrowingStream { feed in
                    feed.yield(ByteBuffer(bytes: bytes))
                    feed.finish()
                })
        }
        var routes = Routes()
        let reader = PreviewReader(store: store, tables: .installed)
        let origin = ModelOrigin { uri in
            guard uri == "models:/churn/1" else { throw ArtifactError(.doesNotExist, "There is no \(uri).") }
            return run.artifactURI
        }
        PreviewRoutes(reader: reader, store: store, runs: runs, models: models, origin: origin).routes(into: &routes)
        RunFilesPage(files: FilesPage(store: store, reader: reader), runs: runs, models: models).routes(into: &routes)
        try await LiveServer.run(routes) { server in try await body(server, run.id) }
    }

    @Test(arguments: BlobPlace.allCases)
    func showsEachFileAsWhatItIs(place: BlobPlace) async throws {
        try await withFiles(place) { server, run in
            func preview(_ name: String) async throws -> JSON {
                try await server.get("\(PreviewRoutes.path)?run_id=\(run)&path=out/\(name)").json
            }
            let picture = try await preview("roc.png")
            #expect(picture["kind"] == "image" && picture["width"] == 2 && picture["height"] == 3)
            #expect(picture["data"] == "iVBORw0KGgoAAAANSUhEUgAAAAIAAAAD")
            #expect(picture["media_type"] == "image/png" && picture["size_bytes"] == 24)
            #expect(try await preview("notes.md")["text"] == "# <b>Notes</b>")
            let json = try await preview("a.json")
            #expect(json["kind"] == "json" && json["text"] == "{\n  \"b\": [\n    1,\n    2\n  ]\n}")
            let table = try await preview("rows.csv")
            #expect(table["kind"] == "table" && table["columns"] == ["x", "y"] && table["rows"] == [["1", "<i>"]])
            #expect(try await preview("report.html")["kind"] == "html")
            #expect(try await preview("model.bin")["kind"] == "none")
            #expect(try await preview("broken.json")["kind"] == "text")
            let ofVersion = try await server.get("\(PreviewRoutes.path)?model_uri=models:/churn/1&path=out/rows.csv")
            #expect(try ofVersion.json["rows"] == [["1", "<i>"]])
        }
    }

    @Test func aDocumentIsSandboxed() async throws {
        try await withFiles(.folder) { server, run in
            let answer = try await server.get("\(PreviewRoutes.documentPath)?run_id=\(run)&path=out/report.html")
            #expect(answer.text == "<script>1</script>")
            let policy = answer.header("Content-Security-Policy") ?? ""
            #expect(policy.hasPrefix("sandbox allow-scripts; default-src 'none'"))
            #expect(!policy.contains("allow-same-origin"))
            #expect(answer.headers["Content-Security-Policy"].count == 1)
            let other = try await server.get("\(PreviewRoutes.documentPath)?run_id=\(run)&path=out/notes.md")
            #expect(other.status == 400)
        }
    }

    @Test func thePageOfAFileShowsItAndEscapesIt() async throws {
        try await withFiles(.folder) { server, run in
            let expected = [
                "rows.csv": "<td>&lt;i&gt;</td>", "notes.md": "# &lt;b&gt;Notes&lt;/b&gt;", "roc.png": "2 × 3 pixels",
                "report.html":
                    "<iframe class=\"document\" sandbox=\"allow-scripts\" src=\"\(PreviewRoutes.documentPath)?",
                "model.bin": "not UTF-8 text",
            ]
            for (name, markup) in expected {
                let page = try await server.get(
                    "/runs/\(run)/artifacts?path=out/\(name)", headers: ["Accept": "text/html"])
                #expect(page.text.contains(markup), "\(page.text)")
            }
        }
    }

    @Test(arguments: [
        ("run_id=RUN&path=none", 404), ("run_id=RUN&path=out", 400), ("run_id=RUN", 400), ("path=a", 400),
        ("run_id=RUN&model_id=m&path=a", 400), ("run_id=RUN&model_uri=models:/churn/1&path=a", 400),
        ("model_uri=models:/churn/2&path=a", 404), ("run_id=RUN&path=..%2F..%2Fx", 400), ("run_id=none&path=a", 404),
    ])
    func refusesWhatIsNotThereOrClimbs(query: String, status: Int) async throws {
        try await withFiles(.folder) { server, run in
            let query = query.replacing("RUN", with: run)
            for path in [PreviewRoutes.path, PreviewRoutes.documentPath] {
                let answer = try await server.get("\(path)?\(query)")
                #expect(answer.status == status, "\(path)?\(query): \(answer.text)")
            }
        }
    }
}
