import Database
import Wire

// Which minutes of a day have labels that nobody has looked at.

extension PredictionStore {
    /// Notes that labels changed, in the transaction that stores them.
    /// - Parameter labelled: the endpoint and the moment of each prediction whose label changed.
    static func note(_ labelled: some Sequence<(endpoint: String, time: Timestamp)>, in transaction: Transaction) throws
    {
        let places = Set(
            labelled.map {
                LabelledMinute(endpoint: $0.endpoint, start: LabelledMinute.start(of: $0.time), revision: 1)
            })
        try transaction.insert(
            into: "labelled_minutes (endpoint, start_at, revision)",
            rows: places.map { [$0.endpoint.sqlValue, $0.start.sqlValue, $0.revision.sqlValue] },
            "ON CONFLICT (endpoint, start_at) DO UPDATE SET revision = labelled_minutes.revision + 1")
    }

    /// Oldest first.
    func labelledMinutes(limit: Int) async throws -> [LabelledMinute] {
        try await database.read { reader in
            try reader.rows(
                """
                SELECT endpoint, start_at, revision FROM labelled_minutes
                ORDER BY start_at, endpoint LIMIT \(limit)
                """
            ).map { LabelledMinute(endpoint: try $0.get(0), start: try $0.get(1), revision: try $0.get(2)) }
        }
    }

    /// Forgets minutes that were looked at, unless labels came meanwhile: those stay as they would be had nobody looked.
    func settle(_ minutes: [LabelledMinute]) async throws {
        try await database.write { transaction in
            for minute in minutes {
                try transaction.execute(
                    """
                    DELETE FROM labelled_minutes
                    WHERE endpoint = \(minute.endpoint) AND start_at = \(minute.start) AND revision = \(minute.revision)
                    """)
            }
        }
    }
}
