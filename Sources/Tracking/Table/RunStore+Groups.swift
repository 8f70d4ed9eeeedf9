import Database
import Wire

extension RunStore {
    /// The runs of a view put together. The latest 10,000 are looked at, never more.
    package func groups(_ wanted: RunTableQuery) async throws -> RunGroups {
        try await database.read { reader in
            var query = wanted.query
            (query.orders, query.limit, query.offset) = ([], RunGroups.mostRuns, 0)
            let page = Page(
                rows: try Self.infos(query, few: Self.fewRuns, in: reader), limit: query.limit, offset: 0)
            let columns = try wanted.columns ?? Self.defaultMeasures(of: page.elements, in: reader)
            let measures = Array(columns.filter { $0.entity == .metric }.prefix(RunGroups.mostMeasures))
            var tally = GroupTally(measures: measures.count)
            var rest = page.elements[...]
            while !rest.isEmpty {
                let portion = Array(rest.prefix(512))
                let cells = try Self.cells(of: portion, wanted.groups + measures, longest: nil, in: reader)
                for run in portion.indices { tally.add(cells.map { $0[run] }, keys: wanted.groups.count) }
                rest = rest.dropFirst(512)
            }
            return RunGroups(
                columns: wanted.groups, measures: measures,
                groups: Array(tally.sorted(by: wanted.query.orders, measures).prefix(RunGroups.mostGroups)),
                looked: page.elements.count, isMore: page.next != nil, groupCount: tally.groups.count)
        }
    }

    private static func defaultMeasures(of runs: [RunInfo], in reader: Reader) throws -> [RunColumn] {
        try frequent(.metric, of: runs.prefix(20).map(\.id), limit: RunGroups.mostMeasures, in: reader)
    }
}

/// Groups while runs are added to them.
private struct GroupTally {
    private(set) var groups: [RunGroups.Group] = []
    private var places: [[RunCell]: Int] = [:]
    private let measures: Int

    init(measures: Int) {
        self.measures = measures
    }

    /// - Parameters:
    ///   - cells: of a run: what it is put together by, then its metrics.
    ///   - keys: how many of them are the former.
    mutating func add(_ cells: [RunCell], keys: Int) {
        let values = Array(cells.prefix(keys))
        let place = places[values] ?? groups.count
        if place == groups.count {
            places[values] = place
            groups.append(
                RunGroups.Group(values: values, spreads: Array(repeating: Spread(), count: measures)))
        }
        groups[place].count += 1
        for (measure, cell) in cells.dropFirst(keys).enumerated() {
            if case .number(let number) = cell { groups[place].spreads[measure].add(number) }
        }
    }

    /// By the mean of the measure that the view sorts by first, those without one last; else the largest first.
    func sorted(by orders: [SearchOrder], _ measures: [RunColumn]) -> [RunGroups.Group] {
        let order = orders.first { order in measures.contains { $0.field == order.field } }
        guard let order, let measure = measures.firstIndex(where: { $0.field == order.field }) else {
            return groups.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }
                .map(\.element)
        }
        return groups.sorted { left, right in
            let (mine, others) = (left.spreads[measure], right.spreads[measure])
            guard mine.count > 0, others.count > 0 else { return mine.count > others.count }
            return order.isAscending ? mine.mean < others.mean : mine.mean > others.mean
        }
    }
}
