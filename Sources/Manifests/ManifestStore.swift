package import Database
package import Events
package import Wire

/// The manifests in force. Slices read theirs here and follow the event log for changes: `endpoint.created`,
/// `endpoint.updated` and `endpoint.deleted` of `endpoints/<name>`, and likewise for every kind.
package struct ManifestStore: Sendable {
    let database: Database
    let events: EventLog
    let clock: WallClock
    let kinds: [ManifestKind]
    /// Wakes whenever a manifest was applied, changed or deleted, before whoever did it is answered.
    package let changed: Signal

    private static let topic = Topic("manifests")

    package init(database: Database, events: EventLog, clock: WallClock, kinds: [ManifestKind]) {
        self.database = database
        self.events = events
        self.clock = clock
        self.kinds = kinds
        changed = database.signal(of: Self.topic)
    }

    /// What applying a manifest did.
    package struct Outcome: Sendable, Hashable {
        package enum Effect: String, Sendable {
            case created, updated, unchanged
        }

        package let kind: String
        package let name: String
        package let effect: Effect
    }

    /// Checks every document of a YAML text, then applies all of them in one transaction. Applying twice changes nothing.
    /// - Parameter keepsExisting: whether manifests that are there already stay as they are.
    /// - Throws: `ManifestError` with the place; nothing is changed then.
    package func apply(yaml: String, by actor: String, keepsExisting: Bool = false) async throws -> [Outcome] {
        let manifests = try Manifest.parse(yaml: yaml)
        guard !manifests.isEmpty else {
            throw ManifestError(.invalidParameterValue, "There is no manifest in the text.")
        }
        let kindOf = try manifests.map(checkedKind)
        let now = clock.now
        return try await database.write { transaction in
            try zip(manifests, kindOf).map { manifest, kind in
                try store(manifest, kind, at: now, by: actor, keepsExisting: keepsExisting, in: transaction)
            }
        }
    }

    /// The kind that a word means: `Monitor`, `monitor` and `monitors` are one.
    /// - Throws: `ManifestError` 404 for a word that means none.
    func kind(of word: String) throws -> ManifestKind {
        let wanted = word.lowercased()
        if let kind = kinds.first(where: { $0.name.lowercased() == wanted || $0.plural == wanted }) { return kind }
        throw ManifestError(
            .doesNotExist, "There is no kind '\(word)'.",
            hint: "Known kinds: \(kinds.map(\.name).joined(separator: ", ")).")
    }

    func checkedKind(of manifest: Manifest) throws -> ManifestKind {
        guard let kind = kinds.first(where: { $0.name == manifest.kind }) else {
            let names = kinds.map(\.name)
            throw ManifestError(
                .invalidParameterValue, "There is no kind '\(manifest.kind)' (manifest '\(manifest.name)').",
                hint: names.closest(to: manifest.kind).map { "Did you mean '\($0)'?" }
                    ?? "Known kinds: \(names.joined(separator: ", ")).")
        }
        try kind.check(manifest)
        return kind
    }

    func store(
        _ manifest: Manifest, _ kind: ManifestKind, at now: Timestamp, by actor: String, keepsExisting: Bool,
        in transaction: Transaction
    ) throws -> Outcome {
        let document = manifest.json
        let former = try transaction.value(
            "SELECT document FROM manifests WHERE kind = \(kind.name) AND name = \(manifest.name)", as: String.self)
        guard former != document.text, former == nil || !keepsExisting else {
            return Outcome(kind: kind.name, name: manifest.name, effect: .unchanged)
        }
        try transaction.execute(
            """
            INSERT INTO manifests (kind, name, document, applied_at, applied_by)
            VALUES (\(kind.name), \(manifest.name), \(document), \(now), \(actor))
            ON CONFLICT (kind, name) DO UPDATE SET document = excluded.document, applied_at = excluded.applied_at,
                applied_by = excluded.applied_by
            """)
        transaction.announce(Self.topic)
        let effect: Outcome.Effect = former == nil ? .created : .updated
        try events.append(
            Change(
                by: actor, "\(kind.name.lowercased()).\(effect.rawValue)", of: "\(kind.plural)/\(manifest.name)",
                ["manifest": document]),
            in: transaction)
        return Outcome(kind: kind.name, name: manifest.name, effect: effect)
    }

    /// The manifests of a kind, by name.
    package func all(kind: String) async throws -> [Manifest] {
        try await database.read { try all(kind: kind, in: $0) }
    }

    /// The same as part of a transaction.
    package func all(kind: String, in reader: Reader) throws -> [Manifest] {
        try reader.values("SELECT document FROM manifests WHERE kind = \(kind) ORDER BY name", as: JSON.self)
            .map(Manifest.init(json:))
    }

    /// The same as they are stored, for whoever reads them again and again and knows what most of them say.
    package func documents(kind: String, in reader: Reader) throws -> [(name: String, document: String)] {
        try reader.rows("SELECT name, document FROM manifests WHERE kind = \(kind) ORDER BY name").map {
            (try $0.get(0), try $0.get(1))
        }
    }

    package func documents(kind: String) async throws -> [(name: String, document: String)] {
        try await database.read { try documents(kind: kind, in: $0) }
    }

    /// The names of the manifests of a kind.
    package func names(kind: String, in reader: Reader) throws -> [String] {
        try reader.values("SELECT name FROM manifests WHERE kind = \(kind) ORDER BY name")
    }

    package func names(kind: String) async throws -> [String] {
        try await database.read { try names(kind: kind, in: $0) }
    }

    /// Whether there is one of this name.
    package func has(kind: String, name: String) async throws -> Bool {
        try await database.read { reader in
            try reader.value("SELECT 1 FROM manifests WHERE kind = \(kind) AND name = \(name)", as: Int.self) != nil
        }
    }

    /// - Throws: `ManifestError` 404 when there is none of this name.
    package func manifest(kind: String, name: String) async throws -> Manifest {
        let document = try await database.read { reader in
            try reader.value("SELECT document FROM manifests WHERE kind = \(kind) AND name = \(name)", as: JSON.self)
        }
        guard let document else { throw unknown(kind: kind, name: name) }
        return try Manifest(json: document)
    }

    /// - Throws: `ManifestError` 404 when there is none of this name.
    package func delete(kind: String, name: String, by actor: String) async throws {
        try await database.write { transaction in
            let count = try transaction.execute("DELETE FROM manifests WHERE kind = \(kind) AND name = \(name)")
            guard count > 0 else { throw unknown(kind: kind, name: name) }
            transaction.announce(Self.topic)
            try events.append(
                Change(by: actor, "\(kind.lowercased()).deleted", of: "\(plural(of: kind))/\(name)"), in: transaction)
        }
    }

    /// The word for a kind in paths and events.
    func plural(of kind: String) -> String {
        kinds.first { $0.name == kind }?.plural ?? kind.lowercased()
    }

    func unknown(kind: String, name: String) -> ManifestError {
        ManifestError(
            .doesNotExist, "There is no \(kind.lowercased()) '\(name)'.",
            hint: "'martlet get \(plural(of: kind))' shows those there are.")
    }
}

extension ManifestStore.Outcome: JSONRepresentable {
    package var json: JSON {
        ["kind": .string(kind), "name": .string(name), "change": .string(effect.rawValue)]
    }
}
