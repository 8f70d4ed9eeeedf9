import AsyncHTTPClient
import Blobs
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing
import Web
import Wire

@testable import Artifacts

/// The proxy for artifacts, wherever it keeps them.
@Suite(.timeLimit(.minutes(2))) struct ArtifactRoutesTests {
    let folder: TemporaryFolder
    let base = "/api/2.0/mlflow-artifacts/artifacts"

    init() throws {
        folder = try TemporaryFolder()
    }

    private func run(_ place: BlobPlace, _ body: (LiveServer, ArtifactStore) async throws -> Void) async throws {
        let store = ArtifactStore(blobs: try await place.store(in: folder))
        var routes = Routes()
        ArtifactRoutes(store: store).routes(into: &routes)
        DirectTransferRoutes(store: store).routes(into: &routes)
        try await LiveServer.run(routes) { server in try await body(server, store) }
    }

    @Test(arguments: BlobPlace.allCases)
    func whatGoesUpComesDownWithItsTypeAndName(place: BlobPlace) async throws {
        try await run(place) { server, _ in
            let put = try await server.send(.PUT, "\(base)/0/r/artifacts/d/a%20b.txt", body: "hello")
            #expect(put.status == 200)
            let got = try await server.get("\(base)/0/r/artifacts/d%2Fa%20b.txt")
            #expect(got.text == "hello")
            #expect(got.header("Content-Type") == "text/plain")
            #expect(got.header("Content-Disposition") == "attachment; filename=\"a b.txt\"")
            #expect(got.header("X-Content-Type-Options") == "nosniff")
            #expect(got.header("Content-Length") == "5")
        }
    }

    @Test(
        arguments: BlobPlace.allCases,
        [
            ("bytes=1-2", 206, "el", "bytes 1-2/5"), ("bytes=-3", 206, "llo", "bytes 2-4/5"),
            ("bytes=3-", 206, "lo", "bytes 3-4/5"),
            ("bytes=0-99", 206, "hello", "bytes 0-4/5"), ("bytes=0-1,3-4", 200, "hello", nil),
            ("lines=1-2", 200, "hello", nil),
        ] as [(String, Int, String, String?)])
    func answersRanges(
        place: BlobPlace, _ example: (header: String, status: Int, text: String, contentRange: String?)
    ) async throws {
        let (header, status, text, contentRange) = example
        try await run(place) { server, _ in
            _ = try await server.send(.PUT, "\(base)/a.txt", body: "hello")
            let got = try await server.get("\(base)/a.txt", headers: ["Range": header])
            #expect(got.status == status)
            #expect(got.text == text)
            #expect(got.header("Content-Range") == contentRange)
        }
    }

    @Test(arguments: BlobPlace.allCases)
    func aRangeOutsideTheFileIs416(place: BlobPlace) async throws {
        try await run(place) { server, _ in
            _ = try await server.send(.PUT, "\(base)/a.txt", body: "hello")
            #expect(try await server.get("\(base)/a.txt", headers: ["Range": "bytes=9-"]).status == 416)
        }
    }

    @Test(arguments: BlobPlace.allCases)
    func headTellsTheLengthWithoutTheBody(place: BlobPlace) async throws {
        try await run(place) { server, _ in
            _ = try await server.send(.PUT, "\(base)/a.bin", body: "hello")
            let head = try await server.send(.HEAD, "\(base)/a.bin")
            #expect(head.status == 200)
            #expect(head.header("Content-Length") == "5")
            #expect(head.body.readableBytes == 0)
        }
    }

    @Test(arguments: BlobPlace.allCases)
    func listsBaseNamesAndLeavesOutSizesOfNothing(place: BlobPlace) async throws {
        try await run(place) { server, _ in
            _ = try await server.send(.PUT, "\(base)/r/a.txt", body: "hello")
            _ = try await server.send(.PUT, "\(base)/r/d/x", body: "1")
            var request = HTTPClientRequest(url: "\(server.url)\(base)/r/empty.bin")
            request.method = .PUT
            request.body = .stream(AsyncStream<ByteBuffer> { $0.finish() }, length: .unknown)
            #expect(try await server.send(request).status == 200)
            let list = try await server.get("\(base)?path=r").json
            #expect(
                list["files"] == [
                    ["path": "a.txt", "is_dir": false, "file_size": 5], ["path": "d", "is_dir": true],
                    ["path": "empty.bin", "is_dir": false],
                ])
            #expect(try await server.get("\(base)?path=nowhere").json == [:])
            #expect(try await server.get("\(base)?path=r%2Fa.txt").json == [:])
        }
    }

    @Test(
        arguments: BlobPlace.allCases,
        ["../x", "%2e%2e/x", "a/%252e%252e/%252e%252e/x", "..%5Cx", "a%00", "%2Fetc/passwd", ".partial/x"])
    func refusesPathsThatClimb(place: BlobPlace, path: String) async throws {
        try await run(place) { server, store in
            for method in [HTTPMethod.PUT, .GET, .DELETE] {
                let answer = try await server.send(method, "\(base)/\(path)", body: method == .PUT ? "x" : nil)
                #expect(answer.status == 400 || answer.status == 404, "\(method) \(path)")
            }
            #expect(try await store.blobs.list(.root).isEmpty)
        }
    }

    @Test(arguments: BlobPlace.allCases)
    func missingFilesAnswerAsClientsExpect(place: BlobPlace) async throws {
        try await run(place) { server, _ in
            let missing = try await server.get("\(base)/nope.txt")
            #expect(missing.status == 404)
            #expect(try missing.json["error_code"] == "RESOURCE_DOES_NOT_EXIST")
            #expect(try await server.send(.DELETE, "\(base)/nope.txt").status == 200)
        }
    }

    @Test func aBucketThatStaysBusyIs503WithRetryAfter() async throws {
        let s3 = try await S3Server.get()
        let bucket = try await s3.bucket()
        let store = ArtifactStore(blobs: try BlobPlace.store(of: bucket, at: s3, in: folder))
        var routes = Routes()
        ArtifactRoutes(store: store).routes(into: &routes)
        try await LiveServer.run(routes) { server in
            for (method, fault) in [(HTTPMethod.PUT, "PUT"), (.GET, "HEAD"), (.DELETE, "DELETE")] {
                try await s3.order([
                    "bucket": .string(bucket), "method": .string(fault), "path": "/f.txt", "status": 503, "times": 4,
                ])
                let refused = try await server.send(method, "\(base)/f.txt", body: method == .PUT ? "x" : nil)
                #expect(refused.verdict == "503 TEMPORARILY_UNAVAILABLE", "\(refused.text)")
                #expect(refused.header("Retry-After") == "5")
                let done = try await server.send(method, "\(base)/f.txt", body: method == .PUT ? "x" : nil)
                #expect(done.status == 200)
            }
        }
    }

    @Test(arguments: [
        ("a.txt", "attachment; filename=a.txt"),
        ("a\"b.csv", "attachment; filename=a_b.csv; filename*=UTF-8''a%22b.csv"),
        ("ü.png", "attachment; filename=_.png; filename*=UTF-8''%C3%BC.png"),
    ])
    func namesDownloads(name: String, header: String) {
        #expect(ArtifactType.disposition(of: name) == header)
    }

    @Test(arguments: BlobPlace.allCases)
    func readsArtifactsByTheirURI(place: BlobPlace) async throws {
        try await run(place) { server, store in
            _ = try await server.send(.PUT, "\(base)/0/r/artifacts/m/MLmodel", body: "x")
            #expect(try store.key(ofURI: "mlflow-artifacts://host:1/0/r").path == "0/r")
            let model = try await store.localFolder(ofURI: "mlflow-artifacts:/0/r/artifacts/m")
            #expect(try String(contentsOfFile: model.path + "/MLmodel", encoding: .utf8) == "x")
            await #expect(throws: ArtifactError.self) { try await store.localFolder(ofURI: "mlflow-artifacts:/0/x") }
            #expect(throws: ArtifactError.self) { try store.key(ofURI: "s3://b/k") }
        }
    }
}
