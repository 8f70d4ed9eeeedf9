import NIOHTTP1
import TestSupport
import Testing
import Tracking
import Web
import Wire

/// Five runs with what searches look at, and a deleted one.
@Suite(.everyEngine, .timeLimit(.minutes(5))) struct RunSearchTests {
    private func search(
        _ body: (_ names: (JSON) async throws -> [String], TrackingFixture, LiveServer) async throws -> Void
    ) async throws {
        try await TrackingFixture.serve { fixture, server in
            let runs: [(name: String, auc: Double?, depth: String?, kind: String?)] = [
                ("a", 0.5, "10", "tree"), ("b", 0.75, "9", "Tree"), ("c", .nan, "9", nil), ("d", nil, nil, "linear"),
                ("e", 0.75, "10", nil),
            ]
            for (place, run) in runs.enumerated() {
                let id = try await fixture.run(run.name, startMs: Int64(place) * 10)
                let batch = try RunBatch(
                    metrics: run.auc.map { [.at(1, 0.1, key: "auc"), .at(2, $0, key: "auc")] } ?? [],
                    params: run.depth.map { [Param(key: "depth", value: $0)] } ?? [],
                    tags: run.kind.map { [Tag(key: "kind", value: $0)] } ?? [])
                try await fixture.runs.log(batch, to: id, by: "ann")
            }
            try await fixture.runs.delete(try await fixture.run("gone"), by: "ann")
            func names(_ query: JSON) async throws -> [String] {
                let found =
                    try await server.mlflow("runs/search", query.with("experiment_ids", ["0"]))["runs"]?.arrayValue
                    ?? []
                return found.compactMap { $0["info"]?["run_name"]?.stringValue }
            }
            try await body(names, fixture, server)
        }
    }

    @Test func theLatestStartComesFirstAndDeletedRunsOnlyWhenAskedFor() async throws {
        try await search { (names, _, server) async throws in
            #expect(try await names([:]) == ["e", "d", "c", "b", "a"])
            #expect(try await names(["run_view_type": "DELETED_ONLY"]) == ["gone"])
            #expect(try await names(["run_view_type": "ALL"]).count == 6)
            #expect(try await names(["experiment_ids": []]) == [])
            #expect(try await names(["experiment_ids": ["77", "0"]]).count == 5)
            #expect(try await server.mlflow("runs/search", [:]) == [:])
        }
    }

    @Test func filtersMeanWhatTheySay() async throws {
        let expected: [(filter: String, names: String)] = [
            ("metrics.auc >= 0.5", "eba"), ("metrics.auc < 0.5", ""), ("metrics.auc != 0.75", "ca"),
            ("metrics.auc = 0.75 AND params.depth = '10'", "e"), ("params.depth != '10'", "cb"),
            ("params.depth LIKE '1%'", "ea"), ("params.depth IS NULL", "d"), ("params.depth IS NOT NULL", "ecba"),
            ("tags.kind LIKE 'T%'", "b"), ("tags.kind ILIKE 't%'", "ba"), ("tags.kind = 'tree'", "a"),
            ("attributes.run_name = 'c'", "c"), ("run_name LIKE '%'", "edcba"), ("start_time >= 30", "ed"),
            ("created < 10", "a"), ("status = 'RUNNING'", "edcba"), ("status = 'running'", ""),
            ("user_id = 'ann' AND metrics.auc > 0.6 AND tags.kind = 'Tree'", "b"),
            ("tags.`kind` = \"linear\"", "d"), ("params.\"depth\" = '9' and metrics.auc > 0", "b"),
            ("dataset.name = 'x'", ""), ("metrics.`other` != 1", ""),
        ]
        try await search { (names, _, _) async throws in
            for (filter, wanted) in expected {
                #expect(try await names(["filter": .string(filter)]).joined() == wanted, "\(filter)")
            }
        }
    }

    @Test func filtersMeanMoreThanMLflowsHave() async throws {
        let expected: [(filter: String, names: String)] = [
            ("metrics.auc < 0.6 OR tags.kind = 'linear'", "da"), ("params.depth IN ('9', '11')", "cb"),
            ("params.depth NOT IN ('9')", "ea"), ("status IN ('RUNNING') AND run_name NOT IN ('a', 'b')", "edc"),
            ("metrics.auc BETWEEN 0.5 AND 0.6", "a"), ("start_time BETWEEN 10 AND 30", "dcb"),
            // A comparison with what is missing is false, and NOT of it true.
            ("NOT params.depth = '10'", "dcb"), ("NOT metrics.auc > 0.6", "dca"), ("NOT end_time > 0", "edcba"),
            ("NOT (params.depth = '10' OR tags.kind = 'linear')", "cb"),
            ("NOT params.depth = '10' AND metrics.auc > 0.6", "b"),
            // The histories are 0.1 and then the latest value; NaN is left out.
            ("min(metrics.auc) = 0.1", "ecba"), ("max(metrics.auc) > 0.6", "eb"), ("first(metrics.auc) > 0.1", ""),
            ("best(metrics.auc) = 0.1", "c"), ("last(metrics.auc) != 0.75", "ca"),
        ]
        try await search { (names, _, _) async throws in
            for (filter, wanted) in expected {
                #expect(try await names(["filter": .string(filter)]).joined() == wanted, "\(filter)")
            }
            #expect(try await names(["order_by": ["max(metrics.auc) DESC", "run_name"]]).joined() == "beacd")
            #expect(try await names(["order_by": ["first(metrics.auc)", "run_name DESC"]]).joined() == "ecbad")
        }
    }

    @Test func whatLacksTheSortedKeyComesLastInBothDirections() async throws {
        let expected: [(order: String, names: String)] = [
            ("metrics.auc ASC", "aebcd"), ("metrics.auc DESC", "ebacd"), ("metric.`auc` desc", "ebacd"),
            ("params.depth", "eacbd"), ("params.depth DESC", "cbead"), ("tags.kind", "bdaec"),
            ("attributes.start_time", "abcde"), ("created ASC", "abcde"), ("attribute.run_name DESC", "edcba"),
        ]
        try await search { (names, _, _) async throws in
            for (order, wanted) in expected {
                #expect(try await names(["order_by": [.string(order)]]).joined() == wanted, "\(order)")
            }
            #expect(try await names(["order_by": ["metrics.auc DESC", "start_time"]]).joined() == "beacd")
        }
    }

    @Test func pagesFollowOneAnother() async throws {
        try await search { _, _, server in
            var seen: [String] = []
            let query: JSON = ["experiment_ids": ["0"], "max_results": 2, "order_by": ["params.depth"]]
            var token: JSON?
            var sizes: [Int] = []
            repeat {
                let page = try await server.mlflow("runs/search", token.map { query.with("page_token", $0) } ?? query)
                let names = (page["runs"]?.arrayValue ?? []).compactMap { $0["info"]?["run_name"]?.stringValue }
                seen += names
                sizes.append(names.count)
                token = page["next_page_token"]
            } while token != nil
            #expect(seen.joined() == "eacbd")
            #expect(sizes == [2, 2, 1])
            let whole = try await server.mlflow("runs/search", ["experiment_ids": ["0"], "max_results": 5])
            #expect(whole["next_page_token"] == nil, "A full last page is the last one.")
        }
    }

    @Test(
        arguments: [
            ["filter": "metrics.auc > 'x'"], ["filter": "metrics.auc > 1 OR"], ["filter": "auc > 1"],
            ["filter": "params.depth > 1"], ["order_by": ["metrics.auc NULLS LAST"]], ["order_by": ["nothing"]],
            ["order_by": ["metrics.auc", "metrics.auc DESC"]],
            ["max_results": 0], ["max_results": 50_001], ["page_token": "x"], ["experiment_ids": ["x"]],
        ] as [JSON])
    func refusesWithAPlaceToLookAt(query: JSON) async throws {
        try await TrackingFixture.serve { _, server in
            let answer = try await server.mlflow(.POST, "runs/search", query.with("experiment_ids", ["0"]))
            #expect(answer.verdict == "400 INVALID_PARAMETER_VALUE")
            #expect(!answer.message.isEmpty)
        }
    }

    @Test func runsAreFoundByTheirDatasets() async throws {
        try await search { names, fixture, _ in
            for (name, context) in [("one", "training"), ("two", "eval")] {
                let input = DatasetInput(
                    dataset: Dataset(name: name, digest: "d-\(name)", sourceType: "local", source: "{}"),
                    tags: [Tag(key: "mlflow.data.context", value: context)])
                try await fixture.runs.logInputs(
                    [input], models: [], to: try await fixture.run("with-\(name)", startMs: 100))
            }
            #expect(try await names(["filter": "dataset.name = 'one'"]) == ["with-one"])
            #expect(try await names(["filter": "datasets.digest IN ('d-two', 'x')"]) == ["with-two"])
            #expect(try await names(["filter": "dataset.context = 'eval'"]) == ["with-two"])
            #expect(try await names(["filter": "dataset.name = 'one' AND dataset.context = 'eval'"]) == [])
        }
    }
}
