import NIOHTTP1
import TestSupport
import Testing
import Wire

@testable import Serving

@Suite(.timeLimit(.minutes(5))) struct KServeRoutesTests {
    @Test func listsModelsAndSaysWhetherTheyAreReady() async throws {
        try await ServingFixture.serving("booster", "obedient") { _, server in
            #expect(try await server.get("/v1/models").json == ["models": ["booster", "obedient"]])
            #expect(try await server.get("/v1/models/booster").json == ["name": "booster", "ready": true])
            let other = try await server.get("/v1/models/other")
            #expect(other.status == 404)
            #expect(try other.json["error"]?.stringValue?.contains("no endpoint 'other'") == true, "\(other.text)")
        }
    }

    @Test func predictsForRecordsAndForListsInTheModelsOrder() async throws {
        try await ServingFixture.serving("booster", "matrix") { fixture, server in
            for name in ["booster", "matrix"] {
                let known = try KnownRows(fixture, name)
                var forms: [JSON] = [["instances": .array(known.rows.map(JSON.array))]]
                if name == "booster" { forms.append(["instances": .array(known.records)]) }
                for form in forms {
                    let answer = try await server.post("/v1/models/\(name):predict", json: form)
                    #expect(try answer.json == ["predictions": known.predictions], "\(answer.text)")
                    #expect(answer.header("X-Martlet-Prediction-Id") != nil)
                }
            }
        }
    }

    @Test func saysWhatIsWrongInTheProtocolsForm() async throws {
        try await ServingFixture.serving("booster") { _, server in
            for (body, words) in [
                ("{", "Malformed JSON"), ("{}", "'instances' or 'inputs'"), ("[]", "'instances' or 'inputs'"),
                (#"{"instances": [[1, 2]]}"#, "Row 0 has 2 values for 30 columns"),
                (#"{"instances": [{"a": 1}]}"#, "needs the columns"),
            ] {
                let answer = try await server.send(
                    .POST, "/v1/models/booster:predict", body: body, type: "application/json")
                #expect(answer.status == 400, "\(body)")
                #expect(try answer.json["error"]?.stringValue?.contains(words) == true, "\(answer.text)")
            }
            #expect(try await server.post("/v1/models/other:predict", json: [:]).status == 404)
        }
    }
}
