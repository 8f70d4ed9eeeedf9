import NIOHTTP1
import Registry
import TestSupport
import Testing
import Tracking
import Web
import Wire

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct RegistrySearchTests {
    /// Three models and a prompt, the first with three versions.
    private func serve(_ body: (RegistryFixture, LiveServer) async throws -> Void) async throws {
        try await RegistryFixture.serve { fixture, server in
            for (name, count) in [("churn", 3), ("Churn two", 1), ("fraud", 1)] {
                try await fixture.register(name, versions: count)
            }
            let prompt = Tag(key: "mlflow.prompt.is_prompt", value: "true")
            _ = try await fixture.models.create(name: "greeting", tags: [prompt], by: "ann")
            try await server.mlflow(
                "model-versions/create", ["name": "greeting", "source": "dummy-source", "tags": [prompt.json]])
            try await fixture.models.set(Tag(key: "team", value: "growth"), of: "churn", by: "ann")
            try await fixture.models.set(Tag(key: "tier", value: "1"), of: "churn", by: "ann")
            try await fixture.models.set(Tag(key: "team", value: "Growth"), of: "fraud", by: "ann")
            try await fixture.versions.set(Tag(key: "gate", value: "passed"), of: 2, of: "churn", by: "ann")
            try await fixture.models.setAlias("champion", of: "churn", to: 2, by: "ann")
            try await body(fixture, server)
        }
    }

    /// Written as the client encodes a query.
    private func query(_ parameters: KeyValuePairs<String, String>) -> String {
        parameters.map { name, value in
            let escaped = value.utf8.map { byte in
                let isPlain = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                return isPlain ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
            return "\(name)=\(escaped.joined())"
        }.joined(separator: "&")
    }

    @Test func modelsAreFoundByNameAndTags() async throws {
        let expected: [(filter: String, names: [String])] = [
            ("", ["Churn two", "churn", "fraud"]), ("name = 'churn'", ["churn"]), ("name LIKE 'churn%'", ["churn"]),
            ("name ILIKE 'churn%'", ["Churn two", "churn"]), ("name != 'churn'", ["Churn two", "fraud"]),
            ("name IN ('churn', 'fraud')", ["churn", "fraud"]), ("tags.team = 'growth'", ["churn"]),
            ("tag.team ILIKE 'growth'", ["churn", "fraud"]), ("tags.team != 'growth'", ["fraud"]),
            ("tags.team = 'growth' AND tags.tier = '2'", []), ("tags.team = 'growth' AND tags.tier = '1'", ["churn"]),
            ("tag.`mlflow.prompt.is_prompt` != 'true'", ["Churn two", "churn", "fraud"]),
            ("name LIKE 'f%' AND tag.`mlflow.prompt.is_prompt` != 'true'", ["fraud"]),
            ("tag.`mlflow.prompt.is_prompt` = 'true'", ["greeting"]), ("name = 'greeting'", []),
            ("name = 'fraud' OR tags.tier IN ('1', '2')", ["churn", "fraud"]),
            ("NOT tags.team = 'growth'", ["Churn two", "fraud"]),
            ("NOT (name LIKE 'c%' OR name = 'fraud')", ["Churn two"]),
        ]
        try await serve { _, server in
            for (filter, names) in expected {
                let path = "registered-models/search?" + query(["filter": filter])
                let found = try await server.mlflow(get: path).json["registered_models"]?.arrayValue ?? []
                #expect(found.compactMap { $0["name"]?.stringValue } == names, "\(filter)")
            }
            let churn = try await server.mlflow(get: "registered-models/search").json["registered_models"]?.arrayValue?[
                1]
            #expect(churn?["aliases"] == [["alias": "champion", "version": "2"]])
            #expect(churn?["latest_versions"]?.arrayValue?.compactMap { $0["version"] } == ["3"])
        }
    }

    @Test func versionsAreFoundByWhatTheyAre() async throws {
        let expected: [(filter: String, paths: [String])] = [
            ("", ["fraud/1", "Churn two/1", "churn/3", "churn/2", "churn/1"]),
            ("name = 'churn'", ["churn/3", "churn/2", "churn/1"]),
            ("name = 'churn' AND version_number > 1", ["churn/3", "churn/2"]),
            ("version_number = '2'", ["churn/2"]), ("tags.gate = 'passed'", ["churn/2"]),
            ("source_path LIKE 's3://bucket/fraud/%'", ["fraud/1"]), ("run_id = 'f00'", []),
            ("name ILIKE 'CHURN%' and version_number <= 1", ["Churn two/1", "churn/1"]),
            ("name = 'greeting'", []), ("tags.`mlflow.prompt.is_prompt` = 'true'", ["greeting/1"]),
            ("version_number BETWEEN 2 AND '9' OR name = 'fraud'", ["fraud/1", "churn/3", "churn/2"]),
            ("NOT tags.gate = 'passed' AND name IN ('churn')", ["churn/3", "churn/1"]),
            ("source_path IN ('s3://bucket')", []),
        ]
        try await serve { fixture, server in
            for (filter, paths) in expected {
                let path = "model-versions/search?" + query(["filter": filter])
                let found = try await server.mlflow(get: path).json["model_versions"]?.arrayValue ?? []
                let names = found.map { "\($0["name"]?.stringValue ?? "")/\($0["version"]?.stringValue ?? "")" }
                #expect(names == paths, "\(filter)")
                #expect(found.allSatisfy { $0["aliases"] == nil }, "Searches leave aliases out.")
            }
            let run = try await fixture.run()
            let new: JSON = ["name": "fraud", "source": "s3://b/k", "run_id": .string(run.id)]
            try await server.mlflow("model-versions/create", new)
            let path = "model-versions/search?" + query(["filter": "run_id IN ('\(run.id)')"])
            let found = try await server.mlflow(get: path).json["model_versions"]?.arrayValue
            #expect(found?.map { $0["version"] } == ["2"])
        }
    }

    @Test func areSortedAsAsked() async throws {
        try await serve { _, server in
            func names(_ order: String) async throws -> [String] {
                let path = "registered-models/search?" + query(["order_by": order])
                let found = try await server.mlflow(get: path).json["registered_models"]?.arrayValue ?? []
                return found.compactMap { $0["name"]?.stringValue }
            }
            #expect(try await names("name DESC") == ["fraud", "churn", "Churn two"])
            #expect(try await names("timestamp DESC") == ["fraud", "Churn two", "churn"])
            #expect(try await names("last_updated_timestamp") == ["churn", "Churn two", "fraud"])
            let path = "model-versions/search?" + query(["order_by": "name", "order_by": "version_number ASC"])
            let versions = try await server.mlflow(get: path).json["model_versions"]?.arrayValue ?? []
            #expect(versions.compactMap { $0["version"]?.stringValue }.joined() == "11231")
        }
    }

    @Test func pagesFollowOneAnother() async throws {
        try await serve { _, server in
            for (path, list) in [
                ("registered-models/search", "registered_models"), ("model-versions/search", "model_versions"),
            ] {
                var seen: [JSON] = []
                var token: String?
                repeat {
                    let more = token.map { "&" + query(["page_token": $0]) } ?? ""
                    let page = try await server.mlflow(get: "\(path)?max_results=2\(more)").json
                    seen += page[list]?.arrayValue ?? []
                    token = page["next_page_token"]?.stringValue
                } while token != nil
                #expect(try await server.mlflow(get: path).json[list] == .array(seen))
                #expect(Set(seen).count == seen.count)
            }
        }
    }

    @Test(
        arguments: [
            ("registered-models", ["max_results": "0"]), ("registered-models", ["max_results": "1001"]),
            ("registered-models", ["page_token": "x"]), ("registered-models", ["filter": "version_number = 1"]),
            ("registered-models", ["filter": "tags.team IS NULL"]), ("registered-models", ["filter": "name > 'a'"]),
            ("registered-models", ["order_by": "creation_timestamp"]),
            ("registered-models", ["filter": "name = 'a' OR"]),
            ("registered-models", ["filter": "attributes.name = 'a'"]),
            ("model-versions", ["max_results": "200001"]), ("model-versions", ["filter": "version_number = 1.5"]),
            ("model-versions", ["filter": "version_number = 'one'"]),
            ("model-versions", ["filter": "source_path IN (1)"]),
            ("model-versions", ["order_by": "run_id"]),
        ] as [(String, KeyValuePairs<String, String>)])
    func refuses(list: String, parameters: KeyValuePairs<String, String>) async throws {
        try await RegistryFixture.serve { _, server in
            let answer = try await server.mlflow(get: "\(list)/search?" + query(parameters))
            #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE")
        }
    }
}
