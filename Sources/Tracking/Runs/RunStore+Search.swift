import Database
package import Wire

extension RunStore {
    /// The runs that a query finds: latest start first unless it says otherwise. Model inputs are left out.
    package func search(_ query: RunQuery) async throws -> Page<Run> {
        guard !query.experimentIDs.isEmpty else { return Page(rows: [], limit: query.limit, offset: query.offset) }
        return try await database.read { reader in
            let infos = try reader.rows(Self.sql(query), as: RunInfo.self)
            let page = Page(rows: infos, limit: query.limit, offset: query.offset)
            let runs = try Self.complete(page.elements, modelInputs: false, in: reader)
            return Page(elements: runs, next: page.next)
        }
    }

    /// How many runs a query finds, whatever its limit.
    package func count(_ query: RunQuery) async throws -> Int {
        try await database.read { reader in
            try reader.value("SELECT COUNT(*) FROM runs r WHERE \(Self.conditions(query))") ?? 0
        }
    }

    private static func sql(_ query: RunQuery) -> SQL {
        var joins: [SQL] = []
        var items: [SQL] = []
        for (index, order) in query.orders.enumerated() {
            // Each sorted key joins its table under a name of its own.
            let alias = SQL(stringLiteral: "o\(index)")
            if let table = order.field.entity.table {
                joins.append(
                    "LEFT JOIN \(table) \(alias) ON \(alias).run_id = r.run_id AND \(alias).key = \(order.field.key)")
            }
            items.append(item(order, alias))
        }
        items += ["r.start_time DESC", "r.run_id ASC"]
        return """
            SELECT \(columns) FROM runs r \(joins.joined(separator: " ")) WHERE \(conditions(query))
            ORDER BY \(items.joined(separator: ", ")) LIMIT \(query.limit + 1) OFFSET \(query.offset)
            """
    }

    /// Rows without the key come last in both directions, metrics that are not a number just before them.
    private static func item(_ order: SearchOrder, _ alias: SQL) -> SQL {
        let direction: SQL = order.isAscending ? "ASC" : "DESC"
        return switch order.field.entity {
        case .metric:
            """
            CASE WHEN \(alias).is_nan = 0 THEN 0 WHEN \(alias).is_nan = 1 THEN 1 ELSE 2 END, \(alias).value \(direction)
            """
        case .param, .tag: order.sql(by: "\(alias).value")
        case .attribute, .dataset: order.sql(by: attribute(order.field.key))
        }
    }

    private static func conditions(_ query: RunQuery) -> SQL {
        let place: SQL = "r.experiment_id IN \(list: query.experimentIDs)"
        let stage = [query.view.sql(on: "r.lifecycle_stage")].compactMap { $0 }
        return ([place] + stage + query.filter.conditions.map(\.runSQL)).joined(separator: " AND ")
    }

    /// The column of a canonical attribute name.
    fileprivate static func attribute(_ name: String) -> SQL {
        switch name {
        case "user_id": "r.user_id"
        case "status": "r.status"
        case "artifact_uri": "r.artifact_uri"
        case "start_time": "r.start_time"
        case "end_time": "r.end_time"
        case "run_name": "r.run_name"
        default: "r.run_id"
        }
    }
}

extension SearchField.Entity {
    /// The table of a run's keys and values.
    fileprivate var table: SQL? {
        switch self {
        case .metric: "latest_metrics"
        case .param: "params"
        case .tag: "run_tags"
        case .attribute, .dataset: nil
        }
    }
}

extension SearchFilter.Condition {
    /// The condition on a row `r` of `runs`.
    fileprivate var runSQL: SQL {
        switch field.entity {
        case .metric: metricSQL
        case .param: sql(onTagIn: "params", where: "t.run_id = r.run_id")
        case .tag: sql(onTagIn: "run_tags", where: "t.run_id = r.run_id")
        case .dataset: datasetSQL
        case .attribute where field.key == "run_name": runNameSQL
        case .attribute: sql(on: RunStore.attribute(field.key))
        }
    }

    /// A metric that is not a number satisfies no comparison but `!=`, and that always.
    private var metricSQL: SQL {
        let holds = sql(on: "m.value")
        let value: SQL = comparison == .notEqual ? "(m.is_nan = 1 OR \(holds))" : "m.is_nan = 0 AND \(holds)"
        return """
            EXISTS (SELECT 1 FROM latest_metrics m WHERE m.run_id = r.run_id AND m.key = \(field.key) AND \(value))
            """
    }

    /// Names are found by their tag, as MLflow does: a run whose name tag was deleted has none to be found by.
    private var runNameSQL: SQL {
        """
        EXISTS (SELECT 1 FROM run_tags t WHERE t.run_id = r.run_id AND t.key = \(Run.nameKey) AND \(sql(on: "t.value")))
        """
    }

    private var datasetSQL: SQL {
        let inputs: SQL = "SELECT 1 FROM dataset_inputs i"
        switch field.key {
        case "context":
            return """
                EXISTS (\(inputs) JOIN dataset_input_tags t ON t.input_id = i.input_id
                WHERE i.run_id = r.run_id AND t.key = \(DatasetInput.contextKey) AND \(sql(on: "t.value")))
                """
        default:
            let column: SQL = field.key == "name" ? "d.name" : "d.digest"
            return """
                EXISTS (\(inputs) JOIN datasets d ON d.dataset_id = i.dataset_id
                WHERE i.run_id = r.run_id AND \(sql(on: column)))
                """
        }
    }
}
