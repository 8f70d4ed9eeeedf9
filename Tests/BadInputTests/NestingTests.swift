import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import TestSupport
import Testing
import Wire

/// What is nested deeper than any stack, in every language that the server reads, and what grows when it is read.
@Suite(.timeLimit(.minutes(2))) struct NestingTests {
    @Test func deepNestingIsRefusedByEveryParser() async throws {
        let depth = 100_000
        let arrays = String(repeating: "[", count: depth)
        let objects = String(repeating: "{\"a\":", count: depth)
        let batch = "/api/2.0/mlflow/runs/log-batch"
        let json = "application/json"
        let yaml = "application/yaml"
        let cases: [(path: String, type: String, body: String, words: String)] = [
            (batch, json, arrays, "column 257: nested deeper than 256 levels"),
            (batch, json, objects, "nested deeper than 256 levels"),
            (batch, json, "{\"run_id\":\"a\",\"metrics\":\(arrays)", "nested deeper than 256 levels"),
            (batch, json, JSON.string(arrays).text, "nested deeper than 256 levels"),
            ("/v1/traces", json, "{\"resourceSpans\":\(arrays)", "nested deeper than 256 levels"),
            ("/api/v1/apply", yaml, arrays, "nesting level"),
            ("/api/v1/apply", yaml, "a: " + String(repeating: "{a: ", count: depth), "nesting level"),
            ("/api/v1/apply", yaml, String(repeating: "- ", count: depth), "nesting level"),
            ("/api/v1/apply", yaml, String(repeating: "? ", count: depth), "nesting level"),
        ]
        try await HardenedServer.run { server in
            for (path, type, body, words) in cases {
                let answer = try await server.client.send(
                    .POST, path, body: body, type: type, headers: ["x-mlflow-experiment-id": "0"])
                #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE", "\(path) \(body.prefix(20)): \(answer.text)")
                #expect(answer.message.contains(words), "\(path) \(body.prefix(20)): \(answer.text)")
            }
        }
    }

    /// The values of an attribute may be lists of values.
    @Test func deepProtobufIsRefused() async throws {
        var value = Self.field(1, Array("x".utf8))
        for _ in 0..<2000 { value = Self.field(5, Self.field(1, value)) }
        let attribute = Self.field(1, Array("k".utf8)) + Self.field(2, value)
        let ids = Self.field(1, Array(repeating: 1, count: 16)) + Self.field(2, Array(repeating: 2, count: 8))
        let span = ids + Self.field(5, Array("name".utf8)) + Self.field(9, attribute)
        let spans = (0..<30_000).flatMap { _ in Self.field(2, ids) }
        try await HardenedServer.run { server in
            func export(_ spans: [UInt8]) async throws -> LiveServer.Answer {
                var request = HTTPClientRequest(url: server.client.url + "/v1/traces")
                request.method = .POST
                request.headers = ["Content-Type": "application/x-protobuf", "x-mlflow-experiment-id": "0"]
                request.body = .bytes(ByteBuffer(bytes: Self.field(1, Self.field(2, spans))))
                return try await server.client.send(request)
            }
            let deep = try await export(Self.field(2, span))
            #expect(deep.verdict == "400 INVALID_PARAMETER_VALUE")
            #expect(deep.message.contains("nested too deep"))
            let many = try await export(spans)
            #expect(many.verdict == "413 REQUEST_TOO_LARGE")
            #expect(many.message.contains("30000 spans, more than 20000"))
        }
    }

    /// A field of protobuf that has a length.
    private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        var length: [UInt8] = []
        var rest = content.count
        repeat {
            length.append(UInt8(rest & 127) | (rest > 127 ? 128 : 0))
            rest >>= 7
        } while rest > 0
        return [number << 3 | 2] + length + content
    }

    /// A few lines of aliases stand for more than there is memory, or, as keys, for more than there is time.
    @Test func aliasesOfAliasesAreRefused() async throws {
        func lines(_ line: (_ index: Int, _ last: Int) -> String) -> String {
            "k0: &k0 {x: 1}\n" + (1...40).map { line($0, $0 - 1) + "\n" }.joined()
        }
        let values = lines { "k\($0): &k\($0) [*k\($1), *k\($1), *k\($1)]" }
        let keys = lines { "k\($0): &k\($0) {? *k\($1) : *k\($1)}" }
        let hidden = lines { "k\($0): &k\($0) [*k\($1):x, *k\($1):y]" }
        try await HardenedServer.run { server in
            for (text, words) in [
                (values, "more than 100000 values"), (keys, "a key must be a word"), (hidden, "a key must be a word"),
            ] {
                let answer = try await server.client.send(.POST, "/api/v1/apply", body: text, type: "application/yaml")
                #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE")
                #expect(answer.message.contains("Line "))
                #expect(answer.message.contains(words), "\(answer.text)")
            }
        }
    }

    @Test func filtersOfAHundredKilobytesAreRefused() async throws {
        let long = "tags.a = '\(String(repeating: "x", count: 100_000))'"
        let deep = String(repeating: "(", count: 60_000) + "tags.a = 'b'"
        let alternatives = Array(repeating: "tags.a='1'", count: 4000).joined(separator: " OR ")
        let keys: JSON = .array((0..<5000).map { .string("tags.k\($0)") })
        let location: JSON = ["type": "MLFLOW_EXPERIMENT", "mlflow_experiment": ["experiment_id": "0"]]
        let searches: [(path: String, body: JSON)] = [
            ("/api/2.0/mlflow/runs/search", ["experiment_ids": ["0"]]),
            ("/api/2.0/mlflow/experiments/search", ["max_results": 1]),
            ("/api/2.0/mlflow/logged-models/search", ["experiment_ids": ["0"]]),
            ("/api/3.0/mlflow/traces/search", ["locations": [location]]),
        ]
        try await HardenedServer.run { server in
            for (path, body) in searches {
                for (filter, words) in [
                    (long, "more than 65536 (character 65537"), (deep, "nested more than 16 deep (character 17"),
                    (alternatives, "more than 500 comparisons (character 7"),
                ] {
                    let answer = try await server.client.post(path, json: body.with("filter", .string(filter)))
                    #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE", "\(path): \(answer.text)")
                    #expect(answer.message.contains(words), "\(path): \(answer.text)")
                }
            }
            for (path, body) in searches.prefix(2) {
                let answer = try await server.client.post(path, json: body.with("order_by", keys))
                #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE", "\(path): \(answer.text)")
                #expect(answer.message.contains("order_by"))
            }
            for path in ["registered-models/search", "model-versions/search"] {
                let answer = try await server.client.mlflow(get: "\(path)?filter=\(deep)")
                #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE")
                #expect(answer.message.contains("nested more than 16 deep"))
                // An address is no place for more.
                let endless = try await server.client.mlflow(get: "\(path)?filter=\(long.filter { $0 != " " })")
                #expect(endless.verdict == "431 BAD_REQUEST")
                #expect(endless.message.contains("longer than 80 KiB"))
            }
        }
    }
}
