package import Database
import Wire

/// The predictions of one day, and their labels. A day whose file is gone is a day that was forgotten.
struct PredictionStore: Sendable {
    let database: Database

    /// Adds predictions; those that are there already stay as they are, so that a journal may be read twice.
    func add(_ predictions: [Prediction]) async throws {
        let counts = Dictionary(grouping: predictions, by: \.id.request).mapValues(\.count)
        let rows = predictions.map { $0.sqlValues(rowCount: counts[$0.id.request] ?? 1) }
        try await database.write { transaction in
            try transaction.insert(
                into: """
                    predictions (request, row_index, row_count, endpoint, variant, model, version, inputs, output,
                        latency_us, caller, unit, propensity, experiment)
                    """, rows: rows, "ON CONFLICT (request, row_index) DO NOTHING")
        }
    }

    /// The ids among `ids` that were never given.
    func unknown(among ids: [PredictionID]) async throws -> [PredictionID] {
        try await database.read { reader in
            try ids.filter { id in
                let rows = try reader.value(
                    """
                    SELECT row_count FROM predictions
                    WHERE request = \(id.request) AND row_index = \(id.row ?? 0)
                    """, as: Int.self)
                return rows.map { ($0 > 1) != (id.row != nil) } ?? true
            }
        }
    }

    /// Adds labels; a later one replaces an earlier one.
    func label(_ labels: [PredictionLabel]) async throws {
        try await database.write { transaction in
            for label in labels {
                try transaction.execute(
                    """
                    INSERT INTO labels (request, row_index, value, time)
                    VALUES (\(label.id.request), \(label.id.row ?? 0), \(label.value), \(label.time))
                    ON CONFLICT (request, row_index) DO UPDATE SET value = excluded.value, time = excluded.time
                    """)
            }
        }
    }

    /// Up to `query.limit` predictions in the order of their ids, or the newest of them in the opposite order.
    func predictions(_ query: PredictionQuery, newestFirst: Bool = false) async throws -> [Prediction] {
        let order: SQL = newestFirst ? "p.request DESC, p.row_index DESC" : "p.request, p.row_index"
        return try await database.read { reader in
            try reader.rows(
                """
                SELECT p.request, p.row_index, p.row_count, p.endpoint, p.variant, p.model, p.version, p.inputs,
                    p.output, p.latency_us, p.caller, p.unit, p.propensity, p.experiment, l.value, l.time
                FROM predictions p
                LEFT JOIN labels l ON l.request = p.request AND l.row_index = p.row_index
                WHERE \(Self.conditions(of: query).joined(separator: " AND "))
                ORDER BY \(order) LIMIT \(query.limit)
                """)
        }
    }

    func prediction(_ id: PredictionID) async throws -> Prediction? {
        let found = try await predictions(
            PredictionQuery(after: PredictionID(request: id.request, row: (id.row ?? 0) - 1), limit: 1))
        return found.first.flatMap { $0.id == id ? $0 : nil }
    }

    /// The largest request id.
    func lastRequest() async throws -> String? {
        try await database.read { reader in
            try reader.value("SELECT request FROM predictions ORDER BY request DESC LIMIT 1")
        }
    }

    private static func conditions(of query: PredictionQuery) -> [SQL] {
        var conditions: [SQL] = ["1 = 1"]
        if let endpoint = query.endpoint { conditions.append("p.endpoint = \(endpoint)") }
        if let after = query.after {
            conditions.append("(p.request, p.row_index) > (\(after.request), \(after.row ?? 0))")
        }
        if let from = query.from { conditions.append("p.request >= \(PredictionID.firstRequest(at: from))") }
        if let to = query.to { conditions.append("p.request < \(PredictionID.firstRequest(at: to))") }
        switch query.isLabelled {
        case nil: break
        case true?: conditions.append("l.value IS NOT NULL")
        case false?: conditions.append("l.value IS NULL")
        }
        return conditions
    }
}

extension Prediction: RowDecodable {
    package init(row: Row) throws {
        let request: String = try row.get(0)
        let index: Int = try row.get(1)
        let rowCount: Int = try row.get(2)
        self.init(
            id: PredictionID(request: request, row: rowCount > 1 ? index : nil), endpoint: try row.get(3),
            variant: try row.get(4), model: try row.get(5), version: try row.get(6), inputs: try row.get(7),
            output: try row.get(8), latencyUs: try row.get(9), caller: try row.get(10), unit: try row.get(11),
            propensity: try row.get(12), experiment: try row.get(13), label: try row.get(14),
            labelTime: try row.get(15))
    }

    fileprivate func sqlValues(rowCount: Int) -> [SQLValue] {
        [
            id.request.sqlValue, (id.row ?? 0).sqlValue, rowCount.sqlValue, endpoint.sqlValue, variant.sqlValue,
            model.sqlValue, version.sqlValue, inputs.sqlValue, output.sqlValue, latencyUs.sqlValue, caller.sqlValue,
            unit.sqlValue, propensity.sqlValue, experiment.sqlValue,
        ]
    }
}
