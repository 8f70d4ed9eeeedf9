import NIOHTTP1
import Predictions
import Runtimes
import TestSupport
import Testing
import TrainedModels
import Web
import Wire

@testable import Serving

/// An endpoint that is asked by hand.
@Suite(.timeLimit(.minutes(5))) struct TrialTests {
    private static func signature(_ inputs: JSON) throws -> ModelSignature {
        try #require(try ModelSignature(json: ["inputs": inputs], isTypedByHints: false))
    }

    private static let columns: JSON = [
        ["name": "age", "type": "long"], ["name": "dose", "type": "double", "required": false],
        ["name": "ward", "type": "string"], ["name": "smokes", "type": "boolean"],
        ["name": "vaccinated", "type": "boolean", "required": false],
    ]

    @Test(
        arguments: [
            ["dataframe_split": ["columns": ["age", "ward"], "data": [[41, "heart"], [1, "x"]]]],
            ["dataframe_records": [["age": 41, "ward": "heart"]]], ["inputs": ["age": [41], "ward": ["heart"]]],
        ] as [JSON])
    func theExampleFillsTheFields(example: JSON) throws {
        let form = TrialForm(try Self.signature(Self.columns), example: example)
        guard case .fields(let fields) = form.content else {
            Issue.record("no fields")
            return
        }
        #expect(fields.map(\.name) == ["age", "dose", "ward", "smokes", "vaccinated"])
        #expect(fields.map(\.text) == ["41", nil, "heart", nil, nil])
        #expect(try form.body() == ["dataframe_records": [["age": 41, "ward": "heart", "smokes": false]]])
    }

    @Test func whatIsFilledInHasTheTypeOfItsColumn() throws {
        let sent = ["in.age": "41", "in.dose": "1e-3", "in.ward": "7", "in.smokes": "true", "in.vaccinated": "false"]
        let form = TrialForm(try Self.signature(Self.columns)) { sent[$0] }
        #expect(
            try form.body() == [
                "dataframe_records": [["age": 41, "dose": 0.001, "ward": "7", "smokes": true, "vaccinated": false]]
            ])
        // What is no number goes as it is, so that the answer says what is wrong.
        let wrong = TrialForm(try Self.signature(Self.columns)) { $0 == "in.age" ? "old" : nil }
        #expect(try wrong.body()["dataframe_records"]?.arrayValue?.first?["age"] == "old")
    }

    @Test func whatHasNoColumnsIsAskedInAText() throws {
        let tensor = try Self.signature([
            ["type": "tensor", "tensor-spec": ["dtype": "float64", "shape": [-1, 3]]]
        ])
        #expect(TrialForm(tensor, example: nil).content == .text(#"{"inputs":[[0,0,0]]}"#))
        #expect(TrialForm(nil, example: nil).content == .text(#"{"inputs":[]}"#))
        #expect(try TrialForm(nil) { _ in #"{"inputs": [1]}"# }.body() == ["inputs": [1]])
        let huge = try Self.signature([
            ["type": "tensor", "tensor-spec": ["dtype": "float64", "shape": [-1, 4_000_000_000, 4_000_000_000]]]
        ])
        #expect(TrialForm(huge, example: nil).content == .text(#"{"inputs":[]}"#))
        let many = try Self.signature(.array((0..<1000).map { ["name": .string("c\($0)"), "type": "double"] }))
        guard case .text = TrialForm(many, example: nil).content else {
            Issue.record("a field for each of a thousand columns")
            return
        }
    }

    @Test func theAnswerSaysWhoGaveItAndTheCommandAsksTheSame() async throws {
        let fixture = try await ServingFixture()
        for factor in [2, 3] {
            _ = try await fixture.register(as: "clinic", write: PlantedModel(factor: factor).write)
        }
        try await fixture.apply(
            "clinic",
            spec: """
                { variants: [{ name: main, model: "models:/clinic/1", weight: 50 }, { name: b, model: "models:/clinic/2", \
                weight: 50 }], assignment: { key: patient } }
                """)
        try await fixture.serve { server in
            try await fixture.wait(for: "clinic") { endpoint in
                endpoint.variants.count == 2 && endpoint.variants.allSatisfy { $0.deployed != nil }
            }
            let form = try await server.get("/endpoints/clinic/try").text
            #expect(form.contains("<input type=\"number\" step=\"any\" name=\"in.x\" required>"))
            #expect(form.contains("as requests are divided") && form.contains("whom it is about"))
            func ask(_ body: String) async throws -> LiveServer.Answer {
                try await server.send(
                    .POST, "/endpoints/clinic/try", body: body, type: "application/x-www-form-urlencoded",
                    headers: ["Origin": server.url])
            }
            let answer = try await ask("in.x=7&variant=b&unit=o%27neill")
            #expect(answer.status == 200)
            #expect(answer.text.contains("<h2>Answer</h2>") && answer.text.contains("21"))
            #expect(answer.text.contains("clinic/2"))
            let latest = try await fixture.log.latest(of: "clinic", limit: 1)
            let id = try #require(latest.first?.id.text)
            #expect(answer.text.contains("href=\"/predictions/\(id)\""))
            #expect(latest.first?.unit == "o'neill")
            #expect(answer.text.contains("-H &#39;X-Martlet-Variant: b&#39;"))
            #expect(answer.text.contains("-H &#39;X-Martlet-Unit: o&#39;\\&#39;&#39;neill&#39;"))
            #expect(answer.text.contains("{&quot;x&quot;:7}"))
            #expect(answer.text.contains("name=\"in.x\" value=\"7\""))

            let refused = try await ask("in.x=7")
            #expect(refused.status == 400)
            #expect(refused.text.contains("assigns its variants by &#39;patient&#39;"))
            #expect(try await ask("in.x=seven&unit=1").status == 400)
            #expect(try await ask("in.x=7&variant=c&unit=1").status == 404)
            #expect(try await fixture.log.latest(of: "clinic", limit: 9).count == 1)
        }
    }
}
