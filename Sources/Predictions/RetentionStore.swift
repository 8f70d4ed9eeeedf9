package import Database
package import Events
import Wire

/// How long endpoints keep their predictions, remembered beyond the endpoints.
package struct RetentionStore: Sendable {
    private let database: Database
    private let events: EventLog

    package init(database: Database, events: EventLog) {
        self.database = database
        self.events = events
    }

    /// Takes over what endpoints say now; nil is for ever. Those that are not named stay as they are.
    func remember(_ days: [String: Int?]) async throws {
        let current = try await retentionDays()
        let changed = days.filter { current[$0.key] != $0.value }
        guard !changed.isEmpty else { return }
        try await database.write { transaction in
            for (endpoint, days) in changed.sorted(by: { $0.key < $1.key }) {
                try transaction.execute("DELETE FROM prediction_retention WHERE endpoint = \(endpoint)")
                guard let days else { continue }
                try transaction.execute(
                    "INSERT INTO prediction_retention (endpoint, days) VALUES (\(endpoint), \(days))")
            }
        }
    }

    /// By endpoint; those that keep their predictions for ever are missing.
    func retentionDays() async throws -> [String: Int] {
        try await database.read { reader in
            var days: [String: Int] = [:]
            try reader.forEachRow("SELECT endpoint, days FROM prediction_retention") { row in
                days[try row.get(0)] = try row.get(1)
            }
            return days
        }
    }

    /// Writes an event for each endpoint that loses predictions.
    func record(_ old: ExpiredPredictions) async throws {
        guard !old.counts.isEmpty else { return }
        try await database.write { [events] transaction in
            for (endpoint, count) in old.counts.sorted(by: { $0.key < $1.key }) {
                let data: JSON = ["day": .string(old.day.name), "count": .integer(Int64(count))]
                _ = try events.append(
                    Change(by: "retention", "predictions.forgotten", of: "endpoints/\(endpoint)", data),
                    in: transaction)
            }
        }
    }
}

extension PredictionStore {
    /// How many predictions there are of some endpoints; those of others are not read.
    func counts(of endpoints: [String]) async throws -> [String: Int] {
        try await database.read { reader in
            var counts: [String: Int] = [:]
            try reader.forEachRow(Self.counting(endpoints)) { row in
                counts[try row.get(0), default: 0] += try row.get(1)
            }
            return counts
        }
    }

    static func counting(_ endpoints: [String]) -> SQL {
        """
        SELECT endpoint, COUNT(*) FROM predictions WHERE endpoint IN \(list: endpoints) GROUP BY endpoint
        UNION ALL
        SELECT endpoint, SUM(row_count) FROM sampled_out WHERE endpoint IN \(list: endpoints) GROUP BY endpoint
        """
    }

    func isEmpty() async throws -> Bool {
        try await !hasOthers(than: [])
    }

    /// Whether there are predictions of other endpoints.
    func hasOthers(than endpoints: [String]) async throws -> Bool {
        let others: SQL = endpoints.isEmpty ? "" : "WHERE endpoint NOT IN \(list: endpoints)"
        return try await database.read { reader in
            try reader.value(
                """
                SELECT EXISTS (SELECT 1 FROM predictions \(others)) OR EXISTS (SELECT 1 FROM sampled_out \(others))
                """) ?? false
        }
    }

    /// Drops the predictions of an endpoint with all that became known of them.
    func forget(_ endpoint: String) async throws {
        let requests: SQL = """
            (SELECT request FROM predictions WHERE endpoint = \(endpoint)
            UNION ALL SELECT request FROM sampled_out WHERE endpoint = \(endpoint))
            """
        try await database.write { transaction in
            try transaction.execute("DELETE FROM labels WHERE request IN \(requests)")
            try transaction.execute("DELETE FROM feedback WHERE request IN \(requests)")
            try transaction.execute("DELETE FROM labelled_minutes WHERE endpoint = \(endpoint)")
            try transaction.execute("DELETE FROM label_arrivals WHERE endpoint = \(endpoint)")
            try transaction.execute("DELETE FROM predictions WHERE endpoint = \(endpoint)")
            try transaction.execute("DELETE FROM sampled_out WHERE endpoint = \(endpoint)")
        }
    }
}
