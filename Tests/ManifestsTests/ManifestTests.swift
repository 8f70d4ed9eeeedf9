import Testing
import Wire

@testable import Manifests

@Suite struct ManifestTests {
    static let endpoint = """
        apiVersion: martlet/v1
        kind: Endpoint
        metadata: { name: churn, team: growth }
        spec:
          variants:
            - { name: main, weight: 90 }
          notes: "no"
          flag: no
        """

    @Test func readsADocumentWithItsPlaces() throws {
        let manifest = try #require(try Manifest.parse(yaml: Self.endpoint).first)
        #expect(manifest.kind == "Endpoint")
        #expect(manifest.name == "churn")
        #expect(manifest.team == "growth")
        let spec = try ManifestFields(manifest.spec, keys: ["variants", "notes", "flag"])
        let variant = try ManifestFields(try spec.list("variants")[0], keys: ["name", "weight"])
        #expect(try variant.optionalInteger("weight", in: 0...100) == 90)
        #expect(variant.place.path == "spec.variants[0]")
        #expect(variant.place.line == 6)
    }

    @Test func onlyTrueAndFalseAreBooleans() throws {
        let manifest = try #require(try Manifest.parse(yaml: Self.endpoint).first)
        #expect(manifest.spec.json["notes"] == "no")
        #expect(manifest.spec.json["flag"] == "no")
    }

    @Test func readsEveryDocumentAndSkipsEmptyOnes() throws {
        let manifests = try Manifest.parse(yaml: "---\n\(Self.endpoint)\n---\n---\n\(Self.endpoint)")
        #expect(manifests.count == 2)
    }

    @Test func comesBackFromItsJSON() throws {
        let manifest = try #require(try Manifest.parse(yaml: Self.endpoint).first)
        #expect(try Manifest(json: manifest.json).json == manifest.json)
    }

    @Test(arguments: [
        ("apiVersion: martlet/v2\nkind: A\nmetadata: {name: x}\nspec: {}", "Line 1, column 13: apiVersion"),
        ("apiVersion: martlet/v1\nknd: A\nmetadata: {name: x}\nspec: {}", "Did you mean 'kind'?"),
        ("apiVersion: martlet/v1\nkind: A\nmetadata: {name: X}\nspec: {}", "Line 3, column 18: metadata.name"),
        ("apiVersion: martlet/v1\nkind: A\nmetadata: {name: 3}\nspec: {}", "expected text, got number"),
        ("apiVersion: martlet/v1\nkind: A\nspec: {}", "the key 'metadata' is missing"),
        ("- 1\n- 2", "expected a mapping"),
        ("a: [1, 2", "is not YAML"),
        ("a: 1\na: 2", "occurs twice"),
        ("kind: *nowhere", "is not YAML"),
        ("\u{0}", "is not YAML"),
    ])
    func namesWhatIsWrongAndWhere(yaml: String, expected: String) {
        let error = #expect(throws: ManifestError.self) { try Manifest.parse(yaml: yaml) }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
        #expect(error?.code.status == 400)
    }

    @Test func refusesAliasesThatStandForBillions() {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let row = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            yaml += "a\(level): &a\(level) [\(row)]\n"
        }
        let error = #expect(throws: ManifestError.self) { try Manifest.parse(yaml: yaml) }
        #expect(error?.message.contains("100000 values") == true)
    }

    @Test(arguments: [
        ("weight: 101", "from 0 to 100"), ("weight: 1.5", "got 1.5"), ("wieght: 1", "Did you mean 'weight'?"),
    ])
    func refusesValuesOutOfTheirRange(line: String, expected: String) throws {
        let yaml = "apiVersion: martlet/v1\nkind: A\nmetadata: {name: x}\nspec:\n  \(line)"
        let manifest = try #require(try Manifest.parse(yaml: yaml).first)
        let error = #expect(throws: ManifestError.self) {
            try ManifestFields(manifest.spec, keys: ["weight"]).optionalInteger("weight", in: 0...100)
        }
        #expect(error?.description.contains(expected) == true)
        #expect(error?.message.contains("Line 5") == true)
    }
}
