import Database
import Wire

// The table of runs. Only what is shown is read: the runs of a page, and of them the keys of the columns.

extension RunStore {
    /// The columns that are chosen when nobody names any: what the first runs of the page have most often.
    private static let chosen = (runs: 20, metrics: 8, params: 6)
    /// Among how many keys those are sought in which runs differ, and how many of them are shown.
    private static let differing = (candidates: 200, shown: 60)

    /// The part of the table that a query names.
    package func table(_ wanted: RunTableQuery) async throws -> RunTable {
        try await database.read { reader in
            let query = wanted.query
            let rows = query.experimentIDs.isEmpty ? [] : try Self.infos(query, few: Self.fewRuns, in: reader)
            let page = Page(rows: rows, limit: query.limit, offset: query.offset)
            let pinned = try Self.pinned(wanted, in: reader)
            var (columns, isMoreDiffering) = try Self.columns(for: pinned + page.elements, wanted, in: reader)
            var cells = try Self.cells(of: page.elements, columns, longest: wanted.longestText, in: reader)
            var pinnedCells = try Self.cells(of: pinned, columns, longest: wanted.longestText, in: reader)
            if wanted.isDiffering {
                let all = columns.indices.filter { Self.differs(pinnedCells[$0] + cells[$0]) }
                let places = all.prefix(Self.differing.shown)
                if all.count > places.count { isMoreDiffering = true }
                (columns, cells, pinnedCells) = (
                    places.map { columns[$0] }, places.map { cells[$0] }, places.map { pinnedCells[$0] }
                )
            }
            return RunTable(
                runs: page.elements, columns: columns, cells: cells, pinned: pinned, pinnedCells: pinnedCells,
                isMoreDiffering: isMoreDiffering, next: page.next,
                total: wanted.counts ? try Self.total(query, in: reader) : nil)
        }
    }

    /// With no filter an index counts the runs; with one, each would have to be looked at.
    static func total(_ query: RunQuery, in reader: Reader) throws -> RunTable.Total {
        let most = query.filter == .everything ? nil : RunTableQuery.mostCounted
        return RunTable.Total(try count(query, most: most.map { $0 + 1 } ?? .max, in: reader), most: most)
    }

    /// Those of the pinned runs that are in the experiment and in no bin, as they were pinned.
    private static func pinned(_ wanted: RunTableQuery, in reader: Reader) throws -> [RunInfo] {
        guard !wanted.pins.isEmpty else { return [] }
        let found: [RunInfo] = try reader.rows(
            "SELECT \(columns) FROM runs r WHERE r.run_id IN \(list: wanted.pins) AND r.lifecycle_stage = 'active'")
        return wanted.pins.compactMap { id in
            found.first { $0.id == id && wanted.query.experimentIDs.contains($0.experimentID) }
        }
    }

    // MARK: Which columns

    /// Those that the view names, or that are chosen; and whether there are more in which runs may differ.
    private static func columns(
        for runs: [RunInfo], _ wanted: RunTableQuery, in reader: Reader
    ) throws -> (columns: [RunColumn], isMoreDiffering: Bool) {
        if let columns = wanted.columns { return (columns, false) }
        guard wanted.isDiffering, let experiment = wanted.query.experimentIDs.first else {
            return (try chosenColumns(for: runs, wanted, in: reader), false)
        }
        let keys = try [KeyStore.Kind.param, .metric, .tag].map { kind in
            try KeyStore.keys(of: experiment, [kind], limit: differing.candidates + 1, in: reader)
        }
        let candidates = shares(of: keys.map { $0.filter { !$0.key.hasPrefix("mlflow.") } }, differing.candidates)
        let isMore = zip(keys, candidates).contains { keys, candidates in
            keys.count > differing.candidates || keys.count { !$0.key.hasPrefix("mlflow.") } > candidates.count
        }
        return ([RunColumn(.attribute, "status")] + candidates.flatMap(\.self), isMore)
    }

    /// The first of several lists, so many in all: equally many of each, and where one has fewer, more of the others.
    private static func shares(of lists: [[RunColumn]], _ count: Int) -> [[RunColumn]] {
        var shares = lists
        var left = count
        let shortestFirst = lists.indices.sorted { lists[$0].count < lists[$1].count }
        for (place, list) in shortestFirst.enumerated() {
            shares[list] = Array(lists[list].prefix(left / (lists.count - place)))
            left -= shares[list].count
        }
        return shares
    }

    private static func chosenColumns(
        for runs: [RunInfo], _ wanted: RunTableQuery, in reader: Reader
    ) throws -> [RunColumn] {
        let ids = runs.prefix(chosen.runs).map(\.id)
        let sorted = wanted.query.orders.compactMap { order in
            order.field.entity == .attribute ? nil : RunColumn(sortedBy: order.field)
        }
        let metrics = try frequent(.metric, of: ids, limit: chosen.metrics, in: reader)
        let params = try frequent(.param, of: ids, limit: chosen.params, in: reader)
        let attributes = ["status", "start_time", "duration_ms"].map { RunColumn(.attribute, $0) }
        // What runs are sorted by is worth a look, also where few of them have it.
        return attributes + sorted.filter { !metrics.contains($0) && !params.contains($0) } + metrics + params
    }

    /// The keys that most of some runs have, the most frequent first, then by name. What MLflow measures of the machine is
    /// seldom what runs are compared by.
    static func frequent(
        _ kind: KeyStore.Kind, of ids: [String], limit: Int, in reader: Reader
    ) throws -> [RunColumn] {
        guard !ids.isEmpty, let table = kind.entity.table else { return [] }
        let keys = try reader.values(
            """
            SELECT key FROM \(table) WHERE run_id IN \(list: ids) AND key NOT LIKE 'system/%'
            GROUP BY key ORDER BY COUNT(*) DESC, key LIMIT \(limit)
            """, as: String.self)
        return keys.map { RunColumn(kind.entity, $0) }
    }

    private static func differs(_ cells: [RunCell]) -> Bool {
        guard let first = cells.first else { return false }
        return cells.dropFirst().contains { !$0.isSame(as: first) }
    }

    // MARK: Cells

    /// At each column's place, a cell for each run.
    static func cells(
        of runs: [RunInfo], _ columns: [RunColumn], longest: Int?, in reader: Reader
    ) throws -> [[RunCell]] {
        var cells = columns.map { column -> [RunCell] in
            runs.map { column.entity == .attribute ? $0.cell(column.key, longest: longest) : .missing }
        }
        guard !runs.isEmpty else { return cells }
        let ids = runs.map(\.id)
        let places = Dictionary(zip(ids, ids.indices), uniquingKeysWith: { first, _ in first })
        for entity in [SearchField.Entity.metric, .param, .tag] {
            let shown = columns.indices.filter { columns[$0].entity == entity }
            let byKey = Dictionary(grouping: shown) { columns[$0].key }
            guard let table = entity.table, !byKey.isEmpty else { continue }
            try reader.forEachRow(of: ids) { ids in
                select(entity, from: table, of: ids, Array(byKey.keys), longest: longest)
            } _: { row in
                guard let run = places[try row.get(0)] else { return }
                for column in byKey[try row.get(1)] ?? [] {
                    cells[column][run] =
                        try entity == .metric
                        ? RunCell(metric: row, columns[column].aggregate) : RunCell(try row.get(2), longest: longest)
                }
            }
        }
        return cells
    }

    private static func select(
        _ entity: SearchField.Entity, from table: SQL, of ids: ArraySlice<String>, _ keys: [String], longest: Int?
    ) -> SQL {
        let value: SQL =
            if entity == .metric {
                "value, is_nan, first_value, min_value, max_value"
            } else if let longest {
                "substr(value, 1, CAST(\(longest + 1) AS INTEGER))"
            } else {
                "value"
            }
        return "SELECT run_id, key, \(value) FROM \(table) WHERE run_id IN \(list: ids) AND key IN \(list: keys)"
    }
}

extension RunCell {
    /// Columns: run_id, key, value, is_nan, first_value, min_value, max_value.
    fileprivate init(metric row: Row, _ aggregate: SearchField.Aggregate?) throws {
        let value: Double? =
            switch aggregate {
            case nil, .last: try row.get(3) ? .nan : try row.get(2)
            case .first: try row.get(4)
            case .min: try row.get(5)
            case .max: try row.get(6)
            }
        self = value.map { .number($0) } ?? .missing
    }
}

extension RunColumn {
    /// The column of what runs are sorted by.
    init(sortedBy field: SearchField) {
        self.init(field.entity, field.key, field.aggregate.flatMap { Mode(rawValue: $0.rawValue) } ?? .last)
    }
}
