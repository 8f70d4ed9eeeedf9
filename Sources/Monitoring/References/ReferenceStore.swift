package import Database
import Statistics
package import Wire

/// The references, each made once from the rows its model version was trained on.
package struct ReferenceStore: Sendable {
    private let database: Database
    private let source: ReferenceSource
    private let clock: WallClock

    package init(database: Database, source: ReferenceSource, clock: WallClock) {
        self.database = database
        self.source = source
        self.clock = clock
    }

    /// What there is for a version: its reference, or why it has none.
    package enum Entry: Sendable {
        case made(Reference)
        case failed(reason: String, at: Timestamp)
    }

    /// A failed attempt is made again after this long: the dataset may have been logged since.
    static let retry = Duration.seconds(600)

    /// The reference of a version, made now if it is not there yet; nil while it cannot be made.
    package func reference(model: String, version: Int, context: String) async throws -> Reference? {
        switch try await entry(model: model, version: version, context: context) {
        case .made(let reference) where try await source.isCurrent(reference): return reference
        case .failed(_, let moment) where clock.now < moment + Self.retry: return nil
        case .made, .failed, nil: break
        }
        do {
            let (runID, table) = try await source.table(of: model, version: version, context: context)
            let reference = Reference(
                of: table, model: model, version: version, context: context, runID: runID, at: clock.now)
            try await store(reference)
            return reference
        } catch let problem as any Problem where problem.code.status < 500 {
            try await storeFailure(problem.description, model: model, version: version, context: context)
            return nil
        }
    }

    package func entry(model: String, version: Int, context: String) async throws -> Entry? {
        let key: SQL = "model = \(model) AND version = \(version) AND context = \(context)"
        return try await database.read { reader in
            let head = try reader.row(
                "SELECT run_id, row_count, made_at, failure FROM monitor_references WHERE \(key)")
            guard let head else { return nil }
            if let failure: String = try head.get(3) { return .failed(reason: failure, at: try head.get(2)) }
            let columns = try reader.rows(
                "SELECT name, anchors, profile FROM monitor_reference_columns WHERE \(key) ORDER BY position",
                as: Reference.Column.self)
            return .made(
                Reference(
                    model: model, version: version, context: context, runID: try head.get(0),
                    rows: try head.get(1), columns: columns, madeAt: try head.get(2)))
        }
    }

    private func store(_ reference: Reference) async throws {
        let key: SQL = "\(reference.model), \(reference.version), \(reference.context)"
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO monitor_references (model, version, context, run_id, row_count, made_at)
                VALUES (\(key), \(reference.runID), \(reference.rows), \(reference.madeAt))
                ON CONFLICT (model, version, context) DO UPDATE SET run_id = excluded.run_id,
                    row_count = excluded.row_count, made_at = excluded.made_at, failure = NULL
                """)
            // Those of an earlier model of this name.
            try transaction.execute(
                """
                DELETE FROM monitor_reference_columns
                WHERE model = \(reference.model) AND version = \(reference.version) AND context = \(reference.context)
                """)
            for (position, column) in reference.columns.enumerated() {
                try transaction.execute(
                    """
                    INSERT INTO monitor_reference_columns (model, version, context, position, name, anchors, profile)
                    VALUES (\(key), \(position), \(column.name), \(column.profile.anchors.json),
                        \(column.profile.json))
                    """)
            }
        }
    }

    private func storeFailure(_ reason: String, model: String, version: Int, context: String) async throws {
        let now = clock.now
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO monitor_references (model, version, context, row_count, made_at, failure)
                VALUES (\(model), \(version), \(context), 0, \(now), \(reason))
                ON CONFLICT (model, version, context) DO UPDATE SET made_at = excluded.made_at,
                    failure = excluded.failure
                """)
        }
    }
}

extension Reference.Column: RowDecodable {
    package init(row: Row) throws {
        let anchors = try ColumnAnchors(json: try row.get(1))
        self.init(name: try row.get(0), profile: try ColumnProfile(json: try row.get(2), anchors: anchors))
    }
}
