package import Database
package import Wire

extension ExperimentStore {
    /// The experiments that a query finds: newest first unless it says otherwise.
    package func search(_ query: ExperimentQuery) async throws -> Page<Experiment> {
        try await database.read { reader in
            let conditions: [SQL?] = [query.view.sql(on: "e.lifecycle_stage"), query.filter.sql(\.experimentSQL)]
            let parts = query.nameParts.map { part -> SQL in
                "LOWER(e.name) LIKE \("%\(part.lowercasedASCII.patternText)%") ESCAPE '\\'"
            }
            let filter = (conditions.compactMap { $0 } + parts).joined(separator: " AND ")
            let select: SQL = """
                SELECT \(Self.columns) FROM experiments e WHERE \(filter)
                ORDER BY \(Self.ordering(query.orders)) LIMIT \(query.limit + 1) OFFSET \(query.offset)
                """
            let rows = try reader.rows(select.once)
            let page = Page(rows: rows, limit: query.limit, offset: query.offset)
            return Page(elements: try Self.complete(page.elements, in: reader), next: page.next)
        }
    }

    private static func ordering(_ orders: [SearchOrder]) -> SQL {
        guard !orders.isEmpty else { return "e.creation_time DESC, e.experiment_id ASC" }
        let items = orders.map { $0.sql(by: attribute($0.field.key)) }
        return (items + ["e.experiment_id DESC"]).joined(separator: ", ")
    }

    /// The column of a canonical attribute name.
    fileprivate static func attribute(_ name: String) -> SQL {
        switch name {
        case "name": "e.name"
        case "creation_time": "e.creation_time"
        case "last_update_time": "e.last_update_time"
        default: "e.experiment_id"
        }
    }

    /// What has gone on in some experiments; those without runs are not among them.
    package func activity(of ids: [ExperimentID]) async throws -> [ExperimentActivity] {
        try await database.read { reader in
            try reader.rows(
                """
                SELECT experiment_id, COUNT(*), MAX(start_time) FROM runs
                WHERE experiment_id IN \(list: ids) AND lifecycle_stage = \(LifecycleStage.active)
                GROUP BY experiment_id
                """)
        }
    }

    /// Which datasets the runs of some experiments used, each once per context.
    package func datasetSummaries(of ids: [ExperimentID], limit: Int) async throws -> [DatasetSummary] {
        try await database.read { reader in
            try reader.rows(
                """
                SELECT DISTINCT d.experiment_id, d.name, d.digest, t.value,
                    CASE WHEN t.value IS NULL THEN 0 ELSE 1 END AS has_context
                FROM datasets d JOIN dataset_inputs i ON i.dataset_id = d.dataset_id
                LEFT JOIN dataset_input_tags t ON t.input_id = i.input_id AND t.key = \(DatasetInput.contextKey)
                WHERE d.experiment_id IN \(list: ids)
                ORDER BY d.experiment_id, d.name, d.digest, has_context, t.value LIMIT \(limit)
                """)
        }
    }
}

extension SearchFilter.Condition {
    /// The condition on a row `e` of `experiments`.
    fileprivate var experimentSQL: SQL {
        switch field.entity {
        case .tag: sql(onTagIn: "experiment_tags", where: "t.experiment_id = e.experiment_id")
        default:
            field.key == "name"
                ? sql(on: ExperimentStore.attribute(field.key)) : sql(onInteger: ExperimentStore.attribute(field.key))
        }
    }
}

extension DatasetSummary: RowDecodable {
    package init(row: Row) throws {
        experimentID = try row.get(0)
        name = try row.get(1)
        digest = try row.get(2)
        context = try row.get(3)
    }
}

extension ExperimentActivity: RowDecodable {
    package init(row: Row) throws {
        experiment = try row.get(0)
        runs = try row.get(1)
        lastStart = try row.get(2)
    }
}
