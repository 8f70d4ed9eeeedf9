package import Artifacts
package import Database
package import Events
package import Registry
package import Tracking
package import Wire

/// What was deleted and can still come back: listed, restored, or purged for good together with its files.
package struct TrashStore: Sendable {
    let database: Database
    let events: EventLog
    let clock: WallClock
    let artifacts: ArtifactStore
    let witness: TrashWitness
    private let tracked: Tracked

    /// The stores that restore what is theirs.
    package struct Tracked: Sendable {
        let experiments: ExperimentStore
        let runs: RunStore
        let loggedModels: LoggedModelStore
        let models: RegisteredModelStore
        let versions: ModelVersionStore

        package init(
            experiments: ExperimentStore, runs: RunStore, loggedModels: LoggedModelStore,
            models: RegisteredModelStore, versions: ModelVersionStore
        ) {
            self.experiments = experiments
            self.runs = runs
            self.loggedModels = loggedModels
            self.models = models
            self.versions = versions
        }
    }

    package init(
        database: Database, events: EventLog, clock: WallClock, artifacts: ArtifactStore, tracked: Tracked,
        witness: TrashWitness
    ) {
        self.database = database
        self.events = events
        self.clock = clock
        self.artifacts = artifacts
        self.tracked = tracked
        self.witness = witness
    }

    /// What is in the trash, last deleted first.
    package func items(kind: DeletedKind? = nil, limit: Int, offset: Int = 0) async throws -> Page<DeletedItem> {
        let rows = try await database.read { reader in
            try reader.rows(
                """
                \(Self.items(kind)) ORDER BY deleted_at DESC, rank, id LIMIT \(limit + 1) OFFSET \(offset)
                """, as: DeletedItem.self)
        }
        return Page(rows: rows, limit: limit, offset: offset)
    }

    /// How many things were purged from sight and are not gone altogether, because a purge was interrupted.
    package func unfinishedPurges() async throws -> Int {
        try await database.read { try $0.value("SELECT COUNT(*) FROM purges") ?? 0 }
    }

    /// Takes something out of the trash.
    /// - Parameter name: for a registered model, what it is called from now on; nil for the name that it had.
    /// - Throws: `Problem` when it is not in the trash, and when the name of a model was taken meanwhile.
    package func restore(_ kind: DeletedKind, _ id: String, as name: String?, by actor: String) async throws {
        guard name == nil || kind == .model else {
            throw TrashError(.invalidParameterValue, "Only a registered model can be restored under another name.")
        }
        switch kind {
        case .version: try await tracked.versions.restore(id, by: actor)
        case .model: _ = try await tracked.models.restore(id, as: name, by: actor)
        case .loggedModel:
            _ = try await database.read { try Self.item(kind, id, in: $0) }
            try await tracked.loggedModels.restore(id, by: actor)
        case .run:
            _ = try await database.read { try Self.item(kind, id, in: $0) }
            try await tracked.runs.restore(id, by: actor)
        case .experiment: try await tracked.experiments.restore(try ExperimentID(id), by: actor)
        }
    }

    /// The rows of a kind, or of all.
    static func items(_ kind: DeletedKind?) -> SQL {
        let parts = (kind.map { [$0] } ?? DeletedKind.allCases).map(selection)
        return "SELECT rank, id, name, deleted_at, experiment_id, contents FROM "
            + "(\(parts.joined(separator: " UNION ALL "))) AS deleted"
    }

    private static func selection(_ kind: DeletedKind) -> SQL {
        switch kind {
        case .version: ModelVersionStore.deleted
        case .model: RegisteredModelStore.deleted
        case .loggedModel: LoggedModelStore.deleted
        case .run: RunStore.deleted
        case .experiment: ExperimentStore.deleted
        }
    }

    /// One thing in the trash.
    /// - Throws: `TrashError` when it is not there.
    static func item(_ kind: DeletedKind, _ id: String, in reader: Reader) throws -> DeletedItem {
        let id = kind == .model ? String(try RegisteredModelStore.deletedKey(id, in: reader)) : id
        if let item = try reader.row("\(items(kind)) WHERE id = \(id)", as: DeletedItem.self) { return item }
        if kind == .run, let run = try? RunStore.info(id, in: reader), run.stage == .deleted {
            throw TrashError(
                .invalidParameterValue, "The run \(id) went to the trash with its experiment \(run.experimentID.text).",
                hint: "Restore or purge that: martlet trash restore experiment \(run.experimentID.text)")
        }
        throw TrashError(
            .doesNotExist, "There is no \(kind.rawValue) '\(id)' in the trash.",
            hint: "'martlet trash list' shows what is.")
    }
}
