package import Database
import Events
import Wire

/// Where views are kept under their names.
package struct SavedViewStore: Sendable {
    private let database: Database
    private let events: EventLog

    package init(_ runs: RunStore) {
        database = runs.database
        events = runs.events
    }

    /// How many views an experiment may have.
    package static let mostViews = 500

    /// What somebody sees in an experiment: what is shared, and his own; by name.
    package func views(of experiment: ExperimentID, for reader: String) async throws -> [SavedView] {
        try await database.read { database in
            try database.rows(
                """
                SELECT \(Self.columns) FROM saved_views
                WHERE experiment_id = \(experiment) AND (is_shared = 1 OR owner = \(reader)) ORDER BY name, view_id
                """)
        }
    }

    /// - Throws: `TrackingError` for an unknown view, and for one that belongs to somebody else.
    package func view(_ id: Int64, for reader: String) async throws -> SavedView {
        try await database.read { try Self.view(id, for: reader, in: $0) }
    }

    /// - Throws: `TrackingError` for an experiment that is unknown or deleted, and for a name that is taken.
    package func create(
        _ draft: SavedView.Draft, in experiment: ExperimentID, by actor: String
    ) async throws -> SavedView {
        try await database.write { transaction in
            _ = try ExperimentStore.active(experiment, in: transaction)
            let count = try transaction.value(
                "SELECT COUNT(*) FROM saved_views WHERE experiment_id = \(experiment)", as: Int.self)
            guard (count ?? 0) < Self.mostViews else {
                throw TrackingError(
                    .invalidParameterValue,
                    "The experiment has \(Self.mostViews) views, which is as many as there may be.",
                    hint: "Delete some of them.")
            }
            try Self.requireFree(draft.name, in: experiment, for: actor, in: transaction)
            let number = try transaction.value(
                """
                INSERT INTO saved_views (experiment_id, name, content, owner, is_shared, is_default, version,
                    creation_time, last_update_time)
                VALUES (\(experiment), \(draft.name), \(draft.view.json), \(actor), \(draft.isShared),
                    \(draft.isDefault), 1, 0, 0) RETURNING view_id
                """, as: Int64.self)
            guard let number else { throw TrackingError(.internalError, "The new view got no id.") }
            let moment = try append("view.created", number, draft, by: actor, in: transaction)
            try transaction.execute(
                "UPDATE saved_views SET creation_time = \(moment), last_update_time = \(moment) WHERE view_id = \(number)"
            )
            let view = try Self.view(number, for: actor, in: transaction)
            try Self.leaveOneDefault(view, in: transaction)
            return view
        }
    }

    /// Changes a view that nobody else has changed in the meantime.
    /// - Parameter version: the version that was seen.
    /// - Throws: `TrackingError` 409 when there is a newer one; nothing is changed then.
    package func replace(
        _ id: Int64, with draft: SavedView.Draft, version: Int64, by actor: String
    ) async throws -> SavedView {
        try await database.write { transaction in
            let old = try Self.view(id, for: actor, in: transaction)
            try Self.requireVersion(version, of: old)
            if draft.name != old.draft.name || draft.isShared != old.draft.isShared {
                try Self.requireFree(draft.name, in: old.experiment, for: old.owner, besides: id, in: transaction)
            }
            let moment = try append("view.updated", id, draft, by: actor, in: transaction)
            try transaction.execute(
                """
                UPDATE saved_views SET name = \(draft.name), content = \(draft.view.json), is_shared = \(draft.isShared),
                    is_default = \(draft.isDefault), version = \(version + 1), last_update_time = \(moment)
                WHERE view_id = \(id)
                """)
            let view = try Self.view(id, for: old.owner, in: transaction)
            try Self.leaveOneDefault(view, in: transaction)
            return view
        }
    }

    /// - Parameter version: the version that was seen; any when nil.
    /// - Throws: `TrackingError` 409 when there is a newer one; it stays then.
    package func delete(_ id: Int64, version: Int64?, by actor: String) async throws {
        try await database.write { transaction in
            let view = try Self.view(id, for: actor, in: transaction)
            if let version { try Self.requireVersion(version, of: view) }
            try transaction.execute("DELETE FROM saved_views WHERE view_id = \(id)")
            _ = try append("view.deleted", id, view.draft, by: actor, in: transaction)
        }
    }

    private func append(
        _ kind: String, _ id: Int64, _ draft: SavedView.Draft, by actor: String, in transaction: Transaction
    ) throws -> Timestamp {
        try events.append(
            Change(
                by: actor, kind, of: "views/\(id)",
                ["name": .string(draft.name), "shared": .bool(draft.isShared), "default": .bool(draft.isDefault)]),
            in: transaction)
    }

    private static func requireVersion(_ version: Int64, of view: SavedView) throws {
        guard version == view.version else {
            throw TrackingError(
                .conflict,
                "The view '\(view.draft.name)' was changed meanwhile: it is at version \(view.version), not \(version).",
                hint: "Load it again, or save yours under another name.")
        }
    }

    /// Names are told apart among those that one person sees.
    private static func requireFree(
        _ name: String, in experiment: ExperimentID, for owner: String, besides id: Int64 = 0, in reader: Reader
    ) throws {
        let taken = try reader.value(
            """
            SELECT view_id FROM saved_views
            WHERE experiment_id = \(experiment) AND name = \(name) AND (is_shared = 1 OR owner = \(owner))
                AND view_id <> \(id) LIMIT 1
            """, as: Int64.self)
        guard taken == nil else {
            throw TrackingError(
                .conflict, "There is a view '\(name)' already.", hint: "Choose another name, or change that one.")
        }
    }

    /// Of the shared views one is opened with, and of each person's own one.
    private static func leaveOneDefault(_ view: SavedView, in transaction: Transaction) throws {
        guard view.draft.isDefault else { return }
        let sameKind: SQL = view.draft.isShared ? "is_shared = 1" : "is_shared = 0 AND owner = \(view.owner)"
        try transaction.execute(
            """
            UPDATE saved_views SET is_default = 0, version = version + 1
            WHERE experiment_id = \(view.experiment) AND is_default = 1 AND view_id <> \(view.id) AND \(sameKind)
            """)
    }

    private static let columns: SQL = """
        view_id, experiment_id, name, content, owner, is_shared, is_default, version, last_update_time
        """

    private static func view(_ id: Int64, for person: String, in reader: Reader) throws -> SavedView {
        let view: SavedView? = try reader.row("SELECT \(columns) FROM saved_views WHERE view_id = \(id)")
        guard let view, view.draft.isShared || view.owner == person else {
            throw TrackingError(.doesNotExist, "There is no view \(id).")
        }
        return view
    }
}

extension SavedView: RowDecodable {
    package init(row: Row) throws {
        let content: JSON = try row.get(3)
        id = try row.get(0)
        experiment = try row.get(1)
        draft = Draft(
            stored: try row.get(2), RunView { content[$0]?.stringValue }, isShared: try row.get(5),
            isDefault: try row.get(6))
        owner = try row.get(4)
        version = try row.get(7)
        lastUpdateTime = try row.get(8)
    }
}
