import Database
import TestSupport
import Testing
import Tracking
import Wire

/// The table of runs beside what searches and runs themselves say.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct RunTableTests {
    private static let everything = [RunColumn](
        RunColumn.attributes.map { RunColumn(.attribute, $0) }
            + RandomFilters.metricKeys.flatMap { key in RunColumn.Mode.allCases.map { RunColumn(.metric, key, $0) } }
            + RandomFilters.paramKeys.map { RunColumn(.param, $0) } + RandomFilters.tagKeys.map { RunColumn(.tag, $0) })

    @Test func cellsAreWhatSearchesAndHistoriesSay() async throws {
        var random = RandomFilters(seed: 11)
        let fixture = try await TrackingFixture()
        let world = try await SearchWorld(runs: 60, in: fixture, random: &random)
        for _ in 0..<60 {
            var query = RunQuery(experimentIDs: [random.pick(world.experiments)])
            query.filter = random.pick([.everything, random.filter(depth: 1)])
            query.orders = random.orders()
            (query.limit, query.offset) = (random.pick([3, 100]), random.pick([0, 2]))
            var wanted = RunTableQuery(query)
            wanted.columns = Self.everything.filter { _ in random.pick([true, false]) }
            let found = try await fixture.runs.search(query)
            let table = try await fixture.runs.table(wanted)
            #expect(table.runs == found.elements.map(\.info))
            #expect(table.next == found.next)
            #expect(table.columns == wanted.columns)
            for (column, cells) in zip(table.columns, table.cells) {
                let expected = found.elements.map { run in
                    let member = world.members.first { $0.run.info.id == run.info.id }
                    return Self.expected(column, of: run, member?.points ?? [])
                }
                #expect("\(cells)" == "\(expected)", "\(column.text)")
            }
        }
    }

    private static func expected(_ column: RunColumn, of run: Run, _ points: [Metric]) -> RunCell {
        let info = run.info
        func text(_ value: String?) -> RunCell { value.map { .text($0, isCut: false) } ?? .missing }
        switch (column.entity, column.key) {
        case (.param, let key): return text(run.params.first { $0.key == key }?.value)
        case (.tag, let key): return text(run.tag(key))
        case (.metric, let key):
            guard column.mode != .last else {
                return run.metrics.first { $0.key == key }.map { .number($0.value) } ?? .missing
            }
            let history = points.filter { $0.key == key && !$0.value.isNaN }
            let first = history.min { ($0.step, $0.timestamp, $0.value) < ($1.step, $1.timestamp, $1.value) }
            let values = history.map(\.value)
            let isLeast = column.mode == .min || column.mode == .best && key == "val loss"
            let value = column.mode == .first ? first?.value : isLeast ? values.min() : values.max()
            return value.map { .number($0) } ?? .missing
        case (_, "status"): return text(info.status.rawValue)
        case (_, "start_time"): return .moment(info.startTime)
        case (_, "end_time"): return info.endTime.map { .moment($0) } ?? .missing
        case (_, "duration_ms"):
            return info.endTime.map { .number(Double($0.milliseconds - info.startTime.milliseconds)) } ?? .missing
        case (_, "user_id"): return text(info.userID)
        case (_, "run_id"): return text(info.id)
        default: return text(info.artifactURI)
        }
    }

    @Test func columnsAreReadBackAsTheyWereWritten() throws {
        let columns =
            Self.everything + [RunColumn(.param, "it's"), RunColumn(.tag, "a/b:c-d"), RunColumn(.metric, "a.b.")]
        #expect(try SearchGrammar.columns(columns.map(\.text).joined(separator: ", ")) == columns)
    }

    @Test(arguments: [
        ("metrics.auc, , params.x", "columns", 14), ("metrics.auc,", "columns", 12),
        ("metrics.auc params.x", "columns", 13),
        ("status, dataset.name", "columns", 9), ("params.x, nope", "columns", 11),
        ("params.x, tags.y, params.x", "columns", 19),
        ("metrics.auc", "group_by", 1), ("tags.a, start_time", "group_by", 9),
        ("tags.a, tags.b, tags.c, tags.d", "group_by", 25), ("metrics.auc DESC, metrics.auc", "order_by", 19),
        ("metrics.auc UP", "order_by", 13),
    ])
    func saysWhereAListIsWrong(_ text: String, _ subject: String, _ position: Int) throws {
        let problem = #expect(throws: FilterProblem.self) {
            switch subject {
            case "columns": _ = try SearchGrammar.columns(text)
            case "group_by": _ = try SearchGrammar.groups(text)
            default: _ = try SearchGrammar.runs.orders(inList: text)
            }
        }
        #expect(problem?.position == position)
        #expect(problem?.subject == subject)
    }

    @Test func choosesWhatTheFirstRunsHaveMostOften() async throws {
        let fixture = try await TrackingFixture()
        for number in 0..<25 {
            let run = try await fixture.run("run \(number)", startMs: Int64(number))
            // The five oldest are not looked at.
            let keys = number < 5 ? ["old"] : ["auc"] + (number.isMultiple(of: 2) ? ["loss"] : []) + ["system/cpu"]
            try await fixture.runs.log(
                RunBatch(metrics: keys.map { .at(0, 1, key: $0) }, params: [Param(key: "depth", value: "3")]), to: run,
                by: "ann")
        }
        var wanted = RunTableQuery(RunQuery(experimentIDs: [.first]))
        let table = try await fixture.runs.table(wanted)
        #expect(
            table.columns.map(\.text) == [
                "attributes.status", "attributes.start_time", "attributes.duration_ms", "metrics.auc", "metrics.loss",
                "params.depth",
            ])
        wanted.query.orders = try SearchGrammar.runs.orders(inList: "best(metrics.old)")
        #expect(try await fixture.runs.table(wanted).columns.map(\.text).contains("max(metrics.old)"))
    }

    @Test func showsOnlyWhereRunsDiffer() async throws {
        let fixture = try await TrackingFixture()
        for number in 0..<3 {
            let run = try await fixture.run("run \(number)", tags: [Tag(key: "team", value: "red")])
            try await fixture.runs.log(
                RunBatch(
                    metrics: [.at(0, .nan, key: "nan"), .at(0, Double(number), key: "auc")],
                    params: [Param(key: "depth", value: number == 2 ? "4" : "3"), Param(key: "same", value: "1")]
                        + (number == 0 ? [Param(key: "rare", value: "1")] : [])), to: run, by: "ann")
        }
        var wanted = RunTableQuery(RunQuery(experimentIDs: [.first]))
        wanted.isDiffering = true
        let chosen = ["params.depth", "params.rare", "metrics.auc"]
        #expect(try await fixture.runs.table(wanted).columns.map(\.text) == chosen)
        wanted.columns = try SearchGrammar.columns("params.same, metrics.nan, params.depth")
        let table = try await fixture.runs.table(wanted)
        #expect(table.columns.map(\.text) == ["params.depth"])
        #expect(table.cells.count == 1)
    }

    /// However many params there are, metrics are looked at, and what is left out is told of.
    @Test func differencesAreSoughtAmongAllKinds() async throws {
        let fixture = try await TrackingFixture()
        for number in 0..<2 {
            let run = try await fixture.run("run \(number)")
            for part in 0..<5 {
                let params = (0..<50).map { Param(key: "p\(1000 + 50 * part + $0)", value: "same") }
                try await fixture.runs.log(RunBatch(params: params), to: run, by: "ann")
            }
            try await fixture.runs.log(
                RunBatch(metrics: [.at(0, Double(number), key: "auc")], tags: [Tag(key: "z", value: "\(number)")]),
                to: run, by: "ann")
        }
        var wanted = RunTableQuery(RunQuery(experimentIDs: [.first]))
        wanted.isDiffering = true
        let table = try await fixture.runs.table(wanted)
        #expect(table.columns.map(\.text) == ["metrics.auc", "tags.z"])
        #expect(table.isMoreDiffering)
        wanted.columns = try SearchGrammar.columns("metrics.auc, params.p1001")
        #expect(try await !fixture.runs.table(wanted).isMoreDiffering)
        let page = try await RunTableTests.page("/experiments/0?differing=1", of: fixture)
        #expect(page.contains("The runs may differ in more"))
        #expect(try await !RunTableTests.page("/experiments/0", of: fixture).contains("The runs may differ in more"))
    }

    /// Pages read how texts begin.
    @Test func textsThatDifferLateDiffer() async throws {
        let fixture = try await TrackingFixture()
        for number in 0..<2 {
            let prompt = String(repeating: "x", count: 400)
            let tags = [Tag(key: "prompt", value: prompt + "\(number)"), Tag(key: "same", value: "1")]
            _ = try await fixture.run("run \(number)", tags: tags)
        }
        let page = try await RunTableTests.page("/experiments/0?differing=1", of: fixture)
        #expect(page.contains("data-columns=\"tags.prompt\"") && !page.contains("The runs may differ in more"))
    }

    private static func page(_ path: String, of fixture: TrackingFixture) async throws -> String {
        var page = ""
        try await LiveServer.run(fixture.routes) { server in
            page = try await server.get(path).text
        }
        return page
    }

    @Test func pinnedRunsComeFirstWhateverTheFilter() async throws {
        let fixture = try await TrackingFixture()
        let first = try await fixture.run("first")
        let second = try await fixture.run("second", startMs: 1)
        let gone = try await fixture.run("gone")
        try await fixture.runs.delete(gone, by: "ann")
        let other = try await fixture.experiments.create(name: "other", by: "ann")
        let foreign = try await fixture.run("foreign", in: other)
        var wanted = RunTableQuery(RunQuery(experimentIDs: [.first]))
        wanted.query.filter = try SearchGrammar.runs.filter("run_name = 'second'")
        wanted.pins = [first, gone, foreign, "nosuch"]
        let table = try await fixture.runs.table(wanted)
        #expect(table.pinned.map(\.id) == [first])
        #expect(table.runs.map(\.id) == [second])
    }

    @Test func keysOfRunsAreLookedUpOneByOne() async throws {
        let fixture = try await TrackingFixture()
        guard TestEngine.current == .sqlite else { return }
        for (table, index) in [
            ("latest_metrics", "sqlite_autoindex_latest_metrics_1"), ("params", "sqlite_autoindex_params_1"),
            ("run_tags", "sqlite_autoindex_run_tags_1"),
        ] {
            let plan = try await fixture.database.read { reader in
                try reader.rows(
                    """
                    EXPLAIN QUERY PLAN SELECT run_id, key, value FROM \(SQL(stringLiteral: table))
                    WHERE run_id IN \(list: ["a", "b", "c", "d"]) AND key IN \(list: ["x", "y"])
                    """
                ).map { try $0.get(3, as: String.self) }
            }
            #expect(plan.contains { $0.contains("\(index) (run_id=? AND key=?)") }, "\(plan)")
        }
    }
}
