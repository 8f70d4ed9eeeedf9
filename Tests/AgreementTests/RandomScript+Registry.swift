import NIOHTTP1
import Wire

// Calls of registered models and their versions. Models are known by their names, so that names meet each other.

extension RandomScript {
    private static let names = ["churn", "Churn", "é", "e\u{301}", "a b", "a%", "a_", "日本", "fraud"]
    private static let stages = ["Staging", "Production", "Archived", "None", "staging", "Nowhere"]
    private static let aliases = ["champ", "Champ", "old", "é", "latest", "v1", "1", "bad alias"]

    private mutating func model() -> String { chance(0.03) ? pick(["", "a/b", "none", " "]) : pick(Self.names) }

    private mutating func version() -> String {
        chance(0.05) ? pick(["0", "x", "99", "-1", ""]) : pick(["1", "1", "2", "3"])
    }

    mutating func registryCall() {
        let name = JSON.string(model())
        switch roll(32) {
        case ..<4:
            post(
                "registered-models/create",
                ["name": name, "tags": maybe(0.4, tags()), "description": maybe(0.4, .string(text()))])
        case 4: get("registered-models/get", [("name", model())])
        case 5:
            chance(0.5)
                ? post("registered-models/rename", ["name": name, "new_name": .string(model())])
                : send(.PATCH, "registered-models/update", ["name": name, "description": maybe(0.8, .string(text()))])
        case 6 where chance(0.3): send(.DELETE, "registered-models/delete", ["name": name])
        case 6, 7:
            post("registered-models/set-tag", ["name": name, "key": .string(key()), "value": .string(text())])
        case 8: send(.DELETE, "registered-models/delete-tag", ["name": name, "key": .string(key())])
        case 9, 10:
            post(
                "registered-models/alias",
                ["name": name, "alias": .string(pick(Self.aliases)), "version": .string(version())])
        case 11: get("registered-models/alias", [("name", model()), ("alias", pick(Self.aliases))])
        case 12: send(.DELETE, "registered-models/alias", ["name": name, "alias": .string(pick(Self.aliases))])
        case 13:
            post(
                "registered-models/get-latest-versions",
                ["name": name, "stages": maybe(0.5, .strings(several(2) { $0.pick(Self.stages) }))])
        case ..<17:
            get("registered-models/search", searchQuery(.registeredModels), isPaged: true)
        default: versionCall(name)
        }
    }

    private mutating func searchQuery(_ vocabulary: FilterVocabulary) -> [(name: String, value: String?)] {
        [
            ("filter", chance(0.7) ? filter(vocabulary) : nil),
            ("max_results", chance(0.6) ? pick(["1", "2", "3", "100"]) : nil),
        ] + (chance(0.5) ? orders(vocabulary).map { ("order_by", $0) } : [])
    }

    private mutating func versionCall(_ name: JSON) {
        let version = JSON.string(version())
        switch roll(15) {
        case ..<4: createVersion(name)
        case 4: get("model-versions/get", [("name", model()), ("version", self.version())])
        case 5:
            send(
                .PATCH, "model-versions/update",
                ["name": name, "version": version, "description": maybe(0.8, .string(text()))])
        case 6, 7:
            post(
                "model-versions/transition-stage",
                [
                    "name": name, "version": version, "stage": .string(pick(Self.stages)),
                    "archive_existing_versions": maybe(0.5, .bool(chance(0.5))),
                ])
        case 8: send(.DELETE, "model-versions/delete", ["name": name, "version": version])
        case 9, 10:
            post(
                "model-versions/set-tag",
                ["name": name, "version": version, "key": .string(key()), "value": .string(text())])
        case 11:
            send(.DELETE, "model-versions/delete-tag", ["name": name, "version": version, "key": .string(key())])
        case 12: get("model-versions/get-download-uri", [("name", model()), ("version", self.version())])
        default: get("model-versions/search", searchQuery(.modelVersions), isPaged: true)
        }
    }

    private mutating func createVersion(_ name: JSON) {
        let run = run()
        let logged = recent(loggedModels, else: "m-none")
        let isLogged = chance(0.3)
        let isOfRun = !isLogged && chance(0.5)
        let source =
            isLogged
            ? "models:/\(logged)"
            : isOfRun
                ? pick(["runs:/\(run)/model", "mlflow-artifacts:/0/\(run)/artifacts/model"])
                : pick([
                    "s3://bucket/a", "s3://bucket/ä", "models:/churn/1", "models:/Churn@champ", "/etc/x", "http://h/x",
                ])
        post(
            "model-versions/create",
            [
                "name": name, "source": .string(source), "run_id": isOfRun ? .some(.string(run)) : .none,
                "model_id": isLogged ? .some(.string(logged)) : .none, "tags": maybe(0.4, tags()),
                "description": maybe(0.3, .string(text())), "run_link": maybe(0.1, "http://link"),
            ])
    }
}
