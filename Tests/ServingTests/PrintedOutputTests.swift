import NIOHTTP1
import TestSupport
import Testing
import Wire

@testable import Serving

@Suite(.timeLimit(.minutes(5))) struct PrintedOutputTests {
    @Test func showsWhatAModelPrintedWithItsPredictionAndItsRequest() async throws {
        try await ServingFixture.serving("obedient") { _, server in
            func ask(_ command: String) async throws -> LiveServer.Answer {
                try await server.post(
                    "/endpoints/obedient/invocations", json: ["dataframe_records": [["command": .string(command)]]])
            }
            func printed(_ query: String = "") async throws -> [JSON] {
                let answer = try await server.get("/api/v1/endpoints/obedient/printed\(query)")
                return try answer.json["printed"]?.arrayValue ?? []
            }

            // An answer: by the id of its prediction.
            let said = try await ask("say")
            let id = try #require(said.header("X-Martlet-Prediction-Id"))
            let prediction = try await server.get("/api/v1/predictions/\(id)").json
            #expect(prediction["printed"] == ["from Python", "from C"])
            let quiet = try #require(try await ask("hello").header("X-Martlet-Prediction-Id"))
            #expect(try await server.get("/api/v1/predictions/\(quiet)").json["printed"] == nil)

            // A refusal, which has no prediction: by the id that its error says.
            let refused = try await ask("refuse")
            #expect(refused.status == 400)
            let request = try #require(try refused.json["request_id"]?.stringValue)
            let found = try await printed("?request_id=\(request)")
            #expect(found.count == 1)
            #expect(found.first?["lines"]?.arrayValue?.last == "ValueError: no such customer")
            #expect(found.first?["prediction_id"] == nil)
            #expect(found.first?["variant"] == "main")
            #expect(found.first?["version"] == 1)

            // A line of a stream: by the id of its request and its number.
            let stream = try await server.send(
                .POST, "/endpoints/obedient/stream", body: "{\"command\": \"hello\"}\n{\"command\": \"say\"}\n",
                type: "application/x-ndjson")
            let streamed = try #require(stream.header("X-Request-Id"))
            #expect(try await printed("?request_id=\(streamed).2").first?["lines"] == ["from Python", "from C"])

            let all = try await printed()
            #expect(all.count == 3)
            #expect(all.last?["prediction_id"]?.stringValue == id)
            #expect(try await printed("?limit=1").first == all.first)
            #expect(try await server.get("/api/v1/endpoints/another/printed").json["printed"] == [])
        }
    }
}
