import Database

/// A search of runs as SQL.
///
/// What drives it is plain to see, so that engines with statistics and without do the same: runs that are known by name,
/// the index of a metric's values, or the index of start times, walked in the order that is asked for until there are
/// enough rows. Over several experiments the walks are merged (UNION ALL under one ORDER BY), which SQLite does row by row.
struct RunSelect {
    /// A part of the runs; within each the order of the query holds.
    enum Part {
        case everyRun
        /// Runs with these ids only.
        case among([String])
        /// Runs whose latest value of the metric that is sorted by first is a number, those where it is NaN, and those
        /// that lack it: in this order they are all runs, in both directions.
        case number, notNumber, lacking
    }

    private let query: RunQuery
    private let experiments: [ExperimentID]

    /// Beyond these the runs of several experiments are sorted, not merged.
    private static let (maximumArms, maximumValues) = (100, 10_000)

    init(_ query: RunQuery) {
        self.query = query
        // An experiment that is named twice is one.
        experiments = Array(Set(query.experimentIDs))
    }

    /// The metric by whose latest value the query sorts first.
    private var metric: SearchOrder? {
        query.orders.first.flatMap { $0.field.isLatestMetric ? $0 : nil }
    }

    /// The parts to look through, one after the other, without those that the filter excludes.
    var parts: [Part] {
        guard let metric else { return [.everyRun] }
        let filters = query.filter.conjuncts.flatMap { conjunct -> [SearchFilter.Condition] in
            if case .condition(let condition) = conjunct { [condition] } else { [] }
        }
        let onMetric = filters.filter { $0.field.entity == .metric && $0.field.key == metric.field.key }
        if onMetric.contains(where: { $0.field.isLatestMetric && $0.comparison != .notEqual }) { return [.number] }
        return onMetric.isEmpty ? [.number, .notNumber, .lacking] : [.number, .notNumber]
    }

    func sql(_ part: Part, limit: Int, offset: Int) -> SQL {
        let ordering = RunOrdering(query.orders, part)
        let columns = ([RunStore.columns] + ordering.columns).joined(separator: ", ")
        let source = ([source(part)] + ordering.joins).joined(separator: " ")
        let selects = places(of: part, ordering).map { place -> SQL in
            "SELECT \(columns) FROM \(source) WHERE \(conditions(part, place))"
        }
        return """
            \(selects.joined(separator: " UNION ALL ")) ORDER BY \(ordering.terms.joined(separator: ", "))
            LIMIT \(limit) OFFSET \(offset)
            """
    }

    /// How many runs a part has, counted no further than `most`.
    func count(_ part: Part, most: Int) -> SQL {
        """
        SELECT COUNT(*)
        FROM (SELECT 1 FROM \(source(part)) WHERE \(conditions(part, allPlaces(part))) LIMIT \(most)) AS found
        """
    }

    // MARK: From where

    private func source(_ part: Part) -> SQL {
        switch part {
        // CROSS JOIN: the index of the metric is walked, and each run looked up.
        case .number, .notNumber: "latest_metrics o CROSS JOIN runs r"
        case .everyRun, .among, .lacking: "runs r"
        }
    }

    /// Where the runs are: one condition for each walk that is merged.
    private func places(of part: Part, _ ordering: RunOrdering) -> [SQL] {
        let stages: SQL = "r.lifecycle_stage IN \(list: query.view.stages)"
        let walks: [SQL] =
            switch part {
            case .number:
                experiments.map { "o.experiment_id = \($0) AND \(stages)" }
            case .everyRun where ordering.isByStart, .lacking where ordering.isByStart:
                experiments.flatMap { experiment in
                    query.view.stages.map { "r.experiment_id = \(experiment) AND r.lifecycle_stage = \($0)" }
                }
            default: []
            }
        let isMerged = walks.count <= Self.maximumArms && walks.count * (query.filter.weight + 8) <= Self.maximumValues
        return isMerged && !walks.isEmpty ? walks : [allPlaces(part)]
    }

    private func allPlaces(_ part: Part) -> SQL {
        // The sign keeps engines from looking through whole experiments for runs that are known by name.
        let experiment: SQL =
            switch part {
            case .number, .notNumber: "o.experiment_id"
            case .among: "+r.experiment_id"
            case .everyRun, .lacking: "r.experiment_id"
            }
        return "\(experiment) IN \(list: experiments) AND r.lifecycle_stage IN \(list: query.view.stages)"
    }

    private func conditions(_ part: Part, _ place: SQL) -> SQL {
        let key = metric?.field.key ?? ""
        let filter = query.filter.sql { condition in
            switch part {
            case .number where condition.field.isLatest(of: key): condition.sql(on: "o.value")
            default: condition.runSQL
            }
        }
        let own: SQL =
            switch part {
            case .everyRun: place
            case .among(let ids): "\(place) AND r.run_id IN \(list: ids)"
            case .number: "\(place) AND o.key = \(key) AND o.is_nan = 0 AND r.run_id = o.run_id"
            case .notNumber: "\(place) AND o.key = \(key) AND o.is_nan = 1 AND r.run_id = o.run_id"
            case .lacking:
                """
                \(place) AND NOT
                \(SQL.exists("SELECT 1 FROM latest_metrics m WHERE m.run_id = r.run_id AND m.key = \(key)"))
                """
            }
        return "\(own) AND \(filter)"
    }
}

/// What a search of runs sorts by: columns that the SELECT has beside those of the run, and terms that name the place of a
/// column, as merged SELECTs need it.
private struct RunOrdering {
    private(set) var joins: [SQL] = []
    private(set) var columns: [SQL] = []
    private(set) var terms: [SQL] = []
    /// Whether the index of start times has the order.
    private(set) var isByStart = true

    private static let start = SearchField(.attribute, "start_time")
    private static let id = SearchField(.attribute, "run_id")

    init(_ orders: [SearchOrder], _ part: RunSelect.Part) {
        var rest = orders[...]
        switch part {
        case .everyRun, .among: break
        case .number:
            add("o.value", rest.removeFirst().direction)
        // Among these the metric decides nothing more.
        case .notNumber, .lacking: rest.removeFirst()
        }
        isByStart = rest.first.map { $0.field == Self.start } ?? true
        for order in rest { add(order) }
        let fields = rest.map(\.field)
        guard !fields.contains(Self.id) else { return }
        if !fields.contains(Self.start) { terms.append("6 DESC") }
        terms.append("1")
    }

    /// Rows without the key come last in both directions, metrics that are not a number just before them.
    private mutating func add(_ order: SearchOrder) {
        let field = order.field
        guard let table = field.entity.table else {
            // Only the end of a run may be missing.
            if field.key == "end_time" { add("CASE WHEN r.end_time IS NULL THEN 1 ELSE 0 END", "ASC") }
            return terms.append("\(Self.number(RunStore.place(field.key))) \(order.direction)")
        }
        // Each sorted key joins its table under a name of its own.
        let alias = SQL(stringLiteral: "o\(joins.count)")
        joins.append("LEFT JOIN \(table) \(alias) ON \(alias).run_id = r.run_id AND \(alias).key = \(field.key)")
        let value: SQL = "\(alias).\(field.column)"
        if field.isLatestMetric {
            add("CASE WHEN \(alias).is_nan = 0 THEN 0 WHEN \(alias).is_nan = 1 THEN 1 ELSE 2 END", "ASC")
        } else {
            add("CASE WHEN \(value) IS NULL THEN 1 ELSE 0 END", "ASC")
        }
        add(value, order.direction)
    }

    private mutating func add(_ column: SQL, _ direction: SQL) {
        columns.append(column)
        terms.append("\(Self.number(RunStore.columnCount + columns.count)) \(direction)")
    }

    private static func number(_ place: Int) -> SQL { SQL(stringLiteral: "\(place)") }
}
