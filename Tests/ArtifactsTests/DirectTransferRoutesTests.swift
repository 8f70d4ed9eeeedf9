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

/// Uploads in parts and signed links, as MLflow's client uses them.
@Suite(.timeLimit(.minutes(2))) struct DirectTransferRoutesTests {
    let base = "/api/2.0/mlflow-artifacts"
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func run(
        _ place: BlobPlace, isDirect: Bool = true, _ body: (LiveServer, ArtifactStore) async throws -> Void
    ) async throws {
        let store = ArtifactStore(blobs: try await place.store(in: folder), isDirect: isDirect)
        var routes = Routes()
        DirectTransferRoutes(store: store).routes(into: &routes)
        try await LiveServer.run(routes) { server in try await body(server, store) }
    }

    /// Sends a part to its link, as a client does that knows nothing but the link.
    private func send(_ part: ByteBuffer, to credential: JSON) async throws -> JSON {
        var request = HTTPClientRequest(url: try #require(credential["url"]?.stringValue))
        request.method = .PUT
        request.body = .bytes(part)
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        #expect(answer.status == .ok)
        return [
            "part_number": credential["part_number"] ?? .null,
            "etag": .string(answer.headers.first(name: "ETag") ?? ""), "url": credential["url"] ?? .null,
        ]
    }

    @Test func anObjectIsMadeOfPartsThatGoPastTheServer() async throws {
        try await run(.bucket) { server, store in
            let created = try await server.post(
                "\(base)/mpu/create/0/r/artifacts", json: ["path": "/tmp/big.bin", "num_parts": 2]
            ).json
            let credentials = created["credentials"]?.arrayValue ?? []
            try #require(credentials.map { $0["part_number"] } == [1, 2])
            // S3 takes no part below 5 MiB but the last.
            var parts = [try await send(ByteBuffer(repeating: 1, count: 5 << 20), to: credentials[0])]
            parts.append(try await send(ByteBuffer(string: "end"), to: credentials[1]))
            let key = try BlobKey("0/r/artifacts/big.bin")
            #expect(try await store.blobs.info(key) == nil)
            let completed = try await server.post(
                "\(base)/mpu/complete/0/r/artifacts",
                json: ["path": "/tmp/big.bin", "upload_id": created["upload_id"] ?? .null, "parts": .array(parts)])
            #expect(completed.status == 200)
            #expect(try completed.json == [:])
            #expect(try await store.blobs.info(key)?.sizeBytes == 5 << 20 + 3)
        }
    }

    @Test func anAbortedUploadIsGone() async throws {
        try await run(.bucket) { server, store in
            let created = try await server.post("\(base)/mpu/create/r", json: ["path": "x", "num_parts": 1]).json
            let upload: JSON = ["path": "x", "upload_id": created["upload_id"] ?? .null]
            _ = try await send(ByteBuffer(string: "1"), to: try #require(created["credentials"]?.arrayValue?.first))
            #expect(try await server.post("\(base)/mpu/abort/r", json: upload).status == 200)
            let again = try await server.post("\(base)/mpu/abort/r", json: upload)
            #expect(again.verdict == "404 RESOURCE_DOES_NOT_EXIST", "\(again.text)")
            #expect(try await store.blobs.info(try BlobKey("r/x")) == nil)
        }
    }

    @Test func aSignedLinkDownloads() async throws {
        try await run(.bucket) { server, store in
            try await store.blobs.put(
                try BlobKey("r/a b.txt"),
                AsyncThrowingStream { feed in
                    feed.yield(ByteBuffer(string: "hello"))
                    feed.finish()
                })
            let link = try await server.get("\(base)/presigned/r/a%20b.txt").json
            #expect(link["file_size"] == 5)
            #expect(link["headers"] == [:])
            var request = HTTPClientRequest(url: try #require(link["url"]?.stringValue))
            request.headers.add(name: "Range", value: "bytes=1-3")
            let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            #expect(String(buffer: try await answer.body.collect(upTo: 100)) == "ell")
            #expect(try await server.get("\(base)/presigned/r/none").status == 404)
            #expect(try await server.get("\(base)/presigned/r").status == 400)
        }
    }

    @Test(
        arguments: [
            ("create", ["path": "x", "num_parts": 0]), ("create", ["path": "x", "num_parts": 10_001]),
            ("create", ["num_parts": 1]), ("create", ["path": "../..", "num_parts": 1]),
            ("create", ["path": "/", "num_parts": 1]),
            ("complete", ["path": "x", "upload_id": "u"]), ("complete", ["path": "x", "parts": [["part_number": 1]]]),
            ("abort", ["path": "x"]),
        ] as [(String, JSON)])
    func refusesWhatIsIncomplete(step: String, body: JSON) async throws {
        try await run(.bucket) { server, _ in
            let answer = try await server.post("\(base)/mpu/\(step)/r", json: body)
            #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE", "\(answer.text)")
        }
    }

    /// The client falls back to what every server can do when it reads exactly this.
    @Test(arguments: [(BlobPlace.folder, true), (.bucket, false)])
    func withoutDirectTransfersClientsAreToldSo(place: BlobPlace, isDirect: Bool) async throws {
        try await run(place, isDirect: isDirect) { server, _ in
            for step in ["create", "complete", "abort"] {
                let answer = try await server.post("\(base)/mpu/\(step)/r", json: ["path": "x", "num_parts": 2])
                #expect(answer.verdict == "501 NOT_IMPLEMENTED")
                #expect(answer.message == "Multipart upload is not supported for the current artifact repository")
            }
            let link = try await server.get("\(base)/presigned/r/x")
            #expect(link.verdict == "501 NOT_IMPLEMENTED")
            #expect(link.message == "Multipart download is not supported for the current artifact repository")
        }
    }
}
