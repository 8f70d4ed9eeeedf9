import Database

// What conditions ask of a run.

extension RunStore {
    /// The attributes in the order of `columns`.
    private static let attributes = [
        "run_id", "experiment_id", "run_name", "user_id", "status", "start_time", "end_time", "artifact_uri",
    ]
    /// How many columns `columns` has.
    static let columnCount = attributes.count + 1

    /// The place of an attribute among `columns`, from 1.
    static func place(_ attribute: String) -> Int {
        1 + (attributes.firstIndex(of: attribute) ?? 0)
    }

    /// The column of a canonical attribute name.
    fileprivate static func attribute(_ name: String) -> SQL {
        switch name {
        case "user_id": "r.user_id"
        case "status": "r.status"
        case "artifact_uri": "r.artifact_uri"
        case "start_time": "r.start_time"
        case "end_time": "r.end_time"
        default: "r.run_id"
        }
    }
}

extension SearchField {
    /// Whether it is the latest value of a metric.
    var isLatestMetric: Bool { entity == .metric && (aggregate == nil || aggregate == .last) }

    func isLatest(of metric: String) -> Bool { isLatestMetric && key == metric }

    /// The column of the value in the table of its entity.
    var column: SQL {
        switch aggregate {
        case nil, .last: "value"
        case .first: "first_value"
        case .min: "min_value"
        case .max: "max_value"
        }
    }
}

extension SearchField.Entity {
    /// The table of a run's keys and values.
    var table: SQL? {
        switch self {
        case .metric: "latest_metrics"
        case .param: "params"
        case .tag: "run_tags"
        default: nil
        }
    }
}

extension SearchFilter.Condition {
    /// The condition on a row `r` of `runs`; true or false, never NULL.
    var runSQL: SQL {
        switch field.entity {
        case .metric: metricSQL
        case .param: sql(onTagIn: "params", where: "t.run_id = r.run_id")
        case .tag: sql(onTagIn: "run_tags", where: "t.run_id = r.run_id")
        case .dataset: datasetSQL
        case .attribute where field.key == "run_name": runNameSQL
        case .attribute where field.key == "start_time" || field.key == "end_time":
            sql(onInteger: RunStore.attribute(field.key), isNullable: field.key == "end_time")
        default: sql(on: RunStore.attribute(field.key))
        }
    }

    /// A metric whose latest value is not a number satisfies no comparison but `!=`, and that always. What a history has
    /// come to leaves such values out.
    private var metricSQL: SQL {
        let holds = sql(on: "m.\(field.column)")
        let value: SQL =
            if !field.isLatestMetric {
                holds
            } else if comparison == .notEqual {
                "(m.is_nan = 1 OR \(holds))"
            } else {
                "m.is_nan = 0 AND \(holds)"
            }
        return .exists(
            "SELECT 1 FROM latest_metrics m WHERE m.run_id = r.run_id AND m.key = \(field.key) AND \(value)")
    }

    /// Names are found by their tag, as MLflow does: a run whose name tag was deleted has none to be found by.
    private var runNameSQL: SQL {
        .exists(
            """
            SELECT 1 FROM run_tags t WHERE t.run_id = r.run_id AND t.key = \(Run.nameKey) AND \(sql(on: "t.value"))
            """)
    }

    private var datasetSQL: SQL {
        let inputs: SQL = "SELECT 1 FROM dataset_inputs i"
        switch field.key {
        case "context":
            return .exists(
                """
                \(inputs) JOIN dataset_input_tags t ON t.input_id = i.input_id
                WHERE i.run_id = r.run_id AND t.key = \(DatasetInput.contextKey) AND \(sql(on: "t.value"))
                """)
        default:
            let column: SQL = field.key == "name" ? "d.name" : "d.digest"
            return .exists(
                """
                \(inputs) JOIN datasets d ON d.dataset_id = i.dataset_id
                WHERE i.run_id = r.run_id AND \(sql(on: column))
                """)
        }
    }
}

// MARK: - Runs that an index finds

extension SearchFilter.Condition {
    /// The runs that a condition on `run_id` names; nil for all others.
    var namedRuns: [String]? {
        field == SearchField(.attribute, "run_id") ? equalTexts : nil
    }

    /// A search for the ids of the runs that satisfy the condition, which an index answers; nil when none does.
    func candidates(in experiments: [ExperimentID], limit: Int) -> SQL? {
        switch field.entity {
        case .param: equalTexts.map { Self.owners(in: "params", of: field.key, $0, limit) }
        case .tag: equalTexts.map { Self.owners(in: "run_tags", of: field.key, $0, limit) }
        case .attribute where field.key == "run_name":
            equalTexts.map { Self.owners(in: "run_tags", of: Run.nameKey, $0, limit) }
        case .metric where field.isLatestMetric && comparison != .notEqual:
            """
            SELECT m.run_id FROM latest_metrics m
            WHERE m.experiment_id IN \(list: experiments) AND m.key = \(field.key) AND m.is_nan = 0
                AND \(sql(on: "m.value"))
            LIMIT \(limit)
            """
        default: nil
        }
    }

    /// The texts of which the field must be one.
    private var equalTexts: [String]? {
        switch (comparison, operand) {
        case (.equal, .text(let text)): [text]
        case (.in, .list(let texts)): texts
        default: nil
        }
    }

    /// By the index of the beginnings of values. COALESCE keeps SQLite from putting the value that is asked for in the
    /// place of the column, also within `substr`, where the index would then not serve.
    private static func owners(in table: SQL, of key: String, _ values: [String], _ limit: Int) -> SQL {
        """
        SELECT t.run_id FROM \(table) t
        WHERE t.key = \(key) AND substr(t.value, 1, 100) IN \(list: values.map { $0.cut(to: 100) })
            AND COALESCE(t.value, '') IN \(list: values)
        LIMIT \(limit)
        """
    }
}
