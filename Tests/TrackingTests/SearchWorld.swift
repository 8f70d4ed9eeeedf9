import Database
import TestSupport
import Tracking
import Wire

/// Random runs in a database, and the same runs in memory, where filters and orderings are followed word by word.
struct SearchWorld {
    /// A run with all the points that it logged.
    struct Member {
        let run: Run
        let points: [Metric]
    }

    let members: [Member]
    let experiments: [ExperimentID]

    /// Three experiments, runs whose start times and values are often the same, with and without each key.
    init(runs count: Int, in fixture: TrackingFixture, random: inout RandomFilters) async throws {
        var experiments: [ExperimentID] = [.first]
        for name in ["two", "three"] {
            experiments.append(try await fixture.experiments.create(name: name, by: "ann"))
        }
        var members: [Member] = []
        for _ in 0..<count {
            members.append(try await Self.member(in: fixture, random.pick(experiments), &random))
        }
        self.experiments = experiments
        self.members = members
    }

    private static func member(
        in fixture: TrackingFixture, _ experiment: ExperimentID, _ random: inout RandomFilters
    ) async throws -> Member {
        let new = try NewRun(
            experimentID: experiment, userID: random.pick(["ann", "bob"]),
            startTime: Timestamp(milliseconds: random.pick([0, 1, 2, 3])),
            name: random.pick(["run-1", "run-2", "run-3"]))
        let id = try await fixture.runs.create(new, by: "ann").info.id
        var points: [Metric] = []
        for key in RandomFilters.metricKeys.dropLast() where random.pick([true, true, false]) {
            for _ in 0..<random.pick([1, 1, 2, 5]) {
                let value = random.pick(RandomFilters.numbers + [.nan, .nan])
                points.append(.at(random.pick([0, 1, 2]), value, key: key))
            }
        }
        let params = RandomFilters.paramKeys.dropLast().filter { _ in random.pick([true, true, false]) }
        let tags = RandomFilters.tagKeys.dropLast().filter { _ in random.pick([true, false]) }
        let batch = try RunBatch(
            metrics: points, params: params.map { Param(key: $0, value: random.pick(RandomFilters.texts)) },
            tags: tags.map { Tag(key: $0, value: random.pick(RandomFilters.texts)) })
        try await fixture.runs.log(batch, to: id, by: "ann")
        if random.pick([true, false]) {
            let input = DatasetInput(
                dataset: Dataset(name: "churn", digest: random.pick(["d1", "d2"]), sourceType: "local", source: "{}"),
                tags: random.pick([true, false]) ? [Tag(key: "mlflow.data.context", value: "training")] : [])
            try await fixture.runs.logInputs([input], models: [], to: id)
        }
        if random.pick([true, false]) {
            let end = Timestamp(milliseconds: random.pick([1, 2, 3]))
            _ = try await fixture.runs.update(id, RunUpdate(status: .finished, endTime: end), by: "ann")
        }
        if random.pick([true, false, false, false]) { try await fixture.runs.delete(id, by: "ann") }
        return Member(run: try await fixture.runs.run(id), points: points)
    }

    /// What the query must find, in its order, on all pages.
    func ids(_ query: RunQuery) -> [String] {
        members.filter { member in
            let info = member.run.info
            let isSeen = query.view == .all || (query.view == .activeOnly) == (info.stage == .active)
            return isSeen && query.experimentIDs.contains(info.experimentID) && member.satisfies(query.filter)
        }
        .sorted { $0.precedes($1, by: query.orders) }.map(\.run.info.id)
    }
}

// MARK: - Filters

extension SearchWorld.Member {
    func satisfies(_ filter: SearchFilter) -> Bool {
        switch filter {
        case .all(let filters): filters.allSatisfy(satisfies)
        case .any(let filters): filters.contains(where: satisfies)
        case .not(let filter): !satisfies(filter)
        case .condition(let condition): satisfies(condition)
        }
    }

    private func satisfies(_ condition: SearchFilter.Condition) -> Bool {
        let field = condition.field
        switch (condition.comparison, condition.operand) {
        case (.isNull, _): return texts(field).isEmpty
        case (.isNotNull, _): return !texts(field).isEmpty
        case (let comparison, .number(let other)):
            return number(field).map { Self.holds($0, comparison, other) } ?? false
        case (_, .range(let lower, let upper)): return number(field).map { $0 >= lower && $0 <= upper } ?? false
        case (.in, .list(let others)): return texts(field).contains(where: others.contains)
        case (.notIn, .list(let others)): return texts(field).contains { !others.contains($0) }
        case (.equal, .text(let other)): return texts(field).contains(other)
        case (.notEqual, .text(let other)): return texts(field).contains { $0 != other }
        case (.like, .text(let pattern)): return texts(field).contains { $0.isLike(pattern) }
        case (.ilike, .text(let pattern)):
            return texts(field).contains { $0.lowercased().isLike(pattern.lowercased()) }
        default: return false
        }
    }

    /// NaN is unequal to all and nothing else.
    private static func holds(_ value: Double, _ comparison: SearchFilter.Comparison, _ other: Double) -> Bool {
        switch comparison {
        case .equal: value == other
        case .notEqual: value != other
        case .greater: value > other
        case .greaterOrEqual: value >= other
        case .less: value < other
        default: value <= other
        }
    }

    /// The number of a field; nil when it is missing.
    fileprivate func number(_ field: SearchField) -> Double? {
        guard field.entity == .metric else {
            let time = field.key == "end_time" ? run.info.endTime : run.info.startTime
            return time.map { Double($0.milliseconds) }
        }
        let own = points.filter { $0.key == field.key }
        let numbers = own.filter { !$0.value.isNaN }
        switch field.aggregate {
        case .first: return numbers.min { Self.place($0) < Self.place($1) }?.value
        case .min: return numbers.map(\.value).min()
        case .max: return numbers.map(\.value).max()
        case nil, .last: return own.max { Self.place($0) < Self.place($1) }?.value
        }
    }

    /// Where a point stands in its history.
    private static func place(_ point: Metric) -> (Int64, Int64, Double) {
        (point.step, point.timestamp.milliseconds, point.value.isNaN ? 0 : point.value)
    }

    /// The texts of a field, one of which must satisfy; none when it is missing.
    fileprivate func texts(_ field: SearchField) -> [String] {
        let inputs = run.datasetInputs
        switch (field.entity, field.key) {
        case (.param, let key): return run.params.filter { $0.key == key }.map(\.value)
        case (.tag, let key): return run.tags.filter { $0.key == key }.map(\.value)
        case (.dataset, "name"): return inputs.map(\.dataset.name)
        case (.dataset, "digest"): return inputs.map(\.dataset.digest)
        case (.dataset, _): return inputs.compactMap(\.context)
        case (_, "run_name"): return [run.info.name]
        case (_, "status"): return [run.info.status.rawValue]
        case (_, "run_id"): return [run.info.id]
        default: return [run.info.userID]
        }
    }
}

extension String {
    fileprivate func isLike(_ pattern: String) -> Bool {
        guard let first = pattern.first else { return isEmpty }
        let rest = String(pattern.dropFirst())
        switch first {
        case "%": return indices.contains { String(self[$0...]).isLike(rest) } || "".isLike(rest)
        case "_": return !isEmpty && String(dropFirst()).isLike(rest)
        default: return self.first == first && String(dropFirst()).isLike(rest)
        }
    }
}

// MARK: - Orderings

extension SearchWorld.Member {
    func precedes(_ other: Self, by orders: [SearchOrder]) -> Bool {
        for order in orders {
            let (mine, others) = (rank(order.field), other.rank(order.field))
            if mine.group != others.group { return mine.group < others.group }
            if mine.number != others.number { return (mine.number < others.number) == order.isAscending }
            if mine.text != others.text { return (mine.text < others.text) == order.isAscending }
        }
        let (mine, others) = (run.info, other.run.info)
        return mine.startTime == others.startTime ? mine.id < others.id : mine.startTime > others.startTime
    }

    /// Values come first, in both directions, then NaN, then what is missing.
    private func rank(_ field: SearchField) -> (group: Int, number: Double, text: String) {
        let isNumber = field.entity == .metric || field.key == "start_time" || field.key == "end_time"
        guard isNumber else { return texts(field).first.map { (0, 0, $0) } ?? (2, 0, "") }
        guard let number = number(field) else { return (2, 0, "") }
        return number.isNaN ? (1, 0, "") : (0, number, "")
    }
}
