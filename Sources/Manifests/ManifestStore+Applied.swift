import Database
import Events
import Wire

extension ManifestStore {
    /// Manifests in force, by kind and name.
    /// - Parameter kind: nil for all.
    func applied(kind: ManifestKind?, limit: Int, offset: Int) async throws -> Page<AppliedManifest> {
        try await database.read { reader in
            let condition: SQL = kind.map { " WHERE kind = \($0.name)" } ?? ""
            let rows = try reader.rows(
                """
                SELECT document, applied_at, applied_by, kind FROM manifests\(condition) ORDER BY kind, name
                LIMIT \(limit + 1) OFFSET \(offset)
                """)
            return Page(rows: try rows.map { try applied($0, kind: $0.get(3)) }, limit: limit, offset: offset)
        }
    }

    /// - Parameter row: `document`, `applied_at` and `applied_by`.
    func applied(_ row: Row, kind: String) throws -> AppliedManifest {
        try AppliedManifest(
            document: try row.get(0), plural: plural(of: kind), appliedAt: try row.get(1), appliedBy: try row.get(2))
    }

    /// How a manifest came about, newest first.
    func changes(of applied: AppliedManifest, limit: Int) async throws -> [Event] {
        var query = EventQuery(limit: limit)
        query.subject = applied.subject
        query.kind = applied.manifest.kind.lowercased()
        return try await events.search(query).events
    }
}
