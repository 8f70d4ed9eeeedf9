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
                SELECT document, applied_at, applied_by FROM manifests\(condition) ORDER BY kind, name
                LIMIT \(limit + 1) OFFSET \(offset)
                """)
            return Page(rows: try rows.map(applied), limit: limit, offset: offset)
        }
    }

    /// - Throws: `ManifestError` 404 when there is none of this name.
    func applied(kind: ManifestKind, name: String) async throws -> AppliedManifest {
        let row = try await database.read { reader in
            try reader.row(
                """
                SELECT document, applied_at, applied_by FROM manifests WHERE kind = \(kind.name) AND name = \(name)
                """)
        }
        guard let row else { throw unknown(kind: kind.name, name: name) }
        return try applied(row)
    }

    private func applied(_ row: Row) throws -> AppliedManifest {
        let manifest = try Manifest(json: try row.get(0))
        return AppliedManifest(
            manifest: manifest, plural: plural(of: manifest.kind), appliedAt: try row.get(1), appliedBy: try row.get(2))
    }

    /// How a manifest came about, newest first.
    func changes(of applied: AppliedManifest, limit: Int) async throws -> [Event] {
        var query = EventQuery(limit: limit)
        query.subject = applied.subject
        query.kind = applied.manifest.kind.lowercased()
        return try await events.search(query).events
    }
}
