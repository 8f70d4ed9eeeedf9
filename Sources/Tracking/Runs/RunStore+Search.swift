import Database
package import Wire

extension RunStore {
    /// When a condition of the filter leaves no more runs than this, they are gathered and sorted; otherwise the runs are
    /// walked in the order that is asked for, until the page is full.
    package static let fewRuns = 1000

    /// The runs that a query finds: latest start first unless it says otherwise. Model inputs are left out.
    /// - Parameter few: how many runs are gathered rather than walked; the answer does not depend on it.
    package func search(_ query: RunQuery, few: Int = RunStore.fewRuns) async throws -> Page<Run> {
        guard !query.experimentIDs.isEmpty else { return Page(rows: [], limit: query.limit, offset: query.offset) }
        return try await database.read { reader in
            let infos = try Self.infos(query, few: few, in: reader)
            let page = Page(rows: infos, limit: query.limit, offset: query.offset)
            let runs = try Self.complete(page.elements, modelInputs: false, in: reader)
            return Page(elements: runs, next: page.next)
        }
    }

    /// The active runs that were started last, in whatever experiment, by an index.
    /// - Parameter most: how many metrics, params and tags of each are read, the first by key; all when nil.
    package func latest(limit: Int, most: Int? = nil) async throws -> [Run] {
        try await database.read { reader in
            let infos: [RunInfo] = try reader.rows(
                """
                SELECT \(Self.columns) FROM runs r WHERE r.lifecycle_stage = 'active'
                ORDER BY r.start_time DESC, r.run_id LIMIT \(limit)
                """)
            return try Self.complete(infos, modelInputs: false, most: most, in: reader)
        }
    }

    /// How many runs a query finds, whatever its limit, counted no further than `most`.
    package func count(_ query: RunQuery, most: Int = .max) async throws -> Int {
        try await database.read { try Self.count(query, most: most, in: $0) }
    }

    static func count(_ query: RunQuery, most: Int, in reader: Reader) throws -> Int {
        let ids = try fewCandidates(query, few: fewRuns, in: reader)
        let part = ids.map(RunSelect.Part.among) ?? .everyRun
        return try reader.value(RunSelect(query).count(part, most: most).once) ?? 0
    }

    /// One more than the page holds, when there are so many.
    static func infos(_ query: RunQuery, few: Int, in reader: Reader) throws -> [RunInfo] {
        let select = RunSelect(query)
        let wanted = query.limit + 1
        if let ids = try fewCandidates(query, few: few, in: reader) {
            return try reader.rows(select.sql(.among(ids), limit: wanted, offset: query.offset).once)
        }
        var infos: [RunInfo] = []
        var offset = query.offset
        for part in select.parts where infos.count < wanted {
            let found: [RunInfo] = try reader.rows(
                select.sql(part, limit: wanted - infos.count, offset: offset).once)
            infos += found
            if found.isEmpty, offset > 0 {
                offset -= try reader.value(select.count(part, most: offset).once) ?? 0
            } else {
                offset = 0
            }
        }
        return infos
    }

    /// The runs among which are all that the query finds, when a condition that an index answers leaves at most `few`.
    private static func fewCandidates(_ query: RunQuery, few: Int, in reader: Reader) throws -> [String]? {
        var fewest: Set<String>?
        var tried = 0
        for conjunct in query.filter.conjuncts {
            guard case .condition(let condition) = conjunct else { continue }
            // A walk in the order of a metric begins and ends where conditions on it say.
            if let walked = query.orders.first?.field, walked.isLatestMetric, condition.field.isLatest(of: walked.key) {
                continue
            }
            let ids: Set<String>
            if let known = condition.namedRuns {
                ids = Set(known)
            } else if tried < 4, let sql = condition.candidates(in: query.experimentIDs, limit: few + 1) {
                // Each try reads at most so many entries of an index; four are enough to find one that is selective.
                tried += 1
                ids = Set(try reader.values(sql, as: String.self))
            } else {
                continue
            }
            if ids.count <= min(few, (fewest?.count ?? .max) - 1) { fewest = ids }
        }
        return fewest.map(Array.init)
    }
}
