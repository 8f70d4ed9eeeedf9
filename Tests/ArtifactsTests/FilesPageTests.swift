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

/// The tree of a run's files, on its own page and on that of the run.
@Suite(.timeLimit(.minutes(2))) struct FilesPageTests {
    /// A run with files, and the server of its pages.
    private struct World {
        let server: LiveServer
        let store: ArtifactStore
        let runs: RunStore
        let models: LoggedModelStore
        let run: RunInfo

        func put(_ path: String, _ text: String = "x", in uri: String? = nil) async throws {
            let key = try store.key(ofURI: uri ?? run.artifactURI).appending(path)
            try await store.blobs.put(
                key,
                AsyncThrowingStream { feed in
                    feed.yield(ByteBuffer(string: text))
                    feed.finish()
                })
        }

        func page(_ path: String) async throws -> String {
            try await server.get("/runs/\(run.id)\(path)", headers: ["Accept": "text/html"]).text
        }
    }

    private func serve(
        _ place: BlobPlace = .folder, tags: [Tracking.Tag] = [], _ body: (World) async throws -> Void
    ) async throws {
        try await serve(tags: tags, in: { try await place.store(in: $0) }, body)
    }

    private func serve(
        tags: [Tracking.Tag] = [], in blobs: (TemporaryFolder) async throws -> BlobStore,
        _ body: (World) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        let tracked = try await TrackedRun(tags: tags)
        let (runs, models, run) = (tracked.runs, tracked.models, tracked.run)
        let store = ArtifactStore(blobs: try await blobs(folder))
        let reader = PreviewReader(store: store, tables: .installed)
        let files = FilesPage(
            store: store, reader: reader, description: .init { text in "<p>described: \(text)</p>" })
        var routes = Routes()
        TrackingRoutes(
            experiments: ExperimentStore(
                database: tracked.database, events: tracked.events, clock: .system, workingFolder: "/home/ann"),
            runs: runs, metrics: MetricStore(database: tracked.database), models: models,
            runParts: [ReproductionPage(store: store, models: models).part, RunFilesPage.part(of: files)]
        ).routes(into: &routes)
        RunFilesPage(files: files, runs: runs, models: models).routes(into: &routes)
        RunArtifactRoutes(store: store, runs: runs, models: models).routes(into: &routes)
        try await LiveServer.run(routes) { server in
            try await body(World(server: server, store: store, runs: runs, models: models, run: run))
        }
    }

    @Test(arguments: BlobPlace.allCases)
    func foldersOpenAndCloseByTheirLinks(place: BlobPlace) async throws {
        try await serve(place) { world in
            for path in ["a/b/deep <i>.txt", "a/one.txt", "two.txt"] { try await world.put(path) }
            let files = "/runs/\(world.run.id)/artifacts"
            let closed = try await world.page("/artifacts")
            #expect(closed.contains("<a class=\"folder\" href=\"\(files)?path=a\" aria-expanded=\"false\">a/</a>"))
            #expect(!closed.contains("one.txt") && closed.contains("Choose a file"))
            let open = try await world.page("/artifacts?path=a/b")
            #expect(open.contains("<a class=\"folder\" href=\"\(files)\" aria-expanded=\"true\">a/</a>"), "\(open)")
            #expect(open.contains("<a class=\"folder\" href=\"\(files)?path=a\" aria-expanded=\"true\">b/</a>"))
            #expect(open.contains("deep &lt;i&gt;.txt") && open.contains("one.txt") && open.contains("two.txt"))
            let file = try await world.page("/artifacts?path=a/one.txt")
            #expect(file.contains("<div aria-current=\"true\"><a href=\"\(files)?path=a%2Fone.txt\">one.txt</a>"))
            #expect(file.contains("<small>1 bytes</small>") && file.contains("written <time"))
            let gone = try await world.server.get("\(files)?path=a/none", headers: ["Accept": "text/html"])
            #expect(gone.status == 404 && gone.text.contains("There is no file"))
        }
    }

    /// Of a folder with thousands of files a few hundred are shown at a time; one that is looked at is always there.
    @Test func aFullFolderComesByPortions() async throws {
        try await serve { world in
            let names = (0..<450).map { "f\(1000 + $0)" }
            for name in names { try await world.put("many/\(name)") }
            var seen: [String] = []
            var next: String? = "/artifacts?path=many"
            while let path = next, seen.count < 1000 {
                let page = try await world.page(path)
                let shown = page.matches(of: #/>(f1\d\d\d)</a><small>/#).map { String($0.1) }
                #expect(shown.count <= FilesPage.portionSize)
                seen += shown
                next = page.firstMatch(of: #/artifacts(\?path=many&amp;after=[^"]*)">More files/#).map {
                    "/artifacts\($0.1)".replacing("&amp;", with: "&")
                }
            }
            #expect(seen == names)
            let last = try await world.page("/artifacts?path=many/f1449")
            #expect(last.matches(of: #/>(f1\d\d\d)</a><small>/#).count == FilesPage.portionSize + 1)
            #expect(
                last.contains(
                    "<div aria-current=\"true\"><a href=\"/runs/\(world.run.id)/artifacts?path=many%2Ff1449\">"))
            // Coming from a later portion, that one stays in sight.
            let there = try await world.page("/artifacts?path=many/f1449&after=f1399")
            #expect(
                there.contains(">f1400</a>") && !there.contains(">f1000</a>") && there.contains("From the beginning"))
        }
    }

    @Test func areAPartOfTheRunsPage() async throws {
        try await serve { world in
            try await world.put("out/notes.md", "# <b>Notes</b>")
            let page = try await world.page("?path=out/notes.md&smooth=0.6")
            #expect(page.contains("# &lt;b&gt;Notes&lt;/b&gt;"))
            // Links of the tree keep how curves are looked at.
            #expect(
                page.contains("href=\"/runs/\(world.run.id)?smooth=0.6#files\" aria-expanded=\"true\">out/</a>"),
                "\(page)")
            #expect(page.contains("/runs/\(world.run.id)/artifacts\">on a page of their own"))
            let gone = try await world.server.get("/runs/\(world.run.id)?path=none", headers: ["Accept": "text/html"])
            #expect(
                gone.status == 200 && gone.text.contains("<code>none</code> any more") && gone.text.contains("out/"))
            let climbing = try await world.server.get(
                "/runs/\(world.run.id)?path=..%2F..%2Fx", headers: ["Accept": "text/html"])
            #expect(climbing.status == 200 && climbing.text.contains("Its files cannot be shown: Invalid path"))
        }
    }

    /// The page is about more than its files.
    @Test func aRunIsShownWhileItsFilesAreOutOfReach() async throws {
        let s3 = try await S3Server.get()
        let bucket = try await s3.bucket()
        try await serve(in: { try BlobPlace.store(of: bucket, at: s3, in: $0) }) { world in
            try await world.put("requirements.txt", "numpy==2\n")
            #expect(try await world.page("").contains("1 package"))
            // A listing tells which of them there are.
            #expect(try await !s3.requests(of: bucket).contains { $0.contains("conda.yaml") })
            for method in ["GET", "HEAD"] {
                try await s3.order(["bucket": .string(bucket), "method": .string(method), "status": 503, "times": 100])
            }
            let answer = try await world.server.get("/runs/\(world.run.id)", headers: ["Accept": "text/html"])
            #expect(answer.status == 200 && answer.text.contains("Run id"), "\(answer.text)")
            #expect(answer.text.contains("Its files cannot be shown now: "))
            #expect(answer.text.contains("What its models need cannot be read now"))
        }
    }

    /// Also behind so many others that a listing would not end with them.
    @Test func findsWhatARunNeedsAmongManyFiles() async throws {
        try await serve { world in
            for number in 0..<120 { try await world.put("d\(1000 + number)") }
            for name in ["conda.yaml", "requirements.txt"] { try await world.put(name, "a==1\n") }
            let page = try await world.page("")
            #expect(page.contains("artifacts?path=conda.yaml") && page.contains("artifacts?path=requirements.txt"))
            #expect(!page.contains("artifacts?path=python_env.yaml"))
        }
    }

    @Test func saysWhatAModelTakes() async throws {
        try await serve { world in
            try await world.put("model/MLmodel", "flavors: <b>")
            for path in ["/artifacts?path=model", "/artifacts?path=model/MLmodel"] {
                #expect(try await world.page(path).contains("<p>described: flavors: &lt;b&gt;</p>"))
            }
        }
    }

    /// Texts, lines and columns without end make no page without end.
    @Test func whatIsLargeIsCut() async throws {
        try await serve { world in
            try await world.put("long.txt", String(repeating: "x", count: 400_000))
            try await world.put("lines.log", (0..<100_000).map { "line \($0)\n" }.joined())
            let wide = (0..<20_000).map { "c\($0)" }.joined(separator: ",")
            try await world.put("wide.csv", wide + "\n" + String(repeating: "1\n", count: 60))
            try await world.put("cell.csv", "a\n" + String(repeating: "y", count: 100_000) + "\n1\n")
            for name in ["long.txt", "lines.log", "wide.csv", "cell.csv"] {
                let page = try await world.page("/artifacts?path=\(name)")
                #expect(page.utf8.count < 120_000, "\(name): \(page.utf8.count)")
                #expect(page.contains("download the file for the rest") || name == "cell.csv", "\(name)")
            }
        }
    }

    @Test func namesWhatItsModelsNeed() async throws {
        let former = Tracking.Tag(
            key: "mlflow.log-model.history", value: #"[{"artifact_path": "forest & co"}, {"other": 1}]"#)
        try await serve(tags: [former]) { world in
            try await world.put("forest & co/requirements.txt", "# pinned\nscikit-learn==1.5\n\n-f x\nnumpy==2\n")
            try await world.put("forest & co/python_env.yaml", "python: 3.11.2\nbuild_dependencies:\n- pip\n")
            let model = try await world.models.create(
                try NewLoggedModel(experimentID: .first, name: "boosted", sourceRunID: world.run.id), by: "ann")
            try await world.runs.logOutputs([ModelOutput(modelID: model.id, step: 0)], to: world.run.id)
            try await world.put("conda.yaml", "dependencies:\n- python=3.12.1\n", in: model.artifactURI)
            let page = try await world.page("")
            let path = "forest%20%26%20co%2Frequirements.txt"
            #expect(page.contains("<a href=\"/runs/\(world.run.id)/artifacts?path=\(path)\">requirements.txt</a>"))
            #expect(page.contains("2 packages") && page.contains("Python 3.11.2") && page.contains("Python 3.12.1"))
            #expect(page.contains("<a href=\"/logged-models/\(model.id)/artifacts?path=conda.yaml\">conda.yaml</a>"))
            // What pip is told to fetch is there.
            let address = try #require(
                page.firstMatch(of: #/pip install -r &\#39;http://[^/]*([^&]*(?:&amp;[^&]*)*)&\#39;/#))
            let fetched = try await world.server.get(String(address.1).replacing("&amp;", with: "&"))
            #expect(fetched.status == 200 && fetched.text.contains("scikit-learn==1.5"))
        }
    }
}
