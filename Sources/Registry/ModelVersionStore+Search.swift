import Database
import Tracking
package import Wire

extension RegisteredModelStore {
    /// By name unless the query says otherwise; prompts only when it asks for them.
    package func search(_ query: RegistryQuery) async throws -> Page<RegisteredModel> {
        try await database.read { reader in
            let filter = query.filter.sql { condition in
                switch condition.field.entity {
                case .tag: condition.onTag(in: "registered_model_tags", where: "t.model_key = m.model_key")
                default: condition.sql(on: "m.name")
                }
            }
            var conditions = [filter]
            if !query.filter.mentionsPrompts { conditions.append(.isNoPrompt) }
            let items = query.orders.map { order in
                order.sql(by: order.field.key == "name" ? "m.name" : "m.last_update_time")
            }
            let tail: SQL = """
                \(conditions.joined(separator: " AND ")) ORDER BY \((items + ["m.name ASC"]).joined(separator: ", "))
                LIMIT \(query.limit + 1) OFFSET \(query.offset)
                """
            let rows = try reader.registeredModels(where: tail.once)
            return Page(rows: rows, limit: query.limit, offset: query.offset)
        }
    }
}

extension ModelVersionStore {
    /// Last changed first unless the query says otherwise; those of prompts only when it asks for them.
    package func search(_ query: RegistryQuery) async throws -> Page<ModelVersion> {
        try await database.read { reader in
            let filter = query.filter.sql { condition in
                switch condition.field.entity {
                case .tag:
                    condition.onTag(
                        in: "model_version_tags", where: "t.model_key = v.model_key AND t.version = v.version")
                default:
                    condition.field.key == "version_number"
                        ? condition.sql(onInteger: "v.version") : condition.sql(on: Self.column(condition.field.key))
                }
            }
            var conditions: [SQL] = ["v.deleted = 0", filter]
            if !query.filter.mentionsPrompts { conditions.append(.isNoPrompt) }
            let orders =
                query.orders.isEmpty
                ? ["v.last_update_time DESC"] : query.orders.map { $0.sql(by: Self.column($0.field.key)) }
            let ordering = (orders + ["m.name ASC", "v.version DESC"]).joined(separator: ", ")
            let tail: SQL = """
                \(conditions.joined(separator: " AND ")) ORDER BY \(ordering)
                LIMIT \(query.limit + 1) OFFSET \(query.offset)
                """
            let rows = try reader.modelVersions(where: tail.once)
            return Page(rows: rows, limit: query.limit, offset: query.offset)
        }
    }

    private static func column(_ attribute: String) -> SQL {
        switch attribute {
        case "run_id": "v.run_id"
        case "source_path": "v.source"
        case "version_number": "v.version"
        case "creation_timestamp": "v.creation_time"
        case "last_updated_timestamp": "v.last_update_time"
        default: "m.name"
        }
    }
}

extension SearchFilter {
    fileprivate var mentionsPrompts: Bool {
        conditions.contains { $0.field == SearchField(.tag, RegisteredModel.promptKey) && $0.comparison != .notEqual }
    }
}

extension SearchFilter.Condition {
    /// As on any tag, but "is not a prompt" holds for what has no such tag: the client adds it to every search.
    fileprivate func onTag(in table: SQL, where link: SQL) -> SQL {
        guard field.key == RegisteredModel.promptKey, comparison == .notEqual else {
            return sql(onTagIn: table, where: link)
        }
        return .isNoPrompt
    }
}

extension SQL {
    fileprivate static let isNoPrompt: SQL = """
        NOT EXISTS (SELECT 1 FROM registered_model_tags p WHERE p.model_key = m.model_key
            AND p.key = \(RegisteredModel.promptKey) AND p.value = 'true')
        """
}
