import Database
package import Wire

extension LoggedModelStore {
    /// The models that a query finds: newest first unless it says otherwise.
    package func search(_ query: LoggedModelQuery) async throws -> Page<LoggedModel> {
        try await database.read { reader in
            let rows = try reader.rows(Self.sql(query).once)
            let page = Page(rows: rows, limit: query.limit, offset: query.offset)
            return Page(elements: try Self.complete(page.elements, in: reader), next: page.next)
        }
    }

    private static func sql(_ query: LoggedModelQuery) -> SQL {
        var conditions: [SQL] = ["l.experiment_id IN \(list: query.experimentIDs)"]
        if !query.includesDeleted { conditions.append("l.lifecycle_stage = \(LifecycleStage.active)") }
        conditions.append(query.filter.sql { $0.modelSQL(on: query.datasets) })
        let namesMetric = query.filter.conditions.contains { $0.field.entity == .metric }
        if !query.datasets.isEmpty, !namesMetric {
            conditions.append(
                "EXISTS (SELECT 1 FROM logged_model_metrics m WHERE m.model_id = l.model_id\(measured(on: query.datasets)))"
            )
        }
        let items = query.orders.map(item) + ["l.creation_timestamp_ms DESC", "l.model_id ASC"]
        return """
            SELECT \(columns) FROM logged_models l WHERE \(conditions.joined(separator: " AND "))
            ORDER BY \(items.joined(separator: ", ")) LIMIT \(query.limit + 1) OFFSET \(query.offset)
            """
    }

    /// Models that lack the metric come last in both directions, those whose latest value is not a number before them.
    private static func item(_ item: LoggedModelQuery.Order) -> SQL {
        let field = item.order.field
        guard field.entity == .metric else { return item.order.sql(by: attribute(field.key)) }
        let datasets = item.dataset.map { [$0] } ?? []
        guard field.isLatestMetric else {
            return item.order.sql(by: "(\(point(of: field, on: datasets, "m.value")))")
        }
        let (isNaN, value) = (point(of: field, on: datasets, "m.is_nan"), point(of: field, on: datasets, "m.value"))
        return """
            CASE WHEN (\(isNaN)) = 0 THEN 0 WHEN (\(isNaN)) = 1 THEN 1 ELSE 2 END, (\(value)) \(item.order.direction)
            """
    }

    /// A search for some columns of the one point of a model's metric that a field means: the latest, which may be NaN,
    /// the first, the least or the greatest that is a number.
    fileprivate static func point(
        of field: SearchField, on datasets: [LoggedModelQuery.Dataset], _ columns: SQL
    ) -> SQL {
        let numbers: SQL = field.isLatestMetric ? "" : " AND m.is_nan = 0"
        let order: SQL =
            switch field.aggregate {
            case nil, .last: "m.timestamp DESC, m.step DESC, m.value DESC, m.is_nan"
            case .first: "m.step, m.timestamp, m.value"
            case .min: "m.value"
            case .max: "m.value DESC"
            }
        return """
            SELECT \(columns) FROM logged_model_metrics m
            WHERE m.model_id = l.model_id AND m.key = \(field.key)\(numbers)
                \(measured(on: datasets))
            ORDER BY \(order) LIMIT 1
            """
    }

    /// More conditions on a row `m` of the metrics: measured on one of some datasets; none for an empty list.
    fileprivate static func measured(on datasets: [LoggedModelQuery.Dataset]) -> SQL {
        guard !datasets.isEmpty else { return "" }
        let places = datasets.map { dataset -> SQL in
            let digest: SQL = dataset.digest.map { " AND m.dataset_digest = \($0)" } ?? ""
            return "(m.dataset_name = \(dataset.name)\(digest))"
        }
        return " AND (\(places.joined(separator: " OR ")))"
    }

    /// The column of a canonical attribute name.
    fileprivate static func attribute(_ name: String) -> SQL {
        switch name {
        case "name": "l.name"
        case "model_type": "l.model_type"
        case "status": "l.status"
        case "source_run_id": "l.source_run_id"
        case "experiment_id": "l.experiment_id"
        case "creation_timestamp_ms": "l.creation_timestamp_ms"
        case "last_updated_timestamp_ms": "l.last_updated_timestamp_ms"
        default: "l.model_id"
        }
    }
}

extension SearchFilter.Condition {
    /// The condition on a row `l` of `logged_models`; true or false, never NULL. Any point of a metric may satisfy it, measured on one of the
    /// datasets when there are some.
    fileprivate func modelSQL(on datasets: [LoggedModelQuery.Dataset]) -> SQL {
        switch field.entity {
        case .metric where field.aggregate != nil:
            let point = LoggedModelStore.point(of: field, on: datasets, "m.value AS value, m.is_nan AS is_nan")
            return .exists("SELECT 1 FROM (\(point)) m WHERE \(metricSQL)")
        case .metric:
            return .exists(
                """
                SELECT 1 FROM logged_model_metrics m WHERE m.model_id = l.model_id AND m.key = \(field.key)
                AND \(metricSQL)\(LoggedModelStore.measured(on: datasets))
                """)
        case .param: return sql(onTagIn: "logged_model_params", where: "t.model_id = l.model_id")
        case .tag: return sql(onTagIn: "logged_model_tags", where: "t.model_id = l.model_id")
        case .attribute where field.key == "status" || field.key == "experiment_id":
            return sql(on: "CAST(\(LoggedModelStore.attribute(field.key)) AS TEXT)")
        case .attribute where field.key.hasSuffix("_ms"): return sql(onInteger: LoggedModelStore.attribute(field.key))
        default:
            return sql(on: LoggedModelStore.attribute(field.key), isNullable: field.key == "source_run_id")
        }
    }
    /// The condition on a point `m` of a metric. One that is not a number satisfies no comparison but `!=`, and that
    /// always.
    private var metricSQL: SQL {
        let holds = sql(on: "m.value")
        return comparison == .notEqual ? "(m.is_nan = 1 OR \(holds))" : "m.is_nan = 0 AND \(holds)"
    }
}
