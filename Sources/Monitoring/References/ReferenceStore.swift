package import Database
import Incidents
import NIOPosix
import Statistics
package import Wire

/// The references, each made once from the rows its model version was trained on.
package struct ReferenceStore: Sendable {
    let database: Database
    let source: ReferenceSource
    let clock: WallClock

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

    /// The reference of a version as a monitor chose it, made now if it is not there yet; nil while it cannot be made.
    ///
    /// When the version was deleted and another model was registered as the same, it is made anew, and what the former one's
    /// traffic began with is forgotten.
    /// - Parameter limit: how many of its rows are read at most.
    package func reference(
        _ choice: ReferenceChoice, endpoint: String, model: String, version: Int, rows limit: Int = 0
    ) async throws -> Reference? {
        let key = choice.key(endpoint: endpoint)
        var (former, since): (Reference?, Timestamp?) = (nil, nil)
        let before = try await madeAt(model: model, version: version, context: key)
        switch try await standing(choice, endpoint: endpoint, model: model, version: version, rows: limit) {
        case .made(let reference): return reference
        case .failed: return nil
        case .rowless(let reference): former = reference
        case .replaced:
            since = clock.now
            try await forgetBaselines(model: model, version: version)
        case .due: break
        }
        do {
            var reference = try await made(choice, endpoint: endpoint, model: model, version: version)
            reference.since = since ?? former?.since
            try await store(reference)
            reference.samples = reference.samples.map { $0.prefix(limit) }
            return reference
        } catch let problem as any Problem where problem.code.status < 500 {
            if let former { return former }
            try await storeFailure(
                problem.description, model: model, version: version, context: key, insteadOf: before)
            return nil
        }
    }

    private func made(
        _ choice: ReferenceChoice, endpoint: String, model: String, version: Int
    ) async throws -> Reference {
        let (key, now) = (choice.key(endpoint: endpoint), clock.now)
        if case .production(let from, let to) = choice,
            let counted = try await source.counted(
                of: endpoint, from: from, to: to, in: WindowStore(database: database)),
            counted.record.keptRows >= MonitorWindow.minimumRows
        {
            var reference = Reference(of: counted.record, model: model, version: version, context: key, at: now)
            reference.samples = [counted.sample]
            return reference
        }
        let rows = try await source.rows(choice, endpoint: endpoint, model: model, version: version)
        // Sorting the columns takes long.
        return try await NIOThreadPool.singleton.runIfActive {
            Reference(of: rows.table, model: model, version: version, context: key, runID: rows.runID, at: now)
        }
    }

    /// How far a reference is.
    enum Standing: Sendable {
        case made(Reference)
        /// It cannot be made, and it is not time yet to try again.
        case failed
        /// It was made before rows were kept, and is made once more.
        case rowless(Reference)
        /// It is of another model that was registered as this version before.
        case replaced
        case due
    }

    /// How far the reference of a version is as a monitor chose it, without making it.
    /// - Parameters:
    ///   - limit: how many of its rows are read at most.
    ///   - known: what the same question was answered with before; where that still holds it is not read again.
    func standing(
        _ choice: ReferenceChoice, endpoint: String, model: String, version: Int, rows limit: Int,
        known: Reference? = nil
    ) async throws -> Standing {
        let key = choice.key(endpoint: endpoint)
        switch try await entry(model: model, version: version, context: key, rows: limit, known: known) {
        case .made(let reference):
            guard try await source.isCurrent(reference) else { return .replaced }
            let isWhole = limit == 0 || reference.rows == 0 || !reference.samples.isEmpty
            return isWhole ? .made(reference) : .rowless(reference)
        case .failed(_, let moment) where clock.now < moment + Self.retry: return .failed
        case .failed, nil: return .due
        }
    }

    /// What there is of a choice, without making it.
    package func entry(
        _ choice: ReferenceChoice, endpoint: String, model: String, version: Int
    ) async throws -> Entry? {
        try await entry(model: model, version: version, context: choice.key(endpoint: endpoint), rows: 0)
    }

    /// Why a choice could not be made; nil when it was, or nobody asked for it yet.
    func failure(
        of choice: ReferenceChoice, endpoint: String, model: String, version: Int
    ) async throws -> String? {
        try await database.read { reader in
            try reader.value(
                """
                SELECT failure FROM monitor_references WHERE model = \(model) AND version = \(version)
                    AND context = \(choice.key(endpoint: endpoint)) AND failure IS NOT NULL
                """)
        }
    }

    /// Lets a reference that could not be made be tried again at once.
    package func retry(_ choice: ReferenceChoice, endpoint: String) async throws {
        let key = choice.key(endpoint: endpoint)
        try await database.write { transaction in
            try transaction.execute("DELETE FROM monitor_references WHERE context = \(key) AND failure IS NOT NULL")
        }
    }

    /// One that is damaged counts as one that could not be made, and may be made again at once.
    func entry(
        model: String, version: Int, context: String, rows limit: Int, known: Reference? = nil
    ) async throws -> Entry? {
        do {
            return try await stored(model: model, version: version, context: context, rows: limit, known: known)
        } catch let problem as any Problem where problem.code.status < 500 {
            return .failed(reason: problem.description, at: Timestamp(milliseconds: 0))
        }
    }

    private func stored(
        model: String, version: Int, context: String, rows limit: Int, known: Reference?
    ) async throws -> Entry? {
        let key: SQL = "model = \(model) AND version = \(version) AND context = \(context)"
        return try await database.read { reader in
            let head = try reader.row(
                "SELECT run_id, row_count, made_at, failure, widths, since, first_at, last_at FROM monitor_references WHERE \(key)"
            )
            guard let head else { return nil }
            if let failure: String = try head.get(3) { return .failed(reason: failure, at: try head.get(2)) }
            if let known, known.context == context, known.madeAt == (try head.get(2)), known.rows == (try head.get(1)),
                known.runID == (try head.get(0, as: String?.self))
            {
                return .made(known)
            }
            let columns = try reader.rows(
                "SELECT name, role, anchors, profile FROM monitor_reference_columns WHERE \(key) ORDER BY position",
                as: Reference.Column.self)
            var reference = Reference(
                model: model, version: version, context: context, runID: try head.get(0), rows: try head.get(1),
                columns: columns, madeAt: try head.get(2))
            reference.widths = try head.get(4, as: [UInt8]?.self).map(RowWidths.init(bytes:))
            reference.since = try head.get(5)
            if let first: Timestamp = try head.get(6), let last: Timestamp = try head.get(7) {
                reference.times = first...last
            }
            let parts = try reader.values(
                """
                SELECT body FROM monitor_reference_rows
                WHERE \(key) AND part < \(ReferenceSample.parts(of: limit)) ORDER BY part
                """, as: [UInt8].self)
            if !parts.isEmpty { reference.samples = [try ReferenceSample(parts: parts).prefix(limit)] }
            return .made(reference)
        }
    }

    func store(_ reference: Reference) async throws {
        let key: SQL = "\(reference.model), \(reference.version), \(reference.context)"
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO monitor_references (model, version, context, run_id, row_count, made_at, widths, since,
                    first_at, last_at)
                VALUES (\(key), \(reference.runID), \(reference.rows), \(reference.madeAt), \(reference.widths?.bytes),
                    \(reference.since), \(reference.times?.lowerBound), \(reference.times?.upperBound))
                ON CONFLICT (model, version, context) DO UPDATE SET run_id = excluded.run_id,
                    row_count = excluded.row_count, made_at = excluded.made_at, failure = NULL,
                    widths = excluded.widths, since = excluded.since,
                    first_at = excluded.first_at, last_at = excluded.last_at
                """)
            // Those of an earlier model of this name.
            for table: SQL in ["monitor_reference_rows", "monitor_reference_columns"] {
                try transaction.execute(
                    """
                    DELETE FROM \(table) WHERE model = \(reference.model) AND version = \(reference.version)
                        AND context = \(reference.context)
                    """)
            }
            for (part, body) in (reference.samples.first?.parts ?? []).enumerated() {
                try transaction.execute(
                    """
                    INSERT INTO monitor_reference_rows (model, version, context, part, body)
                    VALUES (\(key), \(part), \(body))
                    """)
            }
            for (position, column) in reference.columns.enumerated() {
                try transaction.execute(
                    """
                    INSERT INTO monitor_reference_columns (model, version, context, position, name, role, anchors, profile)
                    VALUES (\(key), \(position), \(column.name), \(column.role.rawValue), \(column.profile.anchors.json),
                        \(column.profile.json))
                    """)
            }
        }
    }

    /// When the one that is there was made, be it damaged or of another model; nil when none was.
    private func madeAt(model: String, version: Int, context: String) async throws -> Timestamp? {
        try await database.read { reader in
            try reader.value(
                """
                SELECT made_at FROM monitor_references WHERE model = \(model) AND version = \(version)
                    AND context = \(context) AND failure IS NULL
                """)
        }
    }

    /// - Parameter before: when the one was made that was there as the attempt began. One that another server has made since
    ///   stays.
    private func storeFailure(
        _ reason: String, model: String, version: Int, context: String, insteadOf before: Timestamp?
    ) async throws {
        let now = clock.now
        let isOfBefore: SQL = before.map { "monitor_references.made_at = \($0)" } ?? "1 = 0"
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO monitor_references (model, version, context, row_count, made_at, failure)
                VALUES (\(model), \(version), \(context), 0, \(now), \(reason))
                ON CONFLICT (model, version, context) DO UPDATE SET made_at = excluded.made_at,
                    failure = excluded.failure
                WHERE monitor_references.failure IS NOT NULL OR \(isOfBefore)
                """)
        }
    }
}

extension Reference.Column: RowDecodable {
    package init(row: Row) throws {
        let anchors = try ColumnAnchors(json: try row.get(2))
        self.init(
            name: try row.get(0), role: Reference.Role(rawValue: try row.get(1)) ?? .input,
            profile: try ColumnProfile(json: try row.get(3), anchors: anchors))
    }
}
