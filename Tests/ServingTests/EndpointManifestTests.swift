import Manifests
import Registry
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
        #expect(endpoint.variants.first?.model == .alias(name: "breast-cancer", "champion"))
    }

    @Test(arguments: [
        ("  variants: []", "line 5, column 3: spec: an endpoint has one variant."),
        ("  varients: []", "line 5, column 3: spec.varients: there is no key 'varients' here."),
        (
            "  variants:\n    - model: models:/a/1\n    - model: models:/b/1",
            "line 7, column 7: spec.variants[1]: an endpoint has exactly one variant in this version."
        ),
        (
            "  variants: [{ model: breast-cancer }]",
            "line 5, column 23: spec.variants[0].model: 'breast-cancer' does not name a model version."
        ),
        (
            "  variants: [{ model: models:/a@b, weight: 50 }]",
            "line 5, column 44: spec.variants[0].weight: the weights of the variants must add up to 100."
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
