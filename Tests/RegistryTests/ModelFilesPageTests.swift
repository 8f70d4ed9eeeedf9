import Artifacts
import Blobs
import NIOCore
import NIOHTTP1
import Registry
import Tables
import TestSupport
import Testing
import Tracking
import Web
import Wire

/// The files of a version, for people.
@Suite struct ModelFilesPageTests {
    private static func serve(_ body: (LiveServer) async throws -> Void) async throws {
        let fixture = try await RegistryFixture()
        let model = try await fixture.loggedModel()
        try await fixture.artifacts.blobs.put(
            try fixture.artifacts.key(ofURI: model.artifactURI).appending("data/rows.csv"),
            AsyncThrowingStream { feed in
                feed.yield(ByteBuffer(string: "x,y\n1,<i>\n"))
                feed.finish()
            })
        _ = try await fixture.models.create(name: "churn & co", by: "ann")
        let new = NewModelVersion(name: "churn & co", source: "models:/\(model.id)", modelID: model.id)
        _ = try await fixture.versions.create(new, by: "ann")
        var routes = fixture.routes
        let reader = PreviewReader(store: fixture.artifacts, tables: .installed)
        let files = FilesPage(store: fixture.artifacts, reader: reader)
        ModelFilesPage(files: files, versions: fixture.versions).routes(into: &routes)
        ModelPage(models: fixture.models, versions: fixture.versions, runs: fixture.runs).routes(into: &routes)
        try await LiveServer.run(routes) { server in try await body(server) }
    }

    private static let path = "/models/churn%20%26%20co/versions/1/artifacts"

    @Test func leadsFromTheModelToAFile() async throws {
        try await Self.serve { server in
            func page(_ path: String) async throws -> String {
                try await server.get(path, headers: ["Accept": "text/html"]).text
            }
            #expect(try await page("/models/churn%20%26%20co").contains("href=\"\(Self.path)\""))
            #expect(try await page(Self.path).contains("href=\"\(Self.path)?path=data\""))
            let file = try await page(Self.path + "?path=data/rows.csv")
            #expect(file.contains("<td>&lt;i&gt;</td>"), "\(file)")
            let download = "/model-versions/get-artifact?name=churn%20%26%20co&version=1&path=data%2Frows.csv"
            #expect(file.contains("<a href=\"\(download.replacing("&", with: "&amp;"))\">Download</a>"), "\(file)")
            #expect(try await server.get(download).text == "x,y\n1,<i>\n")
        }
    }

    @Test(arguments: [("2", 404), ("x", 400), ("0", 400), ("latest", 200)])
    func refusesWhatIsNoVersion(version: String, status: Int) async throws {
        try await Self.serve { server in
            let answer = try await server.get("/models/churn%20%26%20co/versions/\(version)/artifacts")
            #expect(answer.status == status, "\(answer.text)")
        }
    }
}
