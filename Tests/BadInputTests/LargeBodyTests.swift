import NIOCore
import NIOHTTP1
import TestSupport
import Testing
import TrainedModels
import Wire

/// More than a server should hold. Every bound is for a debug build, which starts with 60 MB.
@Suite(.serialized, .timeLimit(.minutes(3))) struct LargeBodyTests {
    private static let head = """
        POST /api/2.0/mlflow/runs/log-batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
        Connection: close\r\n
        """

    @Test func twoHundredMegabytesAreRefusedAndNotHeld() async throws {
        try await HardenedServer.run(below: 160) { server in
            let megabyte = ByteBuffer(repeating: UInt8(ascii: "x"), count: 1 << 20)
            let declared = ByteBuffer(string: Self.head + "Content-Length: \(200 << 20)\r\n\r\n")
            let whole = try await server.client.raw([declared] + Array(repeating: megabyte, count: 200))
            let chunked = ByteBuffer(string: Self.head + "Transfer-Encoding: chunked\r\n\r\n")
            let chunk = ByteBuffer(string: "100000\r\n" + String(buffer: megabyte) + "\r\n")
            let inChunks = try await server.client.raw([chunked] + Array(repeating: chunk, count: 200))
            for answer in [whole, inChunks, try await server.client.raw([declared])] {
                #expect(answer.hasPrefix("HTTP/1.1 413 "), "\(answer)")
                #expect(answer.contains("REQUEST_TOO_LARGE"))
                #expect(answer.contains("larger than 32 MiB. Send it in smaller batches."))
            }
        }
    }

    /// In every protocol, whole and in chunks; a stream goes on behind a line that is too long.
    @Test func aHundredMegabytesToPredictAreRefusedAndNotHeld() async throws {
        let folder = try TemporaryFolder()
        try PlantedModel().write(folder.path("model"))
        try await HardenedServer.run(below: 200) { server in
            try await server.server.register(folder.path("model"), as: "clinic")
            try await server.server.serve("clinic", spec: "{ variants: [{ model: \"models:/clinic/1\" }] }")
            func head(_ path: String, _ more: String) -> ByteBuffer {
                let type = path.hasSuffix("stream") ? "application/x-ndjson" : "application/json"
                return ByteBuffer(
                    string: "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: \(type)\r\n"
                        + "Connection: close\r\n\(more)\r\n\r\n")
            }
            let megabyte = ByteBuffer(repeating: UInt8(ascii: " "), count: 1 << 20)
            let chunk = ByteBuffer(string: "100000\r\n" + String(buffer: megabyte) + "\r\n")
            for path in ["/endpoints/clinic/invocations", "/v2/models/clinic/infer", "/v1/models/clinic:predict"] {
                let declared = head(path, "Content-Length: \(100 << 20)")
                let whole = try await server.client.raw([declared] + Array(repeating: megabyte, count: 100))
                let chunked = head(path, "Transfer-Encoding: chunked")
                let inChunks = try await server.client.raw([chunked] + Array(repeating: chunk, count: 100))
                for answer in [whole, inChunks] {
                    #expect(answer.hasPrefix("HTTP/1.1 413 "), "\(path): \(answer)")
                    #expect(answer.contains("The body is larger than 32 MiB."), "\(answer)")
                }
            }
            let rest = ByteBuffer(string: "b\r\n\n{\"x\": 21}\n\r\n0\r\n\r\n")
            let stream = head("/endpoints/clinic/stream", "Transfer-Encoding: chunked")
            let lines = try await server.client.raw([stream] + Array(repeating: chunk, count: 20) + [rest])
            #expect(lines.contains("\"error_code\":\"REQUEST_TOO_LARGE\""), "\(lines)")
            #expect(lines.contains("\"predictions\":[42.0]"), "\(lines)")
        }
    }

    enum Thing: String, CaseIterable {
        case keys, metrics, tags, lists

        func text(_ number: Int) -> String {
            switch self {
            case .keys: "\"k\(number)\":1"
            case .metrics, .tags: "{\"key\":\"k\(number)\"}"
            case .lists: "[]"
            }
        }
    }

    @Test(arguments: Thing.allCases)
    func aMillionOfAnythingIsRefused(thing: Thing) async throws {
        let list = (0..<1_000_000).map(thing.text).joined(separator: ",")
        let body = thing == .keys ? "{\(list)}" : "{\"\(thing)\":[\(list)]}"
        try await HardenedServer.run(below: 300) { server in
            let path = thing == .tags ? "runs/create" : "runs/log-batch"
            let answer = try await server.client.send(
                .POST, "/api/2.0/mlflow/\(path)", body: body, type: "application/json")
            #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE")
            #expect(answer.message.contains("line 1, column "))
            #expect(answer.message.contains("more than 500000 values; send fewer at once"))
        }
    }

    /// What is too much at once is told to come back, and does.
    @Test func manyLargeBodiesAtOnceHoldNoMoreThanTheyMay() async throws {
        let value = String(repeating: "v", count: 30 << 20)
        try await HardenedServer.run(below: 800) { server in
            let body = "{\"run_id\":\"\(server.run)\",\"key\":\"large\",\"value\":\"\(value)\"}"
            let verdicts = try await withThrowingTaskGroup(of: LiveServer.Answer.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        try await server.client.send(
                            .POST, "/api/2.0/mlflow/runs/set-tag", body: body, type: "application/json")
                    }
                }
                return try await group.reduce(into: [String]()) { verdicts, answer in
                    verdicts.append(answer.verdict)
                    if answer.status == 503 { #expect(answer.header("Retry-After") == "1") }
                }
            }
            #expect(Set(verdicts).isSubset(of: ["200", "503 TEMPORARILY_UNAVAILABLE"]), "\(verdicts)")
            #expect(verdicts.contains("200"))
            let again = try await server.client.send(
                .POST, "/api/2.0/mlflow/runs/set-tag", body: body, type: "application/json")
            #expect(again.status == 200)
        }
    }
}
