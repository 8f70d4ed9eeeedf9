import Experiments
import Manifests
import Registry
import Runtimes
import Serving
import Testing
import Wire

@Suite struct EndpointManifestTests {
    private static func endpoint(_ spec: String) throws -> EndpointManifest {
        let yaml = """
            apiVersion: martlet/v1
            kind: Endpoint
            metadata: { name: breast-cancer, team: oncology }
            spec:
            \(spec)
            """
        let manifests = try Manifest.parse(yaml: yaml)
        return try EndpointManifest(try #require(manifests.first))
    }

    @Test func readsTheOneVariant() throws {
        let endpoint = try Self.endpoint(
            #"  variants: [{ name: main, model: "models:/breast-cancer@champion", weight: 100 }]"#)
        #expect(endpoint.name == "breast-cancer")
        #expect(endpoint.team == "oncology")
        #expect(endpoint.variants.map(\.name) == ["main"])
        #expect(endpoint.variants.first?.source == .registered(.alias(name: "breast-cancer", "champion")))
    }

    @Test func givesAModelTheTimeThatTheEndpointHas() throws {
        let spec = #"  variants: [{ model: "models:/a/1", python: { load_seconds: 900 } }]"#
        let usual = try Self.endpoint(spec + "\n  limits: { timeout_ms: 500 }").variants.first?.settings
        #expect(usual == RuntimeSettings(loading: .seconds(900)))
        let slow = try Self.endpoint(spec + "\n  limits: { timeout_ms: 600000 }").variants.first?.settings
        #expect(slow == RuntimeSettings(answer: .seconds(600), loading: .seconds(900)))
    }

    @Test func readsWhatOfTheRequestsForAModelGoesTogether() throws {
        let endpoint = try Self.endpoint(
            #"  variants: [{ model: "models:/a/1", batch: { rows: 8, delay_ms: 5, row_wise: true } }]"#)
        let batch = BatchSettings(rows: 8, delay: .milliseconds(5), isRowWise: true)
        #expect(endpoint.variants.first?.settings == RuntimeSettings(batch: batch))
        let error = #expect(throws: ManifestError.self) {
            try Self.endpoint(#"  variants: [{ remote: { url: "http://localhost:1", model: a }, batch: { rows: 8 } }]"#)
        }
        #expect(error?.message.contains("has no 'batch' here") == true)
    }

    @Test func readsAPlanThatWaitsForRewards() throws {
        let endpoint = try Self.endpoint(
            """
              variants: [{ model: models:/a/1 }]
              rollout: { rewards: 40, reward_minutes: 90, guardrails: [{ metric: cured, max_decrease: 0.1 }] }
            """)
        #expect(endpoint.rollout.rewards == 40)
        #expect(endpoint.rollout.rewardMinutes == 90)
        #expect(endpoint.rollout.guardrails.map(\.text) == ["cured max_decrease 0.1"])
        #expect(endpoint.rollout.json["reward_minutes"] == 90)
    }

    @Test(arguments: [
        ("  variants: []", "line 5, column 3: spec: an endpoint has at least one variant."),
        ("  varients: []", "line 5, column 3: spec.varients: there is no key 'varients' here."),
        (
            "  variants:\n    - model: models:/a/1\n    - model: models:/b/1",
            "line 6, column 7: spec.variants[0]: the key 'name' is missing."
        ),
        (
            "  variants:\n    - { name: a, model: models:/a/1 }\n    - { name: b, model: models:/b/1, weight: 10 }",
            "line 6, column 7: spec.variants[0]: the key 'weight' is missing."
        ),
        (
            "  variants:\n    - { name: a, model: models:/a/1, weight: 80 }\n"
                + "    - { name: b, model: models:/b/1, weight: 10 }",
            "line 7, column 7: spec.variants[1]: the weights of the variants must add up to 100; these make 90."
        ),
        (
            "  variants:\n    - { name: a, model: models:/a/1, weight: 90 }\n"
                + "    - { name: a, model: models:/b/1, weight: 10 }",
            "line 7, column 7: spec.variants[1]: there is a variant 'a' already."
        ),
        (
            "  variants: [{ name: \"a b\", model: models:/a/1 }]",
            "line 5, column 22: spec.variants[0].name: 'a b' is no name for a variant."
        ),
        (
            "  variants: [{ model: models:/a/1 }]\n  bandit: {}",
            "line 6, column 11: spec.bandit: there is nothing to compare: the endpoint has one variant."
        ),
        (
            "  variants: [{ model: models:/a/1 }]\n  rollout: { steps: [50, 5] }",
            "line 6, column 21: spec.rollout.steps: the shares must grow."
        ),
        (
            "  variants: [{ model: models:/a/1 }]\n  rollout: { strategy: blue-green, steps: [5] }",
            "line 6, column 43: spec.rollout.steps: a version that takes over at once has no 'steps'."
        ),
        (
            "  variants: [{ model: models:/a/1 }]\n  rollout: { guardrails: [{ metric: eror_rate, max_increase: 0 }] }",
            "line 6, column 37: spec.rollout.guardrails[0].metric: there is no metric 'eror_rate'."
        ),
        (
            "  variants: [{ model: models:/a/1 }]\n  limits: { timeout_ms: 0 }",
            "line 6, column 25: spec.limits.timeout_ms: expected a whole number from 1 to 3600000, got 0."
        ),
        (
            "  variants: [{ model: breast-cancer }]",
            "line 5, column 23: spec.variants[0].model: 'breast-cancer' does not name a model version."
        ),
        (
            "  variants: [{ model: models:/a@b, weight: 50 }]",
            "line 5, column 14: spec.variants[0]: the weights of the variants must add up to 100; these make 50."
        ),
        (
            "  variants: [{ model: 7 }]",
            "line 5, column 23: spec.variants[0].model: expected text, got number."
        ),
    ])
    func saysWhereAManifestIsWrong(spec: String, message: String) throws {
        let error = #expect(throws: ManifestError.self) { try Self.endpoint(spec) }
        #expect(error?.message.lowercased() == message.lowercased())
        #expect(error?.code.status == 400)
    }
}
