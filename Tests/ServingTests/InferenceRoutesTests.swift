import NIOHTTP1
import Runtimes
import TestSupport
import Testing
import Wire

@testable import Serving

@Suite(.timeLimit(.minutes(5))) struct InferenceRoutesTests {
    private static let infer = "/v2/models/booster/infer"

    /// A tensor a column.
    private static func columns(_ known: KnownRows) -> JSON {
        let length = JSON.integer(Int64(known.rows.count))
        return .array(
            known.byColumn.map { name, cells in
                ["name": .string(name), "datatype": "FP64", "shape": [length], "data": cells]
            })
    }

    /// One tensor with all columns, its elements in a row or in rows.
    private static func table(_ known: KnownRows, isNested: Bool) -> JSON {
        let shape: JSON = [.integer(Int64(known.rows.count)), .integer(Int64(known.rows[0].count))]
        let data = isNested ? known.rows.map(JSON.array) : known.rows.flatMap(\.self)
        return [["name": "input-0", "datatype": "FP64", "shape": shape, "data": .array(data)]]
    }

    @Test func saysThatTheServerIsThere() async throws {
        try await ServingFixture.serving { _, server in
            #expect(try await server.get("/v2/health/live").json == ["live": true])
            #expect(try await server.get("/v2/health/ready").json == ["ready": true])
            let metadata = try await server.get("/v2").json
            #expect(metadata["name"] == "martlet")
            #expect(metadata["version"] == "1.2.3")
            #expect(metadata["extensions"]?.arrayValue?.contains("binary_tensor_data") == true)
        }
    }

    @Test func describesAModel() async throws {
        try await ServingFixture.serving("booster", "matrix") { fixture, server in
            let known = try KnownRows(fixture, "booster")
            for path in ["/v2/models/booster", "/v2/models/booster/versions/1"] {
                let metadata = try await server.get(path).json
                #expect(metadata["name"] == "booster")
                #expect(metadata["versions"] == ["1"])
                #expect(metadata["platform"] == "mlflow_lightgbm")
                let inputs = metadata["inputs"]?.arrayValue
                #expect(inputs?.compactMap { $0["name"]?.stringValue } == known.columns)
                #expect(inputs?.first == ["name": "mean radius", "datatype": "FP64", "shape": [-1]])
                #expect(try await server.get("\(path)/ready").json == ["name": "booster", "ready": true])
            }
            let matrix = try await server.get("/v2/models/matrix").json
            #expect(matrix["inputs"] == [["name": "input-0", "datatype": "FP64", "shape": [-1, 30]]])
        }
    }

    @Test func answersTheSameToEveryFormOfInput() async throws {
        try await ServingFixture.serving("booster", "matrix") { fixture, server in
            for name in ["booster", "matrix"] {
                let known = try KnownRows(fixture, name)
                var forms = [Self.table(known, isNested: true), Self.table(known, isNested: false)]
                if name == "booster" { forms.append(Self.columns(known)) }
                for inputs in forms {
                    let answer = try await server.post(
                        "/v2/models/\(name)/infer", json: ["id": "call-7", "inputs": inputs])
                    #expect(answer.status == 200, "\(answer.text)")
                    let json = try answer.json
                    #expect(json["id"] == "call-7")
                    #expect(json["model_name"] == .string(name))
                    #expect(json["model_version"] == "1")
                    let output = json["outputs"]?.arrayValue?.first
                    #expect(output?["data"] == known.predictions)
                    #expect(output?["datatype"] == "FP64")
                    #expect(output?["shape"] == [40])
                }
            }
        }
    }

    @Test func answersFromPythonWithTheShapeOfTheOutput() async throws {
        try await ServingFixture.serving("pipeline") { fixture, server in
            let known = try KnownRows(fixture, "pipeline")
            let answer = try await server.post("/v2/models/pipeline/infer", json: ["inputs": Self.columns(known)])
            let output = try answer.json["outputs"]?.arrayValue?.first
            #expect(output?["shape"] == [20, 2])
            #expect(output?["data"]?.arrayValue == known.predictions.arrayValue?.flatMap { $0.arrayValue ?? [] })
            let metadata = try await server.get("/v2/models/pipeline").json
            #expect(metadata["platform"] == "mlflow_python")
        }
    }

    @Test func namesThePredictionAndTheVersionThatMadeIt() async throws {
        try await ServingFixture.serving("booster") { fixture, server in
            let known = try KnownRows(fixture, "booster", count: 1)
            let answer = try await server.post(
                "/v2/models/booster/versions/1/infer", json: ["inputs": Self.columns(known)])
            #expect(answer.header("X-Martlet-Model-Version") == "booster/1")
            let id = try #require(answer.header("X-Martlet-Prediction-Id"))
            // Without an id of the client's own, the prediction's stands for it.
            #expect(try answer.json["id"] == .string(id))
            let prediction = try await server.get("/api/v1/predictions/\(id)").json
            #expect(prediction["inputs"] == known.records[0])
            #expect(prediction["output"] == known.predictions.arrayValue?[0])
        }
    }

    @Test func answersTextAndTables() async throws {
        try await ServingFixture.serving("obedient") { _, server in
            let ask = { (words: [String]) async throws -> JSON? in
                let tensor: JSON = [
                    "name": "command", "datatype": "BYTES", "shape": [.integer(Int64(words.count)), 1],
                    "data": .strings(words),
                ]
                return try await server.post("/v2/models/obedient/infer", json: ["inputs": [tensor]]).json["outputs"]
            }
            let text = try await ask(["hello", "you"])
            #expect(text == [["name": "output-0", "datatype": "BYTES", "shape": [2], "data": ["HELLO", "YOU"]]])
            let frame = try await ask(["frame"])
            let expected: JSON = [
                ["name": "label", "datatype": "BYTES", "shape": [2], "data": ["a", nil]],
                ["name": "score", "datatype": "FP64", "shape": [2], "data": [0.5, nil]],
            ]
            #expect(frame == expected)
        }
    }

    // MARK: Refusals

    private static func body(_ inputs: JSON) -> String {
        JSON.members([("inputs", inputs)]).text
    }

    @Test func knowsNoOtherModelAndNoOtherVersion() async throws {
        try await ServingFixture.serving("booster") { fixture, server in
            let inputs: JSON = ["inputs": Self.columns(try KnownRows(fixture, "booster"))]
            for (model, words) in [
                ("other", "no endpoint 'other'"), ("booster/versions/2", "version 1, not 2"),
                ("booster/versions/01", "version 1, not 01"),
            ] {
                let answers = [
                    try await server.get("/v2/models/\(model)"), try await server.get("/v2/models/\(model)/ready"),
                    try await server.post("/v2/models/\(model)/infer", json: inputs),
                ]
                for answer in answers {
                    #expect(answer.status == 404, "\(model)")
                    #expect(try answer.json["error"]?.stringValue?.contains(words) == true, "\(answer.text)")
                }
            }
        }
    }

    @Test func saysWhatIsWrongWithABody() async throws {
        try await ServingFixture.serving("booster") { fixture, server in
            let known = try KnownRows(fixture, "booster", count: 2)
            let check = { (body: String, words: [String]) async throws in
                let answer = try await server.send(.POST, Self.infer, body: body, type: "application/json")
                #expect(answer.status == 400, "\(body.prefix(80)) → \(answer.text)")
                let message = try answer.json["error"]?.stringValue ?? ""
                for word in words { #expect(message.contains(word), "\(body.prefix(80)) → \(answer.text)") }
            }
            try await check("{", ["Malformed JSON at line 1, column 2"])
            try await check("[]", ["object"])
            try await check("{}", ["'inputs'"])
            try await check(#"{"inputs": 1}"#, ["'inputs'", "array"])
            try await check(#"{"inputs": [1]}"#, ["inputs[0]", "object"])
            let tensor: JSON = ["name": "mean radius", "datatype": "FP64", "shape": [2], "data": [1, 2]]
            let faults: [(String, JSON?, [String])] = [
                ("name", nil, ["inputs[0].name"]), ("datatype", nil, ["inputs[0].datatype"]),
                ("shape", nil, ["inputs[0].shape"]), ("data", nil, ["inputs[0].data"]),
                ("datatype", "FP16", ["'mean radius'", "FP16", "FP32"]),
                ("datatype", "FP8", ["'mean radius'", "'FP8'", "FP32"]), ("shape", [-1], ["inputs[0].shape", "-1"]),
                ("shape", [3], ["'mean radius'", "[3]", "2 values"]),
                ("shape", [4_611_686_018_427_387_904, 30], ["'mean radius'", "2 values"]),
                ("shape", [1, 2], ["'mean radius'", "[n, 30]"]),
                ("data", [1, "rough"], ["'mean radius'", "element 1", "\"rough\"", "FP64"]),
                ("data", [1, "2.5"], ["'mean radius'", "element 1", "\"2.5\"", "FP64"]),
                ("data", [true, 1], ["'mean radius'", "element 0", "true", "FP64"]),
                ("data", [1, 2, 3], ["'mean radius'", "[2]", "3 values"]),
            ]
            for (key, value, words) in faults {
                try await check(Self.body([tensor.replacing(key, with: value)]), words)
            }
            let whole: JSON = ["name": "mean radius", "datatype": "INT8", "shape": [2], "data": [1, 300]]
            try await check(Self.body([whole]), ["'mean radius'", "element 1", "300", "INT8"])
            try await check(Self.body([tensor]), ["needs the columns", "'mean texture'"])
            var columns = Self.columns(known).arrayValue ?? []
            columns[3] = ["name": "mean area", "datatype": "FP64", "shape": [1], "data": [1]]
            try await check(Self.body(.array(columns)), ["'mean area' has 1 values"])
            let empty: JSON = ["name": "table", "datatype": "FP64", "shape": [0, 30], "data": []]
            try await check(Self.body([empty]), ["no rows"])
            // All of these were asked of the model, and none is a prediction.
            let traffic = try await server.get("/api/v1/endpoints/booster").json["traffic"]
            #expect(traffic?["refused"] == traffic?["calls"])
            #expect(traffic?["calls"] == 23)
            #expect(try await server.get("/api/v1/predictions").json["predictions"] == [])
        }
    }

    @Test func saysWhatIsWrongWithAnArray() async throws {
        try await ServingFixture.serving("matrix") { fixture, server in
            let known = try KnownRows(fixture, "matrix", count: 2)
            let one = Self.table(known, isNested: true).arrayValue?.first ?? .null
            let faults: [(JSON, [String])] = [
                ([one, one], ["takes one tensor; the request has 2"]),
                ([one.replacing("shape", with: [60])], ["shape [60]", "[-1, 30]"]),
                ([one.replacing("data", with: [1])], ["shape [2, 30]", "1 values"]),
            ]
            for (inputs, words) in faults {
                let answer = try await server.post("/v2/models/matrix/infer", json: ["inputs": inputs])
                #expect(answer.status == 400)
                let message = try answer.json["error"]?.stringValue ?? ""
                for word in words { #expect(message.contains(word), "\(message)") }
            }
        }
    }

    @Test func takesNothingButItsOwnBodies() async throws {
        try await ServingFixture.serving("booster") { _, server in
            let text = try await server.send(.POST, Self.infer, body: "a,b\n1,2\n", type: "text/csv")
            #expect(text.status == 400)
            #expect(try text.json["error"]?.stringValue?.contains("application/json") == true)
        }
    }

    /// Also for what is refused before a route has seen it.
    @Test func hasTheProtocolsFormForEveryError() async throws {
        let fixture = try await ServingFixture()
        try await fixture.serve(token: "secret") { server in
            let known: HTTPHeaders = ["Authorization": "Bearer secret"]
            let asked: [(HTTPMethod, String, HTTPHeaders, Int)] = [
                (.GET, "/v2", [:], 401), (.GET, "/v2/models/booster", [:], 401), (.POST, Self.infer, [:], 401),
                (.POST, "/v1/models/booster:predict", [:], 401), (.GET, "/v2/models/booster", known, 404),
                (.GET, "/v2/models/booster", ["Authorization": "Bearer secret", "Accept": "text/html"], 404),
                (.POST, Self.infer, known, 404), (.GET, "/v2/nothing/here", known, 404),
                (.DELETE, "/v2/models/booster", known, 405),
                (.POST, Self.infer, ["Authorization": "Bearer secret", "Origin": "http://evil.example"], 403),
            ]
            for (method, path, headers, status) in asked {
                let answer = try await server.send(
                    method, path, body: method == .POST ? "{}" : nil, type: "application/json", headers: headers)
                #expect(answer.status == status, "\(method) \(path)")
                #expect(try answer.json.memberList?.map(\.key) == ["error"], "\(path): \(answer.text)")
                #expect(answer.header("X-Request-Id") != nil)
            }
            // Other protocols have their own.
            #expect(try await server.get("/v2x", headers: known).json["error_code"] == "ENDPOINT_NOT_FOUND")
        }
    }

    @Test func hasTheProtocolsFormForAModelThatHangs() async throws {
        var limits = WorkerLimits()
        limits.answer = .milliseconds(300)
        try await ServingFixture.serving("obedient", limits: limits) { _, server in
            let tensor: JSON = ["name": "command", "datatype": "BYTES", "shape": [1], "data": ["hang"]]
            let answer = try await server.post("/v2/models/obedient/infer", json: ["inputs": [tensor]])
            #expect(answer.status == 504)
            #expect(try answer.json["error"]?.stringValue != nil, "\(answer.text)")
        }
    }
}
