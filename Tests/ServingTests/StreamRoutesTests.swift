import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import TestSupport
import Testing
import Wire

@testable import Predictions
@testable import Serving

@Suite(.timeLimit(.minutes(5))) struct StreamRoutesTests {
    private static let path = "/endpoints/booster/stream"

    private static func lines(_ answer: LiveServer.Answer) throws -> [JSON] {
        try answer.text.split(separator: "\n").map { try JSON.parse(String($0)) }
    }

    @Test func answersEachLineInOrder() async throws {
        try await ServingFixture.serving("booster") { fixture, server in
            let known = try KnownRows(fixture, "booster")
            let body: JSON = ["dataframe_split": known.split]
            let text = known.records.map(\.text).joined(separator: "\n") + "\n\n" + body.text
            let answer = try await server.send(.POST, Self.path, body: text, type: "application/x-ndjson")
            #expect(answer.status == 200)
            #expect(answer.header("Content-Type") == "application/x-ndjson")
            let lines = try Self.lines(answer)
            let numbers = (1...40).map { JSON.integer($0) } + [JSON.integer(42)]
            #expect(lines.compactMap { $0["line"] } == numbers)
            let single = lines.prefix(40).compactMap { $0["predictions"]?.arrayValue?.first }
            #expect(.array(single) == known.predictions)
            #expect(lines.last?["predictions"] == known.predictions)
            let id = try #require(lines[0]["id"]?.stringValue)
            #expect(try await server.get("/api/v1/predictions/\(id)").json["inputs"] == known.records[0])
        }
    }

    @Test func goesOnAfterALineThatIsWrong() async throws {
        try await ServingFixture.serving("booster") { fixture, server in
            let known = try KnownRows(fixture, "booster", count: 1)
            let good = known.records[0].text
            let long = String(repeating: " ", count: StreamLine.maximumBytes) + good
            let text = [good, "{", "[1]", known.record(with: "mean area", "x").text, long, "{}", good]
                .joined(separator: "\n")
            let lines = try Self.lines(
                try await server.send(.POST, Self.path, body: text, type: "application/x-ndjson"))
            #expect(lines.count == 7)
            #expect(
                lines.map { $0["error_code"]?.stringValue } == [
                    nil, "INVALID_PARAMETER_VALUE", "BAD_REQUEST", "BAD_REQUEST", "REQUEST_TOO_LARGE", "BAD_REQUEST",
                    nil,
                ])
            #expect(lines[3]["message"]?.stringValue?.contains("Column 'mean area', row 0") == true)
            #expect(lines[6]["predictions"] == lines[0]["predictions"])
        }
    }

    /// A client that waits for each answer before it sends the next line gets each at once.
    @Test func answersWhileTheClientStillSends() async throws {
        try await ServingFixture.serving("booster") { fixture, server in
            let known = try KnownRows(fixture, "booster", count: 3)
            let (body, feed) = AsyncStream.makeStream(of: ByteBuffer.self)
            var request = HTTPClientRequest(url: server.url + Self.path)
            request.method = .POST
            request.headers = ["Content-Type": "application/x-ndjson"]
            request.body = .stream(body, length: .unknown)
            feed.yield(ByteBuffer(string: known.records[0].text + "\n"))
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
            var answers = response.body.makeAsyncIterator()
            for row in 0..<3 {
                let chunk = try #require(try await answers.next())
                let line = try JSON.parse(String(buffer: chunk))
                #expect(line["predictions"]?.arrayValue?.first == known.predictions.arrayValue?[row])
                if row < 2 { feed.yield(ByteBuffer(string: known.records[row + 1].text + "\n")) }
            }
            feed.finish()
            #expect(try await answers.next() == nil)
        }
    }

    @Test func refusesWhatIsNoStream() async throws {
        try await ServingFixture.serving("booster") { _, server in
            let type = try await server.send(.POST, Self.path, body: "a,b\n", type: "text/csv")
            #expect(type.status == 415)
            let other = try await server.send(
                .POST, "/endpoints/other/stream", body: "{}", type: "application/x-ndjson")
            #expect(other.status == 404)
        }
    }

    @Test func describesItself() async throws {
        try await ServingFixture.serving("booster", "matrix", "untyped") { fixture, server in
            let known = try KnownRows(fixture, "booster", count: 1)
            let document = try await server.get("/endpoints/booster/openapi.json").json
            #expect(document["openapi"] == "3.1.0")
            #expect(document["info"]?["version"] == "booster/1")
            let record = document["components"]?["schemas"]?["Record"]
            #expect(record?["required"] == .strings(known.columns))
            #expect(record?["properties"]?["mean area"] == ["type": ["number", "null"], "format": "double"])
            let matrix = try await server.get("/endpoints/matrix/openapi.json").json
            let inputs = matrix["components"]?["schemas"]?["Invocation"]?["oneOf"]?.arrayValue?.first
            let row: JSON = [
                "type": "array", "items": ["type": ["number", "null"], "format": "double"], "minItems": 30,
                "maxItems": 30,
            ]
            #expect(inputs?["properties"]?["inputs"] == ["type": "array", "items": row])
            #expect(try await server.get("/endpoints/untyped/openapi.json").status == 200)
        }
    }
}
