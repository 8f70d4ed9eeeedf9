package import Database
package import Events
package import Wire

/// Where runs are kept, with everything they log.
package struct RunStore: Sendable {
    let database: Database
    let events: EventLog
    /// Which keys runs have logged.
    package let keys: KeyStore
    private let entropy: Entropy

    package init(database: Database, events: EventLog, entropy: Entropy) {
        self.database = database
        self.events = events
        self.entropy = entropy
        keys = KeyStore(database: database)
    }

    /// Starts a run.
    /// - Throws: `TrackingError` for an experiment that is unknown or deleted.
    package func create(_ new: NewRun, by actor: String) async throws -> Run {
        let id = entropy.hexID()
        let name = new.name ?? RunName.random(entropy)
        return try await database.write { transaction in
            let place = try ExperimentStore.artifactLocation(ofActive: new.experimentID, in: transaction)
            let info = RunInfo(
                id: id, experimentID: new.experimentID, name: name, userID: new.userID, status: .running,
                startTime: new.startTime, endTime: nil, artifactURI: ArtifactLocation.ofRun(id, in: place),
                stage: .active)
            try Self.insert(info, in: transaction)
            let tags = new.tags + [Tag(key: Run.nameKey, value: name)]
            try transaction.insert(
                into: "run_tags (run_id, key, value)",
                rows: tags.map { [id.sqlValue, $0.key.sqlValue, $0.value.sqlValue] })
            try keys.note(tags.map(\.key), .tag, in: new.experimentID, in: transaction)
            try events.append(
                Change(
                    by: actor, "run.created", of: Self.subject(id),
                    ["experiment_id": .string(new.experimentID.text), "name": .string(name), "tags": new.tags.excerpt]),
                in: transaction)
            return Run(info: info, tags: tags.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
        }
    }

    private static func insert(_ run: RunInfo, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO runs (run_id, experiment_id, run_name, user_id, status, start_time, artifact_uri,
                              lifecycle_stage)
            VALUES (\(run.id), \(run.experimentID), \(run.name), \(run.userID), \(run.status), \(run.startTime),
                    \(run.artifactURI), \(run.stage))
            """)
    }

    /// A run with all that it logged; deleted ones too.
    /// - Throws: `TrackingError` when there is none.
    package func run(_ id: String) async throws -> Run {
        try await database.read { try Self.run(id, in: $0) }
    }

    /// Those of some runs that there are, in the order of the ids, without their model inputs.
    /// - Parameter most: how many metrics, params and tags of each are read, the first by key; all when nil.
    package func runs(_ ids: [String], most: Int? = nil) async throws -> [Run] {
        try await database.read { reader in
            let found: [RunInfo] = try reader.rows("SELECT \(Self.columns) FROM runs r WHERE r.run_id IN \(list: ids)")
            let infos = Dictionary(found.map { ($0.id, $0) }) { $1 }
            return try Self.complete(ids.compactMap { infos[$0] }, modelInputs: false, most: most, in: reader)
        }
    }

    /// - Throws: `TrackingError` for a run that is unknown or deleted.
    package func update(_ id: String, _ update: RunUpdate, by actor: String) async throws -> RunInfo {
        try await database.write { transaction in
            let old = try Self.active(id, in: transaction)
            try transaction.execute(
                """
                UPDATE runs SET run_name = \(update.name ?? old.name), status = \(update.status ?? old.status),
                    end_time = \(update.endTime ?? old.endTime)
                WHERE run_id = \(id)
                """)
            if let name = update.name { try Self.set(Tag(key: Run.nameKey, value: name), of: id, in: transaction) }
            let new = try Self.info(id, in: transaction)
            if new != old {
                let data: JSON = .compact([
                    "status": new.status == old.status ? nil : .string(new.status.rawValue),
                    "end_time": new.endTime == old.endTime ? nil : new.endTime?.json,
                    "name": new.name == old.name ? nil : .string(new.name),
                ])
                try events.append(Change(by: actor, "run.updated", of: Self.subject(id), data), in: transaction)
            }
            return new
        }
    }

    /// Puts a run in the bin. A run that is there already stays there.
    /// - Throws: `TrackingError` for an unknown run.
    package func delete(_ id: String, by actor: String) async throws {
        _ = try await delete([id], by: actor)
    }

    /// Takes a run out of the bin. A run that is not there stays as it is.
    /// - Throws: `TrackingError` for an unknown run.
    package func restore(_ id: String, by actor: String) async throws {
        _ = try await restore([id], by: actor)
    }

    /// - Returns: whether it was elsewhere.
    func move(
        _ id: String, to stage: LifecycleStage, as kind: String, by actor: String, in transaction: Transaction
    ) throws -> Bool {
        guard try Self.info(id, in: transaction).stage != stage else { return false }
        let moment = try events.append(Change(by: actor, kind, of: Self.subject(id)), in: transaction)
        let deletedAt = stage == .deleted ? moment : nil
        try transaction.execute(
            "UPDATE runs SET lifecycle_stage = \(stage), deleted_at = \(deletedAt) WHERE run_id = \(id)")
        return true
    }

    /// - Throws: `TrackingError` for a run that is unknown or deleted, and when it has no such tag.
    package func deleteTag(_ key: String, of id: String, by actor: String) async throws {
        try await database.write { transaction in
            _ = try Self.active(id, in: transaction)
            let deleted = try transaction.execute("DELETE FROM run_tags WHERE run_id = \(id) AND key = \(key)")
            guard deleted > 0 else { throw TrackingError.missingTag(key, on: "run with id \(id)") }
            try events.append(
                Change(by: actor, "run.untagged", of: Self.subject(id), ["key": .string(key)]), in: transaction)
        }
    }

    /// How events name a run.
    static func subject(_ id: String) -> String { "runs/\(id)" }

    /// Sets a tag; the one with the run's name renames the run.
    static func set(_ tag: Tag, of id: String, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO run_tags (run_id, key, value) VALUES (\(id), \(tag.key), \(tag.value))
            ON CONFLICT (run_id, key) DO UPDATE SET value = excluded.value
            """)
        if tag.key == Run.nameKey, !tag.value.isEmpty {
            try transaction.execute("UPDATE runs SET run_name = \(tag.value) WHERE run_id = \(id)")
        }
    }
}

// MARK: - Reading within a transaction

extension RunStore {
    static let columns: SQL = """
        r.run_id, r.experiment_id, r.run_name, r.user_id, r.status, r.start_time, r.end_time, r.artifact_uri, \
        r.lifecycle_stage
        """

    /// - Throws: `TrackingError` when there is none, deleted or not.
    package static func run(_ id: String, in reader: Reader) throws -> Run {
        try complete([info(id, in: reader)], modelInputs: true, in: reader)[0]
    }

    /// - Throws: `TrackingError` when there is none, deleted or not.
    package static func info(_ id: String, in reader: Reader) throws -> RunInfo {
        guard let info = try reader.row("SELECT \(columns) FROM runs r WHERE run_id = \(id)", as: RunInfo.self) else {
            throw TrackingError.unknownRun(id)
        }
        return info
    }

    /// - Throws: `TrackingError` when there is none or it is deleted.
    package static func active(_ id: String, in reader: Reader) throws -> RunInfo {
        let info = try info(id, in: reader)
        guard info.stage == .active else { throw TrackingError.deletedRun(id) }
        return info
    }

    /// Some runs with all that they logged, or with the first metrics, params and tags of it.
    static func complete(
        _ infos: [RunInfo], modelInputs: Bool, most: Int? = nil, in reader: Reader
    ) throws -> [Run] {
        let ids = infos.map(\.id)
        let metrics = try MetricStore.latest(of: ids, most: most, in: reader)
        let params = try reader.params(of: ids, table: "params", owner: "run_id", most: most)
        let tags = try reader.tags(of: ids, table: "run_tags", owner: "run_id", most: most)
        let datasets = try DatasetStore.inputs(of: ids, in: reader)
        let inputs = modelInputs ? try LoggedModelStore.inputs(of: ids, in: reader) : ids.map { _ in [] }
        let outputs = try LoggedModelStore.outputs(of: ids, in: reader)
        return infos.indices.map { place in
            Run(
                info: infos[place], metrics: metrics[place], params: params[place], tags: tags[place],
                datasetInputs: datasets[place], modelInputs: inputs[place], modelOutputs: outputs[place])
        }
    }
}

extension RunInfo: RowDecodable {
    package init(row: Row) throws {
        id = try row.get(0)
        experimentID = try row.get(1)
        name = try row.get(2)
        userID = try row.get(3)
        status = try row.get(4)
        startTime = try row.get(5)
        endTime = try row.get(6)
        artifactURI = try row.get(7)
        stage = try row.get(8)
    }
}

extension RunStatus: SQLValueConvertible {
    package var sqlValue: SQLValue { .text(rawValue) }
    package init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue else { return nil }
        self.init(rawValue: text)
    }
}
