import NIOHTTP1
import TestSupport
import Testing
import Wire

@testable import Serving

@Suite(.timeLimit(.minutes(5))) struct InvocationRoutesTests {
    private static let booster = "/endpoints/booster/invocations"

    @Test func answersTheSameToEveryFormOfInput() async throws {
        try await ServingFixture.serving("booster", "pipeline") { fixture, server in
            // In the server itself, and in a Python process.
            for name in ["booster", "pipeline"] {
                let known = try KnownRows(fixture, name)
                let forms: [JSON] = [
                    ["dataframe_split": known.split],
                    ["dataframe_records": .array(known.records)],
                    ["instances": .array(known.records)],
                    ["inputs": .members(known.byColumn)],
                    ["inputs": .array(known.records), "params": [:]],
                ]
                for form in forms {
                    let answer = try await server.post("/endpoints/\(name)/invocations", json: form)
                    #expect(answer.status == 200, "\(answer.text)")
                    #expect(try answer.json == ["predictions": known.predictions], "\(form.text.prefix(30))")
                }
            }
        }
    }

    @Test func answersTheSameToCSV() async throws {
        try await ServingFixture.serving("booster") { fixture, server in
            let known = try KnownRows(fixture, "booster")
            let texts = [known.csv, known.csv.replacing("\n", with: "\r\n"), "\u{FEFF}" + known.csv]
            for text in texts {
                let answer = try await server.send(.POST, Self.booster, body: text, type: "text/csv; charset=utf-8")
                #expect(try answer.json == ["predictions": known.predictions], "\(answer.text)")
            }
        }
    }

    @Test func takesArraysForAModelThatWasTrainedOnAMatrix() async throws {
        try await ServingFixture.serving("matrix") { fixture, server in
            let known = try KnownRows(fixture, "matrix")
            let path = "/endpoints/matrix/invocations"
            let rows = JSON.array(known.rows.map(JSON.array))
            let forms: [JSON] = [["inputs": rows], ["instances": rows], ["dataframe_split": ["data": rows]]]
            for form in forms {
                let answer = try await server.post(path, json: form)
                #expect(try answer.json == ["predictions": known.predictions], "\(answer.text)")
            }
            let heading = (0..<30).map { "x\($0)" }.joined(separator: ",")
            let csv = try await server.send(.POST, path, body: heading + known.csv, type: "text/csv")
            #expect(try csv.json == ["predictions": known.predictions], "\(csv.text)")
        }
    }

    @Test func takesColumnsInAnyOrderAndDropsThoseItDoesNotKnow() async throws {
        try await ServingFixture.serving("booster") { fixture, server in
            let known = try KnownRows(fixture, "booster", count: 1)
            let reordered = JSON.members([("patient", "p7")] + known.byColumn.reversed())
            let answer = try await server.post(Self.booster, json: ["inputs": reordered])
            #expect(try answer.json == ["predictions": known.predictions])
        }
    }

    @Test func readsWhatIsMissingAsTheModelDoes() async throws {
        try await ServingFixture.serving("booster") { fixture, server in
            let known = try KnownRows(fixture, "booster", count: 1)
            let missing = try await server.post(
                Self.booster, json: ["dataframe_records": [known.record(with: "mean radius", nil), known.records[0]]])
            // A member that only one of the records has is missing in the other.
            #expect(missing.status == 200, "\(missing.text)")
            let record = known.record(with: "mean radius", .double(.nan))
            let body: JSON = ["dataframe_records": [record]]
            let text = String(decoding: body.bytes(nonFinite: .literal), as: UTF8.self)
            #expect(text.contains(":NaN"))
            let literal = try await server.send(.POST, Self.booster, body: text, type: "application/json")
            let null = try await server.post(
                Self.booster, json: ["dataframe_records": [known.record(with: "mean radius", .null)]])
            #expect(try literal.json == null.json)
            #expect(try missing.json["predictions"]?.arrayValue?.first == null.json["predictions"]?.arrayValue?.first)
        }
    }

    @Test func namesThePredictionAndTheVersionThatMadeIt() async throws {
        try await ServingFixture.serving("booster") { fixture, server in
            let known = try KnownRows(fixture, "booster", count: 2)
            let answer = try await server.post(Self.booster, json: ["dataframe_split": known.split])
            #expect(answer.header("X-Martlet-Model-Version") == "booster/1")
            let id = try #require(answer.header("X-Martlet-Prediction-Id"))
            for row in 0..<2 {
                let prediction = try await server.get("/api/v1/predictions/\(id).\(row)").json
                #expect(prediction["inputs"] == known.records[row])
                #expect(prediction["output"] == known.predictions.arrayValue?[row])
                #expect(prediction["endpoint"] == "booster")
                #expect(prediction["version"] == 1)
            }
        }
    }

    @Test func answersWithoutANameWhereThereIsOneEndpoint() async throws {
        try await ServingFixture.serving("booster") { fixture, server in
            let known = try KnownRows(fixture, "booster")
            let answer = try await server.post("/invocations", json: ["dataframe_split": known.split])
            #expect(try answer.json == ["predictions": known.predictions])
            try await fixture.apply("second", model: "models:/booster/1")
            try await fixture.wait(for: "second") { $0.state == .ready }
            let ambiguous = try await server.post("/invocations", json: ["dataframe_split": known.split])
            #expect(ambiguous.status == 404)
            #expect(try ambiguous.json["message"]?.stringValue?.contains("There are 2 endpoints") == true)
        }
    }

    @Test func handsPayloadsOfLanguageModelsToTheModelAsTheyAre() async throws {
        try await ServingFixture.serving("untyped") { _, server in
            let answer = try await server.post(
                "/endpoints/untyped/invocations", json: ["dataframe_records": [["command": "abc"]]])
            #expect(try answer.json == ["predictions": ["ABC"]], "\(answer.text)")
            let csv = try await server.send(
                .POST, "/endpoints/untyped/invocations", body: "command\nabc\n\"d,\"\"e\"\"\"\n", type: "text/csv")
            #expect(try csv.json == ["predictions": ["ABC", #"D,"E""#]], "\(csv.text)")
        }
    }

    // MARK: Refusals

    private struct Refusal {
        let body: String
        var type: String? = "application/json"
        var status = 400
        /// Words of the message: what is wrong, and where.
        let words: [String]

        init(_ body: String, type: String? = "application/json", status: Int = 400, _ words: String...) {
            self.body = body
            self.type = type
            self.status = status
            self.words = words
        }

        init(_ body: JSON, _ words: String...) {
            self.body = body.text
            self.words = words
        }
    }

    private static func check(_ refusals: [Refusal], _ path: String, _ server: LiveServer) async throws {
        for refusal in refusals {
            let answer = try await server.send(.POST, path, body: refusal.body, type: refusal.type)
            let source: Comment = "\(refusal.body.prefix(120)) → \(answer.text)"
            #expect(answer.status == refusal.status, source)
            let message = try answer.json["message"]?.stringValue ?? ""
            for words in refusal.words { #expect(message.contains(words), source) }
        }
    }

    @Test func saysWhatIsWrongWithABody() async throws {
        try await ServingFixture.serving("booster") { fixture, server in
            let known = try KnownRows(fixture, "booster")
            let records = JSON.array(known.records)
            try await Self.check(
                [
                    Refusal("", "Malformed JSON", "empty"),
                    Refusal(#"{"dataframe_records": [{"mean radius": 1.}]}"#, "line 1, column 42"),
                    Refusal("[1]", "exactly one of"),
                    Refusal([:], "exactly one of"),
                    Refusal(["dataframe_record": records], "exactly one of", "'dataframe_record'"),
                    Refusal(
                        ["dataframe_records": records, "dataframe_split": known.split], "exactly one of",
                        "'dataframe_records', 'dataframe_split'"),
                    Refusal(["dataframe_split": records], "'dataframe_split' must be an object"),
                    Refusal(["dataframe_split": ["data": [], "rows": []]], "no member 'rows'"),
                    Refusal(["dataframe_split": ["columns": "a", "data": [[1]]]], "'columns'", "array"),
                    Refusal(["dataframe_split": ["columns": .strings(known.columns), "data": [1]]], "Row 0", "number"),
                    Refusal(
                        ["dataframe_split": ["columns": .strings(known.columns), "data": [[1, 2]]]], "Row 0",
                        "2 values for 30 columns"),
                    Refusal(["dataframe_records": [1]], "Row 0", "number"),
                    Refusal(["dataframe_records": ["a": 1]], "'dataframe_records'", "array of objects"),
                    Refusal(["inputs": 3], "'inputs'", "got number"),
                    Refusal(["dataframe_split": known.split, "params": [1]], "'params'", "object"),
                    Refusal(known.csv, type: "application/x-parquet", status: 415, "application/json or text/csv"),
                    Refusal(known.csv, type: nil, status: 415, "application/json or text/csv"),
                    Refusal("{}", type: "application/json; charset=latin-1", status: 415, "only UTF-8"),
                ], Self.booster, server)
        }
    }

    @Test func saysWhichCellIsWrong() async throws {
        try await ServingFixture.serving("booster") { fixture, server in
            let known = try KnownRows(fixture, "booster", count: 5)
            let split = { (data: [JSON]) -> JSON in
                ["dataframe_split": ["columns": .strings(known.columns), "data": .array(data)]]
            }
            let word = known.record(with: "mean texture", "rough")
            let list = known.record(with: "mean texture", [1])
            let missing = known.record(with: "mean texture", nil)
            try await Self.check(
                [
                    Refusal(
                        ["dataframe_records": [known.records[0], word]], "Column 'mean texture', row 1", "\"rough\"",
                        "double"),
                    Refusal(["instances": [list]], "Column 'mean texture', row 0", "[1]"),
                    Refusal(["dataframe_records": [missing]], "needs the column 'mean texture'"),
                    Refusal(["inputs": ["mean radius": [1, 2], "mean texture": [1]]], "'mean texture' has 1 values"),
                    Refusal(["dataframe_split": ["columns": ["a", "a"], "data": [[1, 2]]]], "'a' is sent twice"),
                    Refusal(split([]), "no rows"),
                    Refusal(["dataframe_records": []], "no rows"),
                    Refusal(["instances": []], "no rows"),
                    Refusal(["dataframe_split": ["data": []]], "no rows"),
                ], Self.booster, server)
            try await Self.check(
                [
                    Refusal("", type: "text/csv", "empty"),
                    Refusal(known.columns.joined(separator: ",") + "\n", type: "text/csv", "no rows"),
                    Refusal("mean radius,mean texture\n1,2\n", type: "text/csv", "needs the columns", "'mean area'"),
                    Refusal(known.csv + "1,2\n", type: "text/csv", "Row 5 has 2 values for 30 columns"),
                    Refusal(known.csv + "\"1,2\n", type: "text/csv", "does not end"),
                    Refusal(
                        known.csv + (["rough"] + Array(repeating: "1", count: 29)).joined(separator: ","),
                        type: "text/csv", "Column 'mean radius', row 5", "\"rough\""),
                ], Self.booster, server)
            // Nothing of all this is a prediction.
            #expect(try await server.get("/api/v1/predictions").json["predictions"] == [])
            let traffic = try await server.get("/api/v1/endpoints/booster").json["traffic"]
            #expect(traffic?["refused"] == 15)
            #expect(traffic?["failed"] == 0)
        }
    }

    @Test func saysWhichElementOfAnArrayIsWrong() async throws {
        try await ServingFixture.serving("matrix") { fixture, server in
            let known = try KnownRows(fixture, "matrix", count: 2)
            var odd = known.rows
            odd[1][3] = "rough"
            try await Self.check(
                [
                    Refusal(["inputs": .array(odd.map(JSON.array))], "The tensor", "element 33", "\"rough\""),
                    Refusal(["inputs": [[1, 2]]], "shape [1, 2]", "[-1, 30]"),
                    Refusal(["inputs": [.array(known.rows[0]), [1]]], "shape [2, 30]", "31 values"),
                    Refusal(["inputs": ["a": [1]]], "takes one array"),
                    Refusal(["inputs": []], "shape [0]"),
                ], "/endpoints/matrix/invocations", server)
        }
    }

    @Test func passesOnWhyAModelInPythonRefuses() async throws {
        try await ServingFixture.serving("pipeline") { fixture, server in
            let known = try KnownRows(fixture, "pipeline", count: 1)
            for value in [Double.nan, .infinity, -.infinity] {
                let record = known.record(with: "mean radius", .double(value))
                let body: JSON = ["dataframe_records": [record]]
                let text = String(decoding: body.bytes(nonFinite: .literal), as: UTF8.self)
                let answer = try await server.send(
                    .POST, "/endpoints/pipeline/invocations", body: text, type: "application/json")
                #expect(answer.status == 400, "\(answer.text)")
                let message = try answer.json["message"]?.stringValue
                #expect(message?.contains("The model refuses this input: ValueError: Input X contains") == true)
            }
            try await Self.check(
                [
                    Refusal(["dataframe_records": []], "0 sample(s)"),
                    Refusal(["dataframe_records": [known.record(with: "mean area", nil)]], "column 'mean area'"),
                ], "/endpoints/pipeline/invocations", server)
        }
    }

    @Test func knowsWhatIsNotThere() async throws {
        try await ServingFixture.serving("booster") { _, server in
            let answer = try await server.post("/endpoints/bosster/invocations", json: [:])
            #expect(answer.status == 404)
            let words = "There is no endpoint 'bosster'. 'martlet get endpoints' shows those there are."
            #expect(try answer.json["message"]?.stringValue == words)
        }
    }
}
