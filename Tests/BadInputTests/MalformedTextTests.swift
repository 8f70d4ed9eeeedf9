import NIOCore
import NIOHTTP1
import TestSupport
import Testing
import Wire

/// Texts that are none and numbers that no type holds, answered alike on every engine.
@Suite(.timeLimit(.minutes(2))) struct MalformedTextTests {
    /// Bytes of a JSON body of set-tag after the run's id.
    private static let bodies: [(what: String, rest: [UInt8], words: String)] = [
        (
            "a byte that is no UTF-8", Array("\"key\":\"a".utf8) + [0xFF] + Array("\",\"value\":\"b\"}".utf8),
            "invalid UTF-8"
        ),
        (
            "an overlong slash", Array("\"key\":\"a".utf8) + [0xC0, 0xAF] + Array("\",\"value\":\"b\"}".utf8),
            "invalid UTF-8"
        ),
        ("a surrogate in UTF-8", Array("\"key\":\"".utf8) + [0xED, 0xA0, 0x80] + Array("\"}".utf8), "invalid UTF-8"),
        ("a name that is no UTF-8", [0x22, 0xFE, 0x22] + Array(":1}".utf8), "invalid UTF-8"),
        (
            "a null byte", Array("\"key\":\"a\0\",\"value\":\"b\"}".utf8),
            "a control character in a string must be escaped"
        ),
        ("a null in a key", Array("\"key\":\"a\\u0000\",\"value\":\"b\"}".utf8), "names may only contain"),
        ("a null in a value", Array("\"key\":\"a\",\"value\":\"b\\u0000\"}".utf8), "U+0000, which cannot be stored"),
        ("half a surrogate in a key", Array("\"key\":\"a\\ud800\",\"value\":\"b\"}".utf8), "names may only contain"),
        ("UTF-16", Array("\"".utf16).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }, "the text ends too early"),
    ]

    @Test(arguments: TestEngine.allCases)
    func textThatIsNoneIsRefused(engine: TestEngine) async throws {
        try await HardenedServer.run(on: engine) { server in
            for (what, rest, words) in Self.bodies {
                let body = Array("{\"run_id\":\"\(server.run)\",".utf8) + rest
                let answer = try await Self.post(body, to: "/api/2.0/mlflow/runs/set-tag", of: server.client)
                #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(what): \(answer)")
                #expect(answer.contains("INVALID_PARAMETER_VALUE"), "\(what): \(answer)")
                #expect(what == "UTF-16" || answer.contains(words), "\(what): \(answer)")
            }
            let paths = [
                ("experiments/get-by-name?experiment_name=a%ff", "percent-encoded text"),
                ("experiments/get-by-name?experiment_name=a%00b", "U+0000"), ("runs/get?run_id=%00", "U+0000"),
                ("logged-models/a%ff", "percent-encoded text"), ("logged-models/%c0%af", "percent-encoded text"),
                ("logged-models/a%00", "U+0000"), ("logged-models/a%zz", "percent-encoded text"),
                ("registered-models/get?name=a%00", "U+0000"),
                ("registered-models/search?filter=name%20%3D%20%27a%00b%27", "U+0000"),
            ]
            for (path, words) in paths {
                let answer = try await server.client.raw(
                    "GET /api/2.0/mlflow/\(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(path): \(answer)")
                #expect(answer.contains(words), "\(path): \(answer)")
            }
        }
    }

    private static func post(_ body: [UInt8], to path: String, of client: LiveServer) async throws -> String {
        let head = """
            POST \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
            Content-Length: \(body.count)\r\n\r\n
            """
        return try await client.raw([ByteBuffer(string: head), ByteBuffer(bytes: body)])
    }

    /// PostgreSQL refuses null characters in texts, which SQLite would take: both refuse them, everywhere.
    @Test(arguments: TestEngine.allCases)
    func nullsAreRefusedWhereverTextIsKept(engine: TestEngine) async throws {
        try await HardenedServer.run(on: engine) { server in
            let run = JSON.string(server.run)
            let tags: JSON = [["key": "k", "value": "a\0b"]]
            let bodies: [(String, JSON)] = [
                ("experiments/create", ["name": "a\0b"]), ("experiments/create", ["name": "a", "tags": tags]),
                ("experiments/set-experiment-tag", ["experiment_id": "0", "key": "k", "value": "\0"]),
                ("runs/create", ["experiment_id": "0", "run_name": "\0"]),
                ("runs/create", ["experiment_id": "0", "user_id": "\0"]),
                ("runs/create", ["experiment_id": "0", "tags": tags]),
                ("runs/log-parameter", ["run_id": run, "key": "k", "value": "\0"]),
                ("runs/log-batch", ["run_id": run, "params": tags]), ("runs/log-batch", ["run_id": run, "tags": tags]),
                ("runs/search", ["experiment_ids": ["0"], "filter": "tags.a = 'b\0'"]),
                ("runs/search", ["experiment_ids": ["0"], "filter": "tags.`a\0` = 'b'"]),
                ("runs/search", ["experiment_ids": ["0"], "filter": "params.a LIKE 'b\0%'"]),
                ("runs/search", ["experiment_ids": ["0"], "order_by": ["tags.`a\0`"]]),
                ("logged-models", ["experiment_id": "0", "name": "a\0"]),
                ("logged-models", ["experiment_id": "0", "tags": tags]),
                ("registered-models/create", ["name": "a\0"]),
                ("registered-models/create", ["name": "a", "description": "\0"]),
                ("registered-models/create", ["name": "a", "tags": tags]),
            ]
            for (path, body) in bodies {
                let answer = try await server.client.mlflow(.POST, path, body)
                #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE", "\(path) \(body.text): \(answer.text)")
                #expect(!answer.message.contains("\0"))
            }
            // Nothing of what was refused is there.
            let models = try await server.client.mlflow(get: "registered-models/search")
            #expect(try models.json == [:])
            let found = try await server.client.mlflow("experiments/search", ["max_results": 10])
            #expect(found["experiments"]?.arrayValue?.count == 1)
        }
    }

    /// Half a surrogate pair is what Python makes of a file name that is no text; it stands for nothing and is kept as that.
    @Test(arguments: TestEngine.allCases)
    func halfASurrogatePairBecomesTheReplacementCharacter(engine: TestEngine) async throws {
        try await HardenedServer.run(on: engine) { server in
            let body = "{\"run_id\":\"\(server.run)\",\"key\":\"file\",\"value\":\"a\\udc80b\"}"
            let answer = try await server.client.send(
                .POST, "/api/2.0/mlflow/runs/set-tag", body: body, type: "application/json")
            #expect(answer.status == 200)
            let run = try await server.client.mlflow(get: "runs/get?run_id=\(server.run)").json
            let tags = run["run"]?["data"]?["tags"]?.arrayValue ?? []
            #expect(tags.contains(["key": "file", "value": "a\u{FFFD}b"]))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func numbersOfAnySizeAreTheNearestThatThereIs(engine: TestEngine) async throws {
        let largest: JSON = .double(.greatestFiniteMagnitude)
        let numbers: [(text: String, kept: JSON)] = [
            ("9223372036854775807", .double(9_223_372_036_854_775_807)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            ("-9223372036854775809", .double(-9_223_372_036_854_775_808)), ("1e400", largest),
            ("-1e400", .double(-.greatestFiniteMagnitude)), ("1e5000000", largest), ("1e-400", 0.0), ("-0", 0.0),
            ("-0.0", 0.0), (String(repeating: "9", count: 400), largest),
            ("0." + String(repeating: "3", count: 400), .double(1.0 / 3)), ("\"1e400\"", largest),
            ("\"Infinity\"", largest), ("\"NaN\"", "NaN"), ("NaN", "NaN"), ("true", 1.0),
            ("4.9406564584124654e-324", .double(.leastNonzeroMagnitude)),
        ]
        try await HardenedServer.run(on: engine) { server in
            for (index, (text, _)) in numbers.enumerated() {
                let body =
                    "{\"run_id\":\"\(server.run)\",\"key\":\"n\(index)\",\"value\":\(text),\"timestamp\":1,"
                    + "\"step\":-9223372036854775808}"
                let answer = try await server.client.send(
                    .POST, "/api/2.0/mlflow/runs/log-metric", body: body, type: "application/json")
                #expect(answer.status == 200, "\(text.prefix(30)): \(answer.text)")
            }
            for (index, (text, kept)) in numbers.enumerated() {
                let answer = try await server.client.mlflow(
                    get: "metrics/get-history?run_id=\(server.run)&metric_key=n\(index)")
                let point = try answer.json["metrics"]?.arrayValue?.first
                let value = point?["value"]
                #expect(value == kept || value?.doubleValue == kept.doubleValue, "\(text.prefix(30)): \(answer.text)")
                #expect(point?["step"] == .integer(.min))
            }
        }
    }
}
