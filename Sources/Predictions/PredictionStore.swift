import Database
import Wire

/// The predictions of one day, and what became known of them. A day whose file is gone is a day that was forgotten.
struct PredictionStore: Sendable {
    let database: Database

    /// Adds predictions; those that are there already stay as they are, so that a journal may be read twice. Of those that
    /// are not in their endpoint's sample one row a request remains.
    func add(_ predictions: [Prediction]) async throws {
        let counts = Dictionary(predictions.lazy.map { ($0.id.request, 1) }, uniquingKeysWith: +)
        let kept = predictions.lazy.filter(\.isKept).map { $0.sqlValues(rowCount: counts[$0.id.request] ?? 1) }
        let sampledOut = predictions.lazy.filter { !$0.isKept && ($0.id.row ?? 0) == 0 }
            .map { $0.contextValues(rowCount: counts[$0.id.request] ?? 1) }
        let (rows, contexts) = (Array(kept), Array(sampledOut))
        let labels = predictions.compactMap(\.labelValues)
        try await database.write { transaction in
            try transaction.insert(
                into: """
                    predictions (request, row_index, row_count, endpoint, variant, model, version, inputs, output,
                        latency_us, caller, unit, propensity, experiment, rollout, masked, external_id, received_time)
                    """, rows: rows, "ON CONFLICT (request, row_index) DO NOTHING")
            try transaction.insert(
                into: """
                    sampled_out (request, row_count, endpoint, variant, model, version, unit, propensity, experiment,
                        rollout, external_id)
                    """, rows: contexts, "ON CONFLICT (request) DO NOTHING")
            // A label that came later must not be undone when the journal is read again.
            try transaction.insert(
                into: "labels (request, row_index, value, time)", rows: labels,
                "ON CONFLICT (request, row_index) DO NOTHING")
            let labelled = predictions.lazy.filter { $0.label != nil }
            try Self.note(labelled.map { (endpoint: $0.endpoint, time: $0.time) }, in: transaction)
        }
    }

    /// How predictions came about; none for ids that were never given.
    func contexts(of ids: [PredictionID]) async throws -> [PredictionContext] {
        let byRequest = Dictionary(grouping: ids, by: \.request)
        let requests = Array(byRequest.keys)
        return try await database.read { reader in
            var found: [PredictionContext] = []
            for start in stride(from: 0, to: requests.count, by: Self.idsInStatement) {
                let portion = requests[start..<min(start + Self.idsInStatement, requests.count)]
                let columns: SQL = """
                    request, row_count, endpoint, variant, model, version, unit, propensity, experiment, rollout
                    """
                try reader.forEachRow(
                    """
                    SELECT \(columns), 1 FROM predictions WHERE row_index = 0 AND request IN \(list: portion)
                    UNION ALL SELECT \(columns), 0 FROM sampled_out WHERE request IN \(list: portion)
                    """
                ) { row in
                    let (request, rowCount): (String, Int) = (try row.get(0), try row.get(1))
                    for id in byRequest[request] ?? [] where id.isOne(ofRows: rowCount) {
                        found.append(try PredictionContext(id: id, row: row))
                    }
                }
            }
            return found
        }
    }

    private static let idsInStatement = 512

    /// Adds labels; a later one replaces an earlier one.
    /// - Parameter endpoints: of the predictions that they belong to.
    func label(_ labels: [PredictionLabel], endpoints: [PredictionID: String]) async throws {
        // Of several for one prediction the last one counts, as it does in several requests.
        let rows = labels.map {
            [$0.id.request.sqlValue, ($0.id.row ?? 0).sqlValue, $0.value.sqlValue, $0.time.sqlValue]
        }
        try await database.write { transaction in
            try transaction.insert(
                into: "labels (request, row_index, value, time)", rows: rows,
                "ON CONFLICT (request, row_index) DO UPDATE SET value = excluded.value, time = excluded.time")
            let labelled = labels.lazy.compactMap { label in
                endpoints[label.id].map { (endpoint: $0, time: label.id.time) }
            }
            try Self.note(labelled, in: transaction)
        }
    }

    /// The predictions that a query finds in the order of their ids, or the newest of them in the opposite order.
    func predictions(_ query: PredictionQuery, newestFirst: Bool = false) async throws -> [Prediction] {
        // Labels may be few among many predictions: they are walked through, whatever the planner makes of it.
        let isLabelled = query.isLabelled == true
        let rows: SQL =
            isLabelled
            ? "labels l CROSS JOIN predictions p ON p.request = l.request AND p.row_index = l.row_index"
            : "predictions p LEFT JOIN labels l ON l.request = p.request AND l.row_index = p.row_index"
        let id: (request: SQL, row: SQL) = isLabelled ? ("l.request", "l.row_index") : ("p.request", "p.row_index")
        let order: SQL = newestFirst ? "\(id.request) DESC, \(id.row) DESC" : "\(id.request), \(id.row)"
        let conditions = Self.conditions(of: query, on: id)
        return try await database.read { reader in
            var predictions: [Prediction] = []
            var bytes = 0
            let sql: SQL = """
                SELECT p.request, p.row_index, p.row_count, p.endpoint, p.variant, p.model, p.version, p.inputs,
                    p.output, p.latency_us, p.caller, p.unit, p.propensity, p.experiment, p.rollout,
                    p.masked, l.value, l.time, p.external_id, p.received_time
                FROM \(rows)
                WHERE \(conditions.joined(separator: " AND "))
                ORDER BY \(order) LIMIT \(query.limit)
                """
            do {
                try reader.forEachRow(sql) { row in
                    let prediction = try Prediction(row: row)
                    predictions.append(prediction)
                    bytes += prediction.sizeBytes
                    if bytes >= query.maximumBytes { throw Enough() }
                }
            } catch is Enough {}
            try Self.join(&predictions, reader)
            return predictions
        }
    }

    /// No more rows are needed.
    private struct Enough: Error {}

    func prediction(_ id: PredictionID) async throws -> Prediction? {
        let found = try await predictions(
            PredictionQuery(after: PredictionID(request: id.request, row: (id.row ?? 0) - 1), limit: 1))
        return found.first.flatMap { $0.id == id ? $0 : nil }
    }

    /// The largest request id.
    func lastRequest() async throws -> String? {
        try await database.read { reader in
            let ids: [String] = try reader.values(
                """
                SELECT * FROM (SELECT request FROM predictions ORDER BY request DESC LIMIT 1) AS kept
                UNION ALL SELECT * FROM (SELECT request FROM sampled_out ORDER BY request DESC LIMIT 1) AS others
                """)
            return ids.max()
        }
    }

    private static func conditions(of query: PredictionQuery, on id: (request: SQL, row: SQL)) -> [SQL] {
        var conditions: [SQL] = ["1 = 1"]
        if let endpoint = query.endpoint { conditions.append("p.endpoint = \(endpoint)") }
        if let after = query.after {
            conditions.append("(\(id.request), \(id.row)) > (\(after.request), \(after.row ?? 0))")
        }
        if let from = query.from { conditions.append("\(id.request) >= \(PredictionID.firstRequest(at: from))") }
        if let to = query.to { conditions.append("\(id.request) < \(PredictionID.firstRequest(at: to))") }
        if query.isLabelled == false { conditions.append("l.value IS NULL") }
        return conditions
    }
}
