import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing
import Wire

/// `martlet server` as a person starts it, and the ways in which it refuses to start.
@Suite struct ServerTests {
    @Test func startsWithNothingPreparedAndEndsCleanly() async throws {
        let folder = try TemporaryFolder()
        let (answers, end) = try await RunningServer.run(data: folder.path("not/there/yet")) { server in
            (
                health: try await server.client.get("/health").text,
                page: try await server.client.get("/", headers: ["Accept": "text/html"]).text,
                audit: try await BuiltProgram.run(["audit", "verify", "--server", server.url, "--json"]).output
            )
        }
        #expect(answers.health == "OK")
        #expect(answers.page.contains("<h1>Operations"))
        #expect(answers.page.contains("martlet apply --server http://127.0.0.1:"))
        #expect(try JSON.parse(answers.audit)["ok"] == true)
        #expect(end.exitCode == 0, "\(end.output)")
        #expect(end.output.contains("data in \(folder.path("not/there/yet"))"))
    }

    @Test func oneFolderHasOneServer() async throws {
        let folder = try TemporaryFolder()
        let (second, _) = try await RunningServer.run(data: folder.path("data")) { _ in
            try await BuiltProgram.run(["server", "--port", "0", "--data", folder.path("data")])
        }
        #expect(second.exitCode != 0)
        #expect(second.errors.contains("Another server is using the data folder \(folder.path("data"))"))
        #expect(second.errors.contains("--data"))
    }

    @Test func aPortInUseIsSaidWithTheWayOut() async throws {
        let folder = try TemporaryFolder()
        let (second, _) = try await RunningServer.run(data: folder.path("one")) { server in
            try await BuiltProgram.run(["server", "--port", "\(server.client.port)", "--data", folder.path("two")])
        }
        #expect(second.exitCode == 1)
        #expect(second.errors.contains("is in use"), "\(second.errors)")
        #expect(second.errors.contains("--port"), "\(second.errors)")
    }

    @Test func anAddressThatOthersReachNeedsAToken() async throws {
        let folder = try TemporaryFolder()
        let result = try await BuiltProgram.run(
            ["server", "--host", "0.0.0.0", "--port", "0", "--data", folder.path("data")])
        #expect(result.exitCode == 4)
        #expect(result.errors.contains("--token"))
        #expect(!FileManager.default.fileExists(atPath: folder.path("data")))
    }

    @Test func anEmptyTokenIsNoToken() async throws {
        let folder = try TemporaryFolder()
        let result = try await BuiltProgram.run(
            ["server", "--host", "0.0.0.0", "--port", "0", "--token", "", "--data", folder.path("data")])
        #expect(result.exitCode == 1)
        #expect(result.errors.contains("The token is empty"), "\(result.errors)")
    }

    @Test(
        arguments: [
            (["AWS_ACCESS_KEY_ID": ""], "AWS_ACCESS_KEY_ID is not set"),
            (["AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"], "http://127.0.0.1:1 does not answer (Connection refused)"),
            ([:], "There is no bucket 'martlet-nowhere'"),
        ] as [([String: String], String)])
    func aBucketThatCannotBeReachedIsSaid(wrong: [String: String], words: String) async throws {
        let folder = try TemporaryFolder()
        let s3 = try await S3Server.get()
        let result = try await BuiltProgram.run(
            ["server", "--port", "0", "--data", folder.path("data"), "--artifacts", "s3://martlet-nowhere/x"],
            environment: s3.environment.merging(wrong) { $1 })
        #expect(result.exitCode != 0)
        #expect(result.errors.contains(words), "\(result.errors)")
    }

    @Test func aTokenIsAskedOfEverythingButHealth() async throws {
        let folder = try TemporaryFolder()
        let basic = Data("anyone:secret".utf8).base64EncodedString()
        let closed = [
            "/", "/version", "/v2", "/v2/models/x", "/api/3.0/mlflow/server-info", "/api/2.0/mlflow/runs/get?run_id=1",
            "/api/2.0/mlflow-artifacts/artifacts", "/api/v1/endpoints", "/api/v1/audit/events", "/runs/1",
        ]
        _ = try await RunningServer.run(data: folder.path("data"), environment: ["MARTLET_TOKEN": "secret"]) { server in
            for path in closed {
                #expect(try await server.client.get(path).status == 401, "\(path)")
                #expect(try await server.client.get(path, headers: ["Authorization": "Bearer secre"]).status == 401)
            }
            for path in ["/health", "/v2/health/live", "/v2/health/ready"] {
                #expect(try await server.client.get(path).status == 200, "\(path)")
            }
            for header in ["Bearer secret", "Basic \(basic)"] {
                let answer = try await server.client.get("/api/v1/endpoints", headers: ["Authorization": header])
                #expect(answer.status == 200, "\(header)")
            }
        }
    }

    @Test func aRequestUnderWayIsFinishedBeforeTheEnd() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path("data")
        let (status, end) = try await RunningServer.run(data: data) { server in
            let (body, rest) = AsyncStream.makeStream(of: ByteBuffer.self)
            var request = HTTPClientRequest(
                url: "\(server.url)/api/2.0/mlflow-artifacts/artifacts/0/run/artifacts/slow.txt")
            request.method = .PUT
            request.body = .stream(body, length: .unknown)
            async let answer = server.client.send(request)
            rest.yield(ByteBuffer(string: "first "))
            // The file is begun when the request has reached its route.
            while try FileManager.default.contentsOfDirectory(atPath: "\(data)/artifacts/.partial").isEmpty {
                await Task.yield()
            }
            try server.terminate()
            // No longer open to others.
            while (try? await server.client.get("/health")) != nil { await Task.yield() }
            rest.yield(ByteBuffer(string: "second"))
            rest.finish()
            return try await answer.status
        }
        #expect(status == 200, "\(end.output)")
        #expect(end.exitCode == 0, "\(end.output)")
        let stored = try String(contentsOfFile: "\(data)/artifacts/0/run/artifacts/slow.txt", encoding: .utf8)
        #expect(stored == "first second")
    }

    @Test func dataOfANewerVersionIsLeftAlone() async throws {
        let folder = try TemporaryFolder()
        let data = folder.path("data")
        _ = try await RunningServer.run(data: data) { _ in }
        let insert = """
            import sqlite3, sys
            with sqlite3.connect(sys.argv[1]) as database:
                database.execute("INSERT INTO migrations (id, position) VALUES ('serving-999', 999)")
            """
        let prepared = try await BuiltProgram.run(
            BuiltProgram.python, ["-c", insert, "\(data)/martlet.db"], environment: [:])
        #expect(prepared.exitCode == 0, "\(prepared.errors)")
        let result = try await BuiltProgram.run(["server", "--port", "0", "--data", data])
        #expect(result.exitCode != 0)
        #expect(result.errors.contains("newer"), "\(result.errors)")
    }
}
