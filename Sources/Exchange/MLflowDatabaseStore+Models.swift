import Database
import Wire

// The model registry of MLflow's SQL store.

extension MLflowDatabaseStore {
    func models(_ body: RecordBody) async throws {
        let models = try await records(
            "registered_models",
            "SELECT name, creation_time, last_updated_time, description FROM registered_models ORDER BY name"
        ) { row in
            .compact([
                "name": try row.text(0), "creation_timestamp": try row.number(1),
                "last_updated_timestamp": try row.number(2), "description": try row.text(3),
            ])
        }
        for model in models {
            let name = model["name"]?.stringValue ?? ""
            let tags = try await pairs("registered_model_tags", "key, value", where: "name = \(name)")
            try await body(.whole(model.with("tags", tags)))
        }
    }

    func versions(of model: JSON, _ body: RecordBody) async throws {
        let name = model["name"]?.stringValue ?? ""
        let aliases = try await pairs(
            "registered_model_aliases", "alias, CAST(version AS TEXT)", where: "name = \(name)")
        let place: SQL = columns.contains("model_versions.storage_location") ? "storage_location" : "source"
        let versions = try await records(
            "model_versions",
            """
            SELECT version, creation_time, last_updated_time, current_stage, description, source, run_id, run_link,
                \(place)
            FROM model_versions WHERE name = \(name) ORDER BY version
            """
        ) { row in
            let number: Int64 = try row.get(0)
            if try row.text(3) == .string(DeletedVersion.stage) { return DeletedVersion.record(of: name, number) }
            let source = try row.text(5)?.stringValue ?? ""
            return .compact([
                "name": .string(name), "version": .string(String(number)), "creation_timestamp": try row.number(1),
                "last_updated_timestamp": try row.number(2), "current_stage": try row.text(3),
                "description": try row.text(4), "source": .string(source), "run_id": try row.text(6),
                "run_link": try row.text(7), "storage_uri": try row.text(8),
                "model_id": LoggedModelSource.id(in: source).map(JSON.string),
            ])
        }
        for version in versions {
            let number = version["version"]?.stringValue ?? ""
            let tags = try await pairs(
                "model_version_tags", "key, value", where: "name = \(name) AND version = \(Int64(number) ?? -1)")
            let own = (aliases.arrayValue ?? []).filter { $0["value"] == .string(number) }.compactMap { $0["key"] }
            try await body(.whole(version.with("tags", tags).with("aliases", .array(own))))
        }
    }
}

/// Sources that name a logged model.
enum LoggedModelSource {
    /// The id in `models:/m-…`; nil for any other source.
    static func id(in source: String) -> String? {
        source.wholeMatch(of: /models:\/(m-[0-9a-f]{32})/).map { String($0.1) }
    }
}
