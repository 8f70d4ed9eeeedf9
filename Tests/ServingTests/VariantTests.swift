import Events
import Manifests
import NIOHTTP1
import Predictions
import TestSupport
import Testing
import TrainedModels
import Wire

@testable import Serving

/// Endpoints with several variants: who is answered by which, and what is known of it afterwards.
@Suite(.timeLimit(.minutes(5))) struct VariantTests {
    private static let variants = """
        variants: [{ name: champion, model: "models:/clinic/1", weight: 70 },
          { name: challenger, model: "models:/clinic/2", weight: 30 }]
        """

    /// An endpoint `clinic` whose champion doubles a number and whose challenger triples it.
    private static func served(
        _ more: String, _ body: (ServingFixture, LiveServer) async throws -> Void
    ) async throws {
        let fixture = try await ServingFixture()
        for factor in [2, 3] {
            _ = try await fixture.register(as: "clinic", write: PlantedModel(factor: factor).write)
        }
        try await fixture.apply("clinic", spec: "{ \(variants), \(more) }")
        try await fixture.serve { server in
            try await fixture.wait(for: "clinic") { endpoint in
                endpoint.variants.count == 2 && endpoint.variants.allSatisfy { $0.deployed != nil }
            }
            try await body(fixture, server)
        }
    }

    private static func ask(
        _ server: LiveServer, _ rows: [JSON], _ headers: [(String, String)] = []
    ) async throws -> LiveServer.Answer {
        try await server.post(
            "/endpoints/clinic/invocations", json: ["dataframe_records": .array(rows)], headers: HTTPHeaders(headers))
    }

    private static func reward(_ answer: LiveServer.Answer, _ value: Int64) -> JSON {
        ["prediction_id": .string(answer.header("X-Martlet-Prediction-Id") ?? ""), "value": .integer(value)]
    }

    private static func row(_ x: Int64, of patient: String) -> JSON {
        ["x": .integer(x), "patient": .string(patient)]
    }

    @Test func aUnitIsAnsweredByTheSameVariantAlways() async throws {
        try await Self.served("assignment: { key: patient, salt: s1 }") { fixture, server in
            var variants: [String: String] = [:]
            for round in 0..<3 {
                for number in 0..<60 {
                    let patient = "patient-\(number)"
                    let answer = try await Self.ask(server, [Self.row(Int64(round), of: patient)])
                    try #require(answer.status == 200, "\(answer.text)")
                    let variant = try #require(answer.header("X-Martlet-Variant"))
                    #expect(variants.updateValue(variant, forKey: patient) ?? variant == variant)
                    let factor: Double = variant == "champion" ? 2 : 3
                    #expect(try answer.json["predictions"] == [.double(factor * Double(round))])
                }
            }
            let challenged = variants.values.count { $0 == "challenger" }
            #expect((5...35).contains(challenged), "\(challenged) of 60, with a share of 30 %")
            // The header says it as well as the row.
            let patient = try #require(variants.first)
            let named = try await Self.ask(server, [["x": 1]], [("X-Martlet-Unit", patient.key)])
            #expect(named.header("X-Martlet-Variant") == patient.value)
        }
    }

    @Test func aRequestIsAboutOneUnit() async throws {
        try await Self.served("assignment: { key: patient }") { fixture, server in
            let none = try await Self.ask(server, [["x": 1]])
            #expect(none.status == 400)
            #expect(try none.json["message"]?.stringValue?.contains("assigns its variants by 'patient'") == true)
            let two = try await Self.ask(server, [Self.row(1, of: "ann"), Self.row(2, of: "bob")])
            #expect(two.status == 400)
            #expect(try two.json["message"]?.stringValue?.contains("Row 1 is about another 'patient'") == true)
            let same = try await Self.ask(server, [Self.row(1, of: "ann"), Self.row(2, of: "ann")])
            #expect(same.status == 200, "\(same.text)")
        }
    }

    @Test func aVariantCanBeAskedForByName() async throws {
        try await Self.served("assignment: { key: patient }") { fixture, server in
            for (variant, factor) in [("champion", 2.0), ("challenger", 3)] {
                let answer = try await Self.ask(server, [["x": 5]], [("X-Martlet-Variant", variant)])
                #expect(try answer.json["predictions"] == [.double(5 * factor)])
                let path = "/api/v1/endpoints/clinic/variants/\(variant)/invocations"
                let other = try await server.post(path, json: ["dataframe_records": [["x": 5]]])
                #expect(try other.json["predictions"] == [.double(5 * factor)])
            }
            let unknown = try await Self.ask(server, [["x": 5]], [("X-Martlet-Variant", "nobody")])
            #expect(unknown.status == 404)
            // It was no choice of the endpoint's: there is no probability to be learnt from.
            let logged = try await fixture.log.latest(of: "clinic", limit: 10)
            #expect(logged.allSatisfy { $0.propensity == nil && $0.experiment == nil })
        }
    }

    @Test func thePredictionLogKnowsWhomItWasAboutAndHowItWasChosen() async throws {
        let experiment = "experiment: { metric: { name: cured, kind: binary } }"
        try await Self.served("assignment: { key: patient, salt: s1 }, \(experiment)") { fixture, server in
            let answer = try await Self.ask(server, [Self.row(1, of: "ann")])
            let id = try #require(answer.header("X-Martlet-Prediction-Id").flatMap { PredictionID($0) })
            let prediction = try await fixture.log.prediction(id)
            #expect(prediction.unit == "ann")
            #expect(prediction.experiment == "experiment/clinic/s1")
            #expect(prediction.propensity == (prediction.variant == "champion" ? 0.7 : 0.3))
        }
    }

    /// The challenger's patients are cured more often: it is decided for, and answers for all from then on.
    @Test func anExperimentIsDecidedAndTheBetterVariantAnswersForAll() async throws {
        let experiment = """
            experiment: { metric: { name: cured, kind: binary, direction: up },
              decision: { method: sequential, alpha: 0.05, then: promote } }
            """
        try await Self.served("assignment: { key: patient, salt: s1 }, \(experiment)") { fixture, server in
            var rewards: [JSON] = []
            for number in 0..<600 {
                let patient = "patient-\(number)"
                let answer = try await Self.ask(server, [Self.row(1, of: patient)])
                let isCured = answer.header("X-Martlet-Variant") == "challenger" || number % 10 == 0
                rewards.append(Self.reward(answer, isCured ? 1 : 0))
            }
            let sent = try await server.post("/api/v1/endpoints/clinic/rewards", json: ["rewards": .array(rewards)])
            #expect(sent.status == 200, "\(sent.text)")
            let endpoint = try await fixture.endpoints.endpoint("clinic")
            while !endpoint.isDecided {
                try Task.checkCancellation()
                await Task.yield()
            }
            for number in 0..<30 {
                let answer = try await Self.ask(server, [Self.row(1, of: "patient-\(number)")])
                #expect(answer.header("X-Martlet-Variant") == "challenger")
            }
            let page = try await server.get("/endpoints/clinic").text
            for words in ["decided for challenger", "Against champion", "cured, binary, better up", "1 process"] {
                #expect(page.contains(words), "\(words)")
            }
            let events = try await fixture.events.events(
                after: 0, subject: "endpoints/clinic/experiment", limit: 10)
            #expect(events.map(\.kind) == ["experiment.declared", "experiment.decided"])
        }
    }

    @Test func aBanditMovesRequestsToTheArmThatEarnsMore() async throws {
        let bandit = "bandit: { method: thompson, reward: binary, metric: cured, window_minutes: 60 }"
        try await Self.served(bandit) { fixture, server in
            var last: [String] = []
            for _ in 0..<4 {
                last = []
                var rewards: [JSON] = []
                for _ in 0..<100 {
                    let answer = try await Self.ask(server, [["x": 1]])
                    let variant = try #require(answer.header("X-Martlet-Variant"))
                    last.append(variant)
                    rewards.append(Self.reward(answer, variant == "challenger" ? 1 : 0))
                }
                let sent = try await server.post(
                    "/api/v1/endpoints/clinic/rewards", json: ["rewards": .array(rewards)])
                #expect(sent.status == 200, "\(sent.text)")
                let bandit = try #require(try await fixture.endpoints.endpoint("clinic").bandit)
                let before = bandit.json
                // Until it has taken what was earned.
                while bandit.json == before, !Task.isCancelled { await Task.yield() }
            }
            #expect(last.count { $0 == "challenger" } > 85)
        }
    }
}

/// A model that another server runs: here the same server, by Open Inference.
@Suite(.timeLimit(.minutes(5))) struct RemoteVariantTests {
    private static func apply(_ fixture: ServingFixture, at url: String) async throws {
        try await fixture.apply(
            "proxy", spec: "{ variants: [{ remote: { url: \"\(url)\", protocol: open-inference, model: booster } }] }")
    }

    /// Where it is asked is part of the manifest: a change is followed.
    @Test func aModelElsewhereAnswersLikeOneHere() async throws {
        try await ServingFixture.serving("booster") { fixture, server in
            try await Self.apply(fixture, at: server.url + "/nowhere")
            try await fixture.wait(for: "proxy") { $0.state == .failed }
            try await Self.apply(fixture, at: server.url)
            let endpoint = try await fixture.wait(for: "proxy") { $0.state == .ready }
            #expect(endpoint.variants.first?.model == "booster", "\(endpoint)")
            let known = try KnownRows(fixture, "booster", count: 10)
            let answer = try await server.post("/endpoints/proxy/invocations", json: ["dataframe_split": known.split])
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try answer.json["predictions"] == known.predictions)
        }
    }

    /// Another server, which lets nobody in without its token.
    @Test func aServerElsewhereIsShownASecretThatNobodyElseSees() async throws {
        let other = try await ServingFixture()
        let version = try await other.register("booster", as: "booster")
        try await other.apply("booster", model: "models:/booster/\(version)")
        let log = ListeningLog()
        let fixture = try await ServingFixture(
            environment: ["MARTLET_SECRET_RIGHT": "hush-hush\n", "MARTLET_SECRET_WRONG": "hush-hash"],
            logger: log.logger)
        let known = try KnownRows(fixture, "booster", count: 3)
        try await other.serve(token: "hush-hush") { elsewhere in
            try await fixture.serve { server in
                var seen = ""
                func apply(
                    _ name: String, _ header: String, until isReached: (Endpoint) -> Bool
                ) async throws {
                    try await fixture.apply(
                        name,
                        spec: """
                            { variants: [{ remote: { url: "\(elsewhere.url)", model: booster,
                              headers: { Authorization: \(header), X-Tenant: growth } } }] }
                            """)
                    try await fixture.wait(for: name, until: isReached)
                    seen += try await server.get("/api/v1/endpoints/\(name)").text
                    seen += try await server.get("/api/v1/manifests/Endpoint").text
                }
                func ask(_ name: String) async throws -> LiveServer.Answer {
                    let path = "/endpoints/\(name)/invocations"
                    let answer = try await server.post(path, json: ["dataframe_split": known.split])
                    seen += answer.text
                    return answer
                }
                // The other server may not have taken its endpoint up yet.
                while try await elsewhere.get(
                    "/v2/models/booster/ready", headers: ["Authorization": "Bearer hush-hush"]
                ).status != 200 { try Task.checkCancellation() }

                try await apply("right", #"{ env: MARTLET_SECRET_RIGHT, prefix: "Bearer " }"#) { $0.state == .ready }
                let answer = try await ask("right")
                #expect(try answer.json["predictions"] == known.predictions)

                try await apply("wrong", #"{ env: MARTLET_SECRET_WRONG, prefix: "Bearer " }"#) { endpoint in
                    endpoint.message?.contains("does not accept the endpoint's credentials") == true
                }
                #expect(try await ask("wrong").status == 503)
                try await apply("unset", "{ env: MARTLET_SECRET_OTHER }") { endpoint in
                    endpoint.message?.contains("no environment variable 'MARTLET_SECRET_OTHER'") == true
                }
                for header in ["Bearer hush-hush", "{ env: MARTLET_TOKEN }", "{ file: secret }"] {
                    await #expect(throws: ManifestError.self) { try await apply("refused", header) { _ in true } }
                }
                #expect(seen.contains("MARTLET_SECRET_RIGHT"))
                #expect(!seen.contains("hush"), "\(seen)")
            }
        }
        // What was logged of the last of them ends the list.
        for await line in log.lines {
            #expect(!line.contains("hush"), "\(line)")
            if line.contains("MARTLET_SECRET_OTHER") { break }
        }
    }

    @Test func aServerElsewhereThatIsSlowIsNotWaitedForLongerThanItMay() async throws {
        let other = try await ServingFixture()
        let version = try await other.register(as: "slow") { try PlantedModel(delay: .seconds(3)).write($0) }
        try await other.apply("slow", model: "models:/slow/\(version)")
        let fixture = try await ServingFixture()
        try await other.serve { elsewhere in
            try await other.wait(for: "slow") { $0.state == .ready }
            try await fixture.apply(
                "proxy",
                spec: #"{ variants: [{ remote: { url: "\#(elsewhere.url)", model: slow, timeout_ms: 300 } }] }"#)
            try await fixture.serve { server in
                try await fixture.wait(for: "proxy") { $0.state == .ready }
                let answer = try await server.post(
                    "/endpoints/proxy/invocations", json: ["dataframe_records": [["x": 1.0]]])
                #expect(answer.status == 504, "\(answer.text)")
                #expect(answer.text.contains("did not answer within 0.3 seconds"), "\(answer.text)")
            }
        }
    }
}
