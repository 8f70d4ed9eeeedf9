import Database
import Wire

// How many labels came in the minutes of a day, whatever days their predictions are of.

extension PredictionStore {
    /// Counts labels that came now.
    func note(_ arrivals: [String: LabelArrivals], at now: Timestamp) async throws {
        let minute = LabelledMinute.start(of: now)
        try await database.write { transaction in
            try transaction.insert(
                into: "label_arrivals (endpoint, start_at, joined, unmatched)",
                rows: arrivals.map {
                    [$0.key.sqlValue, minute.sqlValue, $0.value.joined.sqlValue, $0.value.unmatched.sqlValue]
                },
                """
                ON CONFLICT (endpoint, start_at) DO UPDATE SET joined = label_arrivals.joined + excluded.joined,
                    unmatched = label_arrivals.unmatched + excluded.unmatched
                """)
        }
    }

    /// Those in the minutes that begin from one moment until before another.
    func arrivals(of endpoint: String, from: Timestamp, to: Timestamp) async throws -> LabelArrivals {
        try await database.read { reader in
            let row = try reader.row(
                """
                SELECT COALESCE(SUM(joined), 0), COALESCE(SUM(unmatched), 0) FROM label_arrivals
                WHERE endpoint = \(endpoint) AND start_at >= \(from) AND start_at < \(to)
                """)
            guard let row else { return LabelArrivals() }
            return LabelArrivals(joined: try row.get(0), unmatched: try row.get(1))
        }
    }
}
