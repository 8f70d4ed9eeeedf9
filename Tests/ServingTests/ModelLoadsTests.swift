import Manifests
import NIOHTTP1
import TestSupport
import Testing
import TrainedModels
import Wire

@testable import Serving

/// Models that take long to load, beside others that have something to do.
@Suite(.timeLimit(.minutes(5))) struct ModelLoadsTests {
    @Test func aSlowModelHoldsUpNeitherItsSiblingsNorWhatComesInItsPlace() async throws {
        let fixture = try await ServingFixture()
        _ = try await fixture.register(as: "quick") { try PlantedModel(factor: 2).write($0) }
        _ = try await fixture.register(as: "quick") { try PlantedModel(factor: 3).write($0) }
        _ = try await fixture.register(as: "slow") { try PlantedModel(awaitedFile: "/nowhere").write($0) }
        try await fixture.move("champion", of: "quick", to: 1)
        try await fixture.apply(
            "clinic",
            spec: """
                { variants: [{ name: slow, model: "models:/slow/1", weight: 50 },
                    { name: quick, model: "models:/quick@champion", weight: 50 }],
                  shadow: { model: "models:/slow/1" } }
                """)
        try await fixture.serve { server in
            func wait(for version: Int?, slow: Endpoint.State) async throws {
                try await fixture.wait(for: "clinic") { endpoint in
                    endpoint.variants.last?.version == version && endpoint.variants.first?.state == slow
                }
            }
            try await wait(for: 1, slow: .loading)
            // The sibling answers for it, and follows its alias meanwhile.
            let answer = try await server.post("/endpoints/clinic/invocations", json: ["inputs": ["x": [1.0]]])
            #expect(try answer.json["predictions"] == [2.0], "\(answer.text)")
            try await fixture.move("champion", of: "quick", to: 2)
            try await wait(for: 2, slow: .loading)

            // Another model in its place ends the wait.
            try await fixture.apply(
                "clinic",
                spec: """
                    { variants: [{ name: slow, model: "models:/quick/1", weight: 50 },
                        { name: quick, model: "models:/quick@champion", weight: 50 }] }
                    """)
            try await wait(for: 2, slow: .ready)
            #expect(try await fixture.endpoints.get("clinic").variants.first?.model == "quick")
        }
    }
}
