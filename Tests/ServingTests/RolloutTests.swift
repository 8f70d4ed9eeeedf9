import Events
import Foundation
import NIOHTTP1
import Predictions
import TestSupport
import Testing
import TrainedModels
import Wire

@testable import Serving

/// New versions that are tried out in steps, with models that are known to be good or bad.
@Suite(.timeLimit(.minutes(5))) struct RolloutTests {
    private static let clinic = #"models:/clinic@champion"#

    /// A server with an endpoint `clinic` whose first version is a good one.
    private static func served(
        rollout: String, _ body: (ServingFixture, LiveServer) async throws -> Void
    ) async throws {
        let fixture = try await ServingFixture()
        try await fixture.move("champion", of: "clinic", to: try await plant(PlantedModel(), fixture))
        try await fixture.apply(
            "clinic", spec: "{ variants: [{ model: \"\(clinic)\" }], rollout: \(rollout) }")
        try await fixture.serve { server in
            try await fixture.wait(for: "clinic") { $0.state == .ready }
            try await body(fixture, server)
        }
    }

    private static func plant(_ model: PlantedModel, _ fixture: ServingFixture) async throws -> Int {
        try await fixture.register(as: "clinic", write: model.write)
    }

    /// Asks with one number after the other, each answered well, until the endpoint is as wanted.
    /// - Returns: the versions that answered, each with its number of answers.
    @discardableResult
    private static func ask(
        _ server: LiveServer, _ fixture: ServingFixture, atMost limit: Int,
        until isReached: (Endpoint) -> Bool
    ) async throws -> [String: Int] {
        var answers: [String: Int] = [:]
        for x in 0..<limit {
            let answer = try await server.post(
                "/endpoints/clinic/invocations", json: ["dataframe_records": [["x": .integer(Int64(x))]]])
            try #require(answer.status == 200, "\(answer.text)")
            try #require(try answer.json["predictions"] == [.double(Double(2 * x))])
            answers[answer.header("X-Martlet-Model-Version") ?? "", default: 0] += 1
            if isReached(try await fixture.endpoints.get("clinic")) { return answers }
        }
        Issue.record("\(limit) requests were not enough: \(answers)")
        return answers
    }

    @Test func aGoodVersionIsPromotedStepByStep() async throws {
        try await Self.served(rollout: "{ steps: [20, 60], requests: 20 }") { fixture, server in
            try await fixture.move("champion", of: "clinic", to: try await Self.plant(PlantedModel(), fixture))
            try await fixture.wait(for: "clinic") { $0.variants.first?.candidate?.percent == 20 }
            let answers = try await Self.ask(server, fixture, atMost: 2000) { $0.variants.first?.version == 2 }
            #expect(answers["clinic/2", default: 0] >= 40)
            #expect(answers["clinic/1", default: 0] >= 20)
            let history = try await server.get("/api/v1/endpoints/clinic/rollouts").json["rollouts"]?.arrayValue
            let rollout = try #require(history?.first)
            #expect(rollout["state"] == "promoted")
            #expect(rollout["from"] == "clinic/1")
            #expect(rollout["to"] == "clinic/2")
            let guardrail = try #require(rollout["guardrails"]?.arrayValue?.first)
            #expect(guardrail["guardrail"] == "error_rate max_increase 0.0")
            #expect(guardrail["verdict"] == "holds so far")
            #expect(guardrail["candidate"]?["mean"] == .double(0))
            let events = try await fixture.events.events(after: 0, subject: "endpoints/clinic", limit: 100)
            #expect(
                events.map(\.kind) == [
                    "endpoint.created", "rollout.promoted", "rollout.started", "rollout.advanced", "rollout.promoted",
                ])
        }
    }

    /// The new version refuses a third of the rows; nobody notices, because the former one answers for it.
    @Test func aVersionThatFailsIsTakenBackAndCostsNobodyAnAnswer() async throws {
        try await Self.served(rollout: "{ steps: [30, 60], requests: 400 }") { fixture, server in
            let bad = try await Self.plant(PlantedModel(refusedPercent: 33), fixture)
            try await fixture.move("champion", of: "clinic", to: bad)
            try await fixture.wait(for: "clinic") { $0.variants.first?.candidate != nil }
            try await Self.ask(server, fixture, atMost: 600) { $0.variants.first?.candidate == nil }
            let endpoint = try await fixture.wait(for: "clinic") { $0.message != nil }
            #expect(endpoint.state == .ready)
            #expect(endpoint.variants.first?.version == 1)
            let message = try #require(endpoint.message)
            #expect(
                message.hasPrefix("clinic/2 was rolled back: The guardrail 'error_rate max_increase 0.0' is broken"))
            // What the former version answered in the new one's place counts on neither side when rewards come.
            let logged = try await fixture.log.latest(of: "clinic", limit: 1000)
            let parts = Dictionary(grouping: logged) { $0.rollout?.split(separator: "/").last.map(String.init) }
            #expect(parts["candidate"]?.allSatisfy { $0.version == 2 } == true)
            #expect(parts["control"]?.allSatisfy { $0.version == 1 } == true)
            #expect(parts[nil]?.contains { $0.version == 1 } == true)
            // It is not tried again by itself, but when somebody says so.
            try await fixture.apply(
                "clinic", spec: "{ variants: [{ model: \"\(Self.clinic)\" }], rollout: { steps: [10], requests: 9 } }")
            try await Self.ask(server, fixture, atMost: 20) { $0.variants.first?.version == 1 }
            let retry = try await server.post("/api/v1/endpoints/clinic/retry", json: [:])
            #expect(retry.status == 200, "\(retry.text)")
            try await fixture.wait(for: "clinic") { $0.variants.first?.candidate?.percent == 10 }
        }
    }

    @Test func aVersionThatIsSlowIsTakenBack() async throws {
        let guardrail = "{ metric: latency_p95_ms, max: 100 }"
        try await Self.served(rollout: "{ steps: [50], requests: 400, guardrails: [\(guardrail)] }") {
            fixture, server in
            let slow = try await Self.plant(PlantedModel(delay: .milliseconds(110)), fixture)
            try await fixture.move("champion", of: "clinic", to: slow)
            try await fixture.wait(for: "clinic") { $0.variants.first?.candidate != nil }
            try await Self.ask(server, fixture, atMost: 200) { $0.variants.first?.candidate == nil }
            let rollout = try #require(try await fixture.rollouts.history(of: "clinic").first)
            #expect(rollout.state == .rolledBack)
            #expect(rollout.reason.hasPrefix("The guardrail 'latency_p95_ms max 100.0' is broken"))
        }
    }

    /// Sends a reward for each of `count` answers: 1 where a version answered that heals, 0 where another one did.
    private static func reward(
        _ server: LiveServer, _ count: Int, healing: Set<String>
    ) async throws -> RewardReceiptSeen {
        var rewards: [JSON] = []
        for x in 0..<count {
            let answer = try await server.post(
                "/endpoints/clinic/invocations", json: ["dataframe_records": [["x": .integer(Int64(x))]]])
            try #require(answer.status == 200, "\(answer.text)")
            let isHealed = healing.contains(answer.header("X-Martlet-Model-Version") ?? "")
            rewards.append([
                "prediction_id": .string(answer.header("X-Martlet-Prediction-Id") ?? ""),
                "value": .integer(isHealed ? 1 : 0),
            ])
        }
        let sent = try await server.post("/api/v1/endpoints/clinic/rewards", json: ["rewards": .array(rewards)])
        try #require(sent.status == 200, "\(sent.text)")
        return RewardReceiptSeen(accepted: try sent.json["accepted"], outside: try sent.json["outside"])
    }

    private struct RewardReceiptSeen {
        let accepted: JSON?
        let outside: JSON?
    }

    /// Both versions answer alike; what becomes of the patients tells them apart.
    @Test func aVersionIsPromotedUnlessRewardsFall() async throws {
        let rollout = "{ steps: [50], requests: 30, rewards: 25, guardrails: [{ metric: cured, max_decrease: 0.1 }] }"
        try await Self.served(rollout: rollout) { fixture, server in
            // Nobody asks for rewards while nothing is tried out.
            #expect(try await Self.reward(server, 2, healing: []).outside == 2)
            try await fixture.move("champion", of: "clinic", to: try await Self.plant(PlantedModel(), fixture))
            try await fixture.wait(for: "clinic") { $0.variants.first?.candidate != nil }
            // More requests than the step needs, and a few rewards: it waits.
            #expect(try await Self.reward(server, 10, healing: ["clinic/1", "clinic/2"]).accepted == 10)
            for x in 0..<120 {
                _ = try await server.post(
                    "/endpoints/clinic/invocations", json: ["dataframe_records": [["x": .integer(Int64(x))]]])
            }
            while try await fixture.rollouts.history(of: "clinic").first?.stepRequests ?? 0 < 30 { await Task.yield() }
            let waiting = try await server.get("/api/v1/endpoints/clinic/rollouts").json["rollouts"]?.arrayValue?.first
            #expect(waiting?["state"] == "running")
            #expect(waiting?["guardrails"]?.arrayValue?.first?["rewards_needed"] == 25)
            #expect(waiting?["progress"]?.stringValue?.contains("of 25 rewards 'cured'") == true, "\(waiting ?? .null)")
            _ = try await Self.reward(server, 80, healing: ["clinic/1", "clinic/2"])
            try await fixture.wait(for: "clinic") { $0.variants.first?.version == 2 }

            try await fixture.move("champion", of: "clinic", to: try await Self.plant(PlantedModel(), fixture))
            try await fixture.wait(for: "clinic") { $0.variants.first?.candidate != nil }
            _ = try await Self.reward(server, 60, healing: ["clinic/1", "clinic/2"])
            let endpoint = try await fixture.wait(for: "clinic") { $0.variants.first?.candidate == nil }
            #expect(endpoint.variants.first?.version == 2)
            let back = try #require(try await fixture.rollouts.history(of: "clinic").first)
            #expect(back.state == .rolledBack)
            #expect(back.reason.hasPrefix("The guardrail 'cured max_decrease 0.1' is broken"), "\(back.reason)")
        }
    }

    /// Whoever edits the plan while a version is tried out means that version, too.
    @Test func anEditOfThePlanTakesEffectAtOnce() async throws {
        try await Self.served(rollout: "{ steps: [1, 2], requests: 1000000 }") { fixture, server in
            try await fixture.move("champion", of: "clinic", to: try await Self.plant(PlantedModel(), fixture))
            try await fixture.wait(for: "clinic") { $0.variants.first?.candidate?.percent == 1 }
            let guardrails = "guardrails: [{ metric: error_rate, max_increase: 0 }, { metric: error_rate, max: 0.2 }]"
            try await fixture.apply(
                "clinic",
                spec: "{ variants: [{ model: \"\(Self.clinic)\" }], "
                    + "rollout: { steps: [50], requests: 20, \(guardrails) } }")
            try await fixture.wait(for: "clinic") { $0.variants.first?.candidate?.percent == 50 }
            try await Self.ask(server, fixture, atMost: 500) { $0.variants.first?.version == 2 }
            let rollout = try #require(try await fixture.rollouts.history(of: "clinic").first)
            #expect(rollout.evidence.arrayValue?.count == 2)
            let events = try await fixture.events.events(after: 0, subject: "endpoints/clinic", limit: 100)
            #expect(
                events.map(\.kind).suffix(4) == [
                    "rollout.started", "endpoint.updated", "rollout.changed", "rollout.promoted",
                ])
        }
    }

    @Test func peoplePromoteAndRollBack() async throws {
        try await Self.served(rollout: "{ steps: [1], requests: 1000000 }") { fixture, server in
            try await fixture.move("champion", of: "clinic", to: try await Self.plant(PlantedModel(), fixture))
            try await fixture.wait(for: "clinic") { $0.variants.first?.candidate != nil }
            #expect(try await server.post("/api/v1/endpoints/clinic/promote", json: [:]).status == 200)
            try await fixture.wait(for: "clinic") { $0.variants.first?.version == 2 }
            #expect(try await server.post("/api/v1/endpoints/clinic/promote", json: [:]).status == 409)
            let answer = try await server.post("/api/v1/endpoints/clinic/rollback", json: ["reason": "wrong units"])
            #expect(try answer.json["reason"] == "wrong units")
            let endpoint = try await fixture.wait(for: "clinic") { $0.variants.first?.version == 1 }
            #expect(endpoint.state == .ready)
            #expect(try await server.post("/api/v1/endpoints/clinic/rollback", json: [:]).status == 409)
        }
    }

    /// As the buttons of the endpoint's page do: each says what it will do, and leads back to the page.
    @Test func buttonsPromoteRollBackAndTryAgain() async throws {
        try await Self.served(rollout: "{ steps: [1], requests: 1000000 }") { fixture, server in
            func page() async throws -> String {
                try await server.get("/endpoints/clinic", headers: ["Accept": "text/html"]).text
            }
            func press(_ verb: String, _ fields: String = "variant=main") async throws -> LiveServer.Answer {
                try await server.send(
                    .POST, "/endpoints/clinic/\(verb)", body: fields, type: "application/x-www-form-urlencoded")
            }
            #expect(try await !page().contains("class=\"confirm\""), "There is nothing to go back to.")
            try await fixture.move("champion", of: "clinic", to: try await Self.plant(PlantedModel(), fixture))
            try await fixture.wait(for: "clinic") { $0.variants.first?.candidate != nil }
            let trying = try await page()
            #expect(trying.contains("Promote clinic/2 now") && trying.contains("Roll back to clinic/1"))
            #expect(trying.contains("instead of for 1 % of them"))
            let newest = try await fixture.rollouts.newest()["clinic"]?.first
            #expect(newest?.to == "clinic/2" && newest?.progress != nil)

            let promoted = try await press("promote")
            // The client goes where it is sent.
            #expect(promoted.status == 200 && promoted.text.contains("<h1>clinic"))
            try await fixture.wait(for: "clinic") { $0.variants.first?.version == 2 }
            #expect(try await press("promote").status == 409)
            #expect(try await !page().contains("Promote clinic/2 now"))

            #expect(try await press("rollback", "variant=main&reason=wrong+units").status == 200)
            try await fixture.wait(for: "clinic") { $0.variants.first?.version == 1 }
            let back = try await page()
            #expect(back.contains("wrong units") && back.contains("Try clinic/2 again"))
            #expect(try await press("retry").status == 200)
            try await fixture.wait(for: "clinic") { $0.variants.first?.candidate?.deployed.version == 2 }
        }
    }

    @Test func aRestartGoesOnWithTheStepAndWithWhatWasRolledBack() async throws {
        let fixture = try await ServingFixture()
        try await fixture.move("champion", of: "clinic", to: try await Self.plant(PlantedModel(), fixture))
        let spec = "{ variants: [{ model: \"\(Self.clinic)\" }], rollout: { steps: [40, 60], requests: 1000000 } }"
        try await fixture.apply("clinic", spec: spec)
        try await fixture.serve { server in
            try await fixture.wait(for: "clinic") { $0.state == .ready }
            try await fixture.move("champion", of: "clinic", to: try await Self.plant(PlantedModel(), fixture))
            try await fixture.wait(for: "clinic") { $0.variants.first?.candidate != nil }
        }
        let second = try await fixture.restarted()
        try await second.serve { server in
            let endpoint = try await second.wait(for: "clinic") { $0.variants.first?.candidate != nil }
            #expect(endpoint.variants.first?.version == 1)
            #expect(endpoint.variants.first?.candidate?.percent == 40)
            #expect(try await server.post("/api/v1/endpoints/clinic/rollback", json: [:]).status == 200)
            try await second.wait(for: "clinic") { $0.variants.first?.candidate == nil }
        }
        let third = try await second.restarted()
        try await third.serve { _ in
            let endpoint = try await third.wait(for: "clinic") { $0.state == .ready }
            #expect(endpoint.variants.first?.version == 1)
            #expect(endpoint.variants.first?.candidate == nil)
        }
    }
}
