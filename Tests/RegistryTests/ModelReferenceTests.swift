import Registry
import TestSupport
import Testing
import Wire

@Suite struct ModelReferenceTests {
    private static let id = "m-" + String(repeating: "0a", count: 16)

    @Test(
        arguments: [
            ("models:/churn/3", .version(name: "churn", 3)),
            ("models:/churn@champion", .alias(name: "churn", "champion")),
            ("models:/churn/latest", .latest(name: "churn")),
            ("models:/churn/Production", .stage(name: "churn", .production)),
            ("models:/churn/archived", .stage(name: "churn", .archived)),
            ("models:/churn/None", .stage(name: "churn", .none)),
            ("models:/\(id)", .loggedModel(id)), ("models:/two words/1", .version(name: "two words", 1)),
            ("models:/ann@work@champion", .alias(name: "ann@work", "champion")),
            ("models:/ann@work/2", .version(name: "ann@work", 2)), ("models:/m-12/1", .version(name: "m-12", 1)),
            ("models:/größe@größte", .alias(name: "größe", "größte")),
            ("models:/x/9223372036854775807", .version(name: "x", .max)),
        ] as [(String, ModelReference)])
    func means(uri: String, reference: ModelReference) throws {
        #expect(try ModelReference(uri) == reference)
    }

    @Test(arguments: [
        "models:/churn/3", "models:/churn@champion", "models:/churn/latest", "models:/churn/Production",
        "models:/\(id)",
    ])
    func isWrittenAsItIsRead(uri: String) throws {
        #expect(try ModelReference(uri).uri == uri)
    }

    @Test(arguments: [
        "", "churn", "churn/1", "models:", "models:/", "models://", "models:/churn", "models:/churn/",
        "models:/churn/0",
        "models:/churn/-1", "models:/churn/+1", "models:/churn/01", "models:/churn/1.0", "models:/churn/ 1",
        "models:/churn/9223372036854775808", "models:/churn/best", "models:/@x", "models:/churn@", "models:/ @x",
        "models:/ /1", "models:/a/b/1", "models://churn/1", "models:/churn/1/", "runs:/1/model", "Models:/churn/1",
        "models:/m-", "models:/m-12", "models:/m-" + String(repeating: "g", count: 32),
        "models:/m-" + String(repeating: "0A", count: 16), "models:/m-" + String(repeating: "0", count: 33),
    ])
    func refuses(uri: String) throws {
        let refusal = #expect(throws: RegistryError.self) { try ModelReference(uri) }
        #expect(refusal?.code == .invalidParameterValue)
        #expect(refusal?.message.contains("'\(uri)'") == true)
        #expect(refusal?.hint?.contains("models:/NAME/VERSION") == true)
    }

    @Test func namesTheModelUnlessItIsALoggedOne() throws {
        #expect(try ModelReference("models:/churn@champion").name == "churn")
        #expect(try ModelReference("models:/churn/latest").name == "churn")
        #expect(try ModelReference("models:/\(Self.id)").name == nil)
    }

    @Test func meansTheVersionThatIsThereNow() async throws {
        let fixture = try await RegistryFixture()
        try await fixture.register("churn", versions: 3)
        try await fixture.models.setAlias("champion", of: "churn", to: 1, by: "ann")
        _ = try await fixture.versions.move(2, of: "churn", to: .staging, archivingOthers: false, by: "ann")
        func number(_ uri: String) async throws -> Int64 {
            try await fixture.versions.resolve(ModelReference(uri)).version
        }
        #expect(try await number("models:/churn/2") == 2)
        #expect(try await number("models:/churn@champion") == 1)
        #expect(try await number("models:/churn/latest") == 3)
        #expect(try await number("models:/churn@latest") == 3)
        #expect(try await number("models:/churn/staging") == 2)

        try await fixture.models.setAlias("champion", of: "churn", to: 3, by: "ann")
        // Who thought that it led elsewhere is told, and nothing is changed.
        for expected: Int64 in [0, 1] {
            let refused = await #expect(throws: RegistryError.self) {
                try await fixture.models.setAlias("champion", of: "churn", to: 2, expected: expected, by: "bob")
            }
            #expect(refused?.code == .conflict && refused?.message.contains("version 3 by now") == true)
        }
        #expect(try await fixture.models.model(named: "churn").aliases.map(\.version) == [3])
        #expect(try await number("models:/churn@champion") == 3)
        try await fixture.versions.delete(3, of: "churn", by: "ann")
        #expect(try await number("models:/churn/latest") == 2)
        for gone in ["models:/churn@champion", "models:/churn/3", "models:/churn/Production", "models:/x/1"] {
            await #expect(throws: RegistryError.self, "\(gone)") { try await number(gone) }
        }
        await #expect(throws: RegistryError.self) { try await number("models:/\(Self.id)") }
    }
}
