import Database
import Events
import TestSupport
import Testing
import Tracking
import Wire

@Suite(.everyEngine, .timeLimit(.minutes(5))) struct KeyStoreTests {
    private func keys(
        _ fixture: TrackingFixture, _ words: [String] = [], in experiment: ExperimentID = .first
    ) async throws -> [String] {
        try await fixture.runs.keys.columns(of: experiment, containing: words, limit: 100).elements.map(\.text)
    }

    @Test func notesWhatRunsLog() async throws {
        let fixture = try await TrackingFixture()
        let other = try await fixture.experiments.create(name: "other", by: "ann")
        let run = try await fixture.run("a", tags: [Tag(key: "team", value: "red")])
        try await fixture.runs.log(
            RunBatch(
                metrics: [.at(0, 1, key: "auc"), .at(1, 2, key: "auc")], params: [Param(key: "depth", value: "3")],
                tags: [Tag(key: "note", value: "x")]), to: run, by: "ann")
        _ = try await fixture.run("b", in: other)
        #expect(
            try await keys(fixture) == [
                "metrics.auc", "params.depth", "tags.mlflow.runName", "tags.note", "tags.team",
            ])
        #expect(try await keys(fixture, in: other) == ["tags.mlflow.runName"])
    }

    @Test func writesNothingForWhatIsKnown() async throws {
        let fixture = try await TrackingFixture()
        let first = try await fixture.run("a")
        let second = try await fixture.run("b")
        let batch = try RunBatch(
            metrics: [.at(0, 1, key: "auc")], params: [Param(key: "depth", value: "3")],
            tags: [Tag(key: "team", value: "red")])
        try await fixture.runs.log(batch, to: first, by: "ann")
        try await fixture.database.write { try $0.execute("DELETE FROM experiment_keys") }
        try await fixture.runs.log(batch, to: second, by: "ann")
        #expect(try await keys(fixture).isEmpty)
    }

    @Test func whatWasRolledBackIsNotKnown() async throws {
        let fixture = try await TrackingFixture()
        let run = try await fixture.run("a")
        try await fixture.runs.log(RunBatch(params: [Param(key: "depth", value: "3")]), to: run, by: "ann")
        await #expect(throws: TrackingError.self) {
            try await fixture.runs.log(
                RunBatch(metrics: [.at(0, 1, key: "auc", model: "nosuch")], params: [Param(key: "width", value: "1")]),
                to: run, by: "ann")
        }
        #expect(try await keys(fixture, ["width"]).isEmpty)
        try await fixture.runs.log(
            RunBatch(metrics: [.at(0, 1, key: "auc")], params: [Param(key: "width", value: "1")]), to: run, by: "ann")
        #expect(try await keys(fixture, ["width"]) == ["params.width"])
        #expect(try await keys(fixture, ["auc"]) == ["metrics.auc"])
    }

    @Test func findsKeysByTheirWords() async throws {
        let fixture = try await TrackingFixture()
        let run = try await fixture.run("a")
        try await fixture.runs.log(
            RunBatch(
                metrics: ["val_AUC", "train_auc", "a%b", "a_b", "Änderung"].map {
                    .at(0, 1, key: $0.replacing("%", with: "/"))
                }),
            to: run, by: "ann")
        #expect(try await keys(fixture, ["auc"]) == ["metrics.train_auc", "metrics.val_AUC"])
        #expect(try await keys(fixture, ["VAL", "auc"]) == ["metrics.val_AUC"])
        #expect(try await keys(fixture, ["_b"]) == ["metrics.a_b"])
        #expect(try await keys(fixture, ["%"]).isEmpty)
        #expect(try await keys(fixture, ["Änd"]) == ["metrics.`Änderung`"])
    }

    @Test func isFilledWithWhatIsThere() async throws {
        let home = try await TestDatabase()
        let database = try home.open()
        let all = EventSchema.migrations + TrackingSchema.migrations(now: TrackingFixture.start)
        let before = all.filter { $0.id != "tracking-007-keys" }
        try await database.migrate(before)
        try await database.write { transaction in
            for (run, experiment) in [("r1", 0), ("r2", 0), ("r3", 7)] {
                try transaction.execute(
                    """
                    INSERT INTO runs (run_id, experiment_id, run_name, user_id, status, start_time, artifact_uri,
                        lifecycle_stage)
                    VALUES (\(run), \(experiment), 'a', '', 'RUNNING', 0, '', 'active')
                    """)
                try transaction.execute(
                    """
                    INSERT INTO latest_metrics (run_id, experiment_id, key, timestamp, step, value, is_nan)
                    VALUES (\(run), \(experiment), 'auc', 0, 0, 1, 0)
                    """)
                try transaction.execute("INSERT INTO params (run_id, key, value) VALUES (\(run), \("p\(run)"), '1')")
                try transaction.execute("INSERT INTO run_tags (run_id, key, value) VALUES (\(run), 'team', 'x')")
            }
            // What a purge has not come to yet.
            try transaction.execute("INSERT INTO params (run_id, key, value) VALUES ('gone', 'lost', '1')")
        }
        try await database.migrate(all)
        let store = KeyStore(database: database)
        let columns = try await store.columns(of: .first, containing: [], limit: 9).elements.map(\.text)
        #expect(columns == ["metrics.auc", "params.pr1", "params.pr2", "tags.team"])
        let others = try await store.columns(of: ExperimentID(7), containing: [], limit: 9).elements.map(\.text)
        #expect(others == ["metrics.auc", "params.pr3", "tags.team"])
    }

    @Test func isPagedThroughWithAttributesFirst() async throws {
        try await TrackingFixture.serve { fixture, server in
            let run = try await fixture.run("a")
            try await fixture.runs.log(
                RunBatch(metrics: (0..<30).map { .at(0, 1, key: "m\($0 + 10)") }), to: run, by: "ann")
            for limit in [1, 5, 7, 8, 50] {
                var names: [String] = []
                var token = ""
                repeat {
                    let page = try await server.get("/api/v1/experiments/0/columns?limit=\(limit)\(token)").json
                    names += page["columns"]?.arrayValue?.compactMap { $0["column"]?.stringValue } ?? []
                    token = page["next_page_token"]?.stringValue.map { "&page_token=\($0)" } ?? ""
                } while !token.isEmpty
                #expect(
                    names == RunColumn.attributes.map { "attributes.\($0)" } + (10..<40).map { "metrics.m\($0)" }
                        + ["tags.mlflow.runName"], "\(limit)")
            }
            let metrics = try await server.get("/api/v1/experiments/0/columns?kind=metric&q=1%20M&limit=3").json
            #expect(
                metrics["columns"]?.arrayValue?.first == [
                    "column": "metrics.m10", "kind": "metric", "key": "m10",
                    "modes": ["last", "best", "min", "max", "first"],
                ])
            #expect(try await server.get("/api/v1/experiments/0/columns?kind=model").status == 400)
        }
    }
}
