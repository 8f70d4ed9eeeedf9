import NIOHTTP1
import OrderedCollections
import Wire

// Calls of experiments and runs.

extension RandomScript {
    mutating func experiment() -> String { recent(experiments, else: pick(["12345", "x", "0"])) }

    mutating func run() -> String { recent(runs, else: pick(["no-run", ""])) }

    private mutating func experimentName() -> String {
        chance(0.7) ? "e-\(number)" : pick(["e", "E", "é", "e\u{301}", "a%b", "日本", "", " ", "it's"])
    }

    mutating func experimentCall() {
        switch roll(experiments.count < 3 ? 1 : 14) {
        case 0:
            experiments.append(ScriptedCall.symbol(number))
            post(
                "experiments/create",
                [
                    "name": .string(experimentName()), "tags": maybe(0.5, tags()),
                    "artifact_location": maybe(
                        0.1, .string(pick(["s3://bucket/x", "mlflow-artifacts:/x", "runs:/x/y"]))),
                ], makes: ["experiment_id"])
        case 1: get("experiments/get", [("experiment_id", experiment())])
        case 2: get("experiments/get-by-name", [("experiment_name", experimentName())])
        case 3:
            post(
                "experiments/update",
                ["experiment_id": .string(experiment()), "new_name": .string(experimentName())])
        case 4: post("experiments/delete", ["experiment_id": .string(experiment())])
        case 5, 6: post("experiments/restore", ["experiment_id": .string(experiment())])
        case 7, 8:
            post(
                "experiments/set-experiment-tag",
                ["experiment_id": .string(experiment()), "key": .string(key()), "value": .string(text())])
        case 9:
            post(
                "experiments/delete-experiment-tag",
                ["experiment_id": .string(experiment()), "key": .string(key())])
        case 10:
            post(
                "/ajax-api/2.0/mlflow/experiments/search-datasets",
                ["experiment_ids": .strings(several(3) { $0.experiment() })])
        default:
            post(
                "experiments/search",
                [
                    "max_results": pick([1, 2, 3, 1000]), "filter": maybe(0.7, .string(filter(.experiments))),
                    "order_by": maybe(0.5, .strings(orders(.experiments))), "view_type": view(),
                ], isPaged: true)
        }
    }

    mutating func runCall() {
        switch roll(runs.count < 4 ? 4 : 20) {
        case ..<5:
            runs.append(ScriptedCall.symbol(number))
            post(
                "runs/create",
                [
                    "experiment_id": .string(experiment()),
                    "start_time": isPlain ? .integer(Int64(1000 + number)) : pick([0, 1, 2, 3, 3, 1_700_000_000_000]),
                    "run_name": isPlain ? .string("run \(number)") : maybe(0.7, .string(text())),
                    "user_id": maybe(0.5, .string(pick(["ann", "Ann", "bob"]))), "tags": maybe(0.6, tags()),
                ], makes: ["run", "info", "run_id"])
        case 5, 6:
            post(
                "runs/update",
                [
                    "run_id": .string(run()),
                    "status": maybe(0.7, pick(["FINISHED", "FAILED", "KILLED", "RUNNING", "SCHEDULED", "DONE", 3])),
                    "end_time": maybe(0.5, time()), "run_name": maybe(0.3, .string(text())),
                ])
        case ..<10: get("runs/get", [("run_id", run())])
        case 10: post("runs/delete", ["run_id": .string(run())])
        case 11: post("runs/restore", ["run_id": .string(run())])
        case 12, 13: history()
        case 14, 15: post("runs/delete-tag", ["run_id": .string(run()), "key": .string(key())])
        case 16:
            post(
                "runs/log-model",
                [
                    "run_id": .string(run()),
                    "model_json": .string(
                        #"{"artifact_path":"model","utc_time_created":"2024-01-01","flavors":{},"run_id":"x"}"#),
                ])
        case 17, 18:
            post(
                "runs/outputs",
                [
                    "run_id": .string(run()),
                    "models": .array(
                        (0...roll(2)).map { _ in
                            ["model_id": .string(recent(loggedModels, else: "m-none")), "step": step()]
                        }),
                ])
        default:
            post(
                "runs/log-inputs",
                [
                    "run_id": .string(run()), "datasets": .array(several(3) { $0.dataset() }),
                    "models": loggedModels.isEmpty
                        ? nil : maybe(0.2, [["model_id": .string(recent(loggedModels, else: "m-none"))]]),
                ])
        }
    }

    private mutating func dataset() -> JSON {
        [
            "dataset": .compact([
                "name": .string(pick(["rows", "Rows", "é"])), "digest": .string(pick(["d1", "d2", "D1"])),
                "source_type": "local", "source": .string(pick(["{}", "{\"a\":1}"])), "schema": maybe(0.3, "{}"),
                "profile": maybe(0.3, "{}"),
            ]),
            "tags": .array(
                chance(0.6)
                    ? [["key": "mlflow.data.context", "value": .string(pick(["training", "Training", "test"]))]] : []),
        ]
    }

    private mutating func history() {
        switch roll(4) {
        case 0:
            get(
                "/ajax-api/2.0/mlflow/metrics/get-history-bulk",
                (0...roll(2)).map { _ in ("run_id", run()) } + [
                    ("metric_key", key()), ("max_results", chance(0.5) ? pick(["1", "3", "100"]) : nil),
                ])
        case 1:
            let isRanged = chance(0.4)
            get(
                "metrics/get-history-bulk-interval",
                (0...roll(2)).map { _ in ("run_ids", run()) } + [
                    ("metric_key", key()), ("max_results", chance(0.7) ? pick(["1", "2", "3", "7"]) : nil),
                    ("start_step", isRanged ? pick(["0", "-1", "1"]) : nil),
                    ("end_step", isRanged ? pick(["1", "10", "9223372036854775807"]) : nil),
                ])
        default:
            get(
                "metrics/get-history",
                [
                    ("run_id", run()), ("metric_key", key()),
                    ("max_results", chance(0.5) ? pick(["1", "2", "5", "100"]) : nil),
                ], isPaged: true)
        }
    }

    mutating func logCall() {
        switch roll(8) {
        case 0, 1:
            let metric = metric().objectValue ?? [:]
            post(
                "runs/log-metric",
                [
                    "run_id": .string(run()), "key": metric["key"], "value": metric["value"],
                    "timestamp": metric["timestamp"], "step": metric["step"], "model_id": metric["model_id"],
                    "dataset_name": metric["dataset_name"], "dataset_digest": metric["dataset_digest"],
                ])
        case 2:
            post(
                "runs/log-parameter",
                ["run_id": .string(run()), "key": .string(key()), "value": maybe(0.95, .string(text()))])
        case 3:
            post(
                "runs/set-tag",
                [
                    "run_id": .string(run()), "key": .string(chance(0.1) ? "mlflow.runName" : key()),
                    "value": .string(text()),
                ])
        default:
            post(
                "runs/log-batch",
                [
                    "run_id": .string(run()), "metrics": maybe(0.9, .array(several(12) { $0.metric() })),
                    "params": maybe(0.5, .array(several(2) { $0.param() })), "tags": maybe(0.5, tags()),
                ])
        }
    }

    mutating func searchRuns() {
        post(
            "runs/search",
            [
                "experiment_ids": .strings(chance(0.5) ? experiments : several(3) { $0.experiment() }),
                "filter": maybe(0.8, .string(filter(.runs))), "order_by": maybe(0.6, .strings(orders(.runs))),
                "run_view_type": view(), "max_results": limit(),
            ], isPaged: true)
    }

    mutating func loggedModelCall() {
        let model = recent(loggedModels, else: "m-none")
        switch roll(loggedModels.count < 3 ? 1 : 12) {
        case 0, 1:
            loggedModels.append(ScriptedCall.symbol(number))
            post(
                "logged-models",
                [
                    "experiment_id": .string(experiment()),
                    "name": isPlain ? .string(pick(["net", "Net", "tree"])) : maybe(0.7, .string(text())),
                    "model_type": maybe(0.5, .string(pick(["xgb", "XGB", ""]))),
                    "source_run_id": runs.isEmpty ? nil : maybe(0.6, .string(run())),
                    "params": maybe(0.5, .array(several(3) { $0.param() })), "tags": maybe(0.5, tags()),
                ], makes: ["model", "info", "model_id"])
        case 2:
            post(
                "logged-models/\(model)/params",
                ["model_id": .string(model), "params": .array(several(2) { $0.param() })])
        case 3, 4: get("logged-models/\(model)", [("allow_deleted", chance(0.2) ? "true" : nil)])
        case 5:
            send(
                .PATCH, "logged-models/\(model)",
                [
                    "model_id": .string(model),
                    "status": pick(["LOGGED_MODEL_READY", "LOGGED_MODEL_UPLOAD_FAILED", "LOGGED_MODEL_PENDING", 2]
                    ),
                ])
        case 6: send(.PATCH, "logged-models/\(model)/tags", ["model_id": .string(model), "tags": tags()])
        case 7: send(.DELETE, "logged-models/\(model)/tags/\(pick(["m", "M", "loss", "order"]))", [:])
        case 8: send(.DELETE, "logged-models/\(model)", ["model_id": .string(model)])
        default: searchLoggedModels()
        }
    }

    private mutating func searchLoggedModels() {
        let order = several(2) { script -> JSON in
            .compact([
                "field_name": .string(script.order(.loggedModels)),
                "ascending": script.maybe(0.6, .bool(script.chance(0.5))),
                "dataset_name": script.maybe(0.2, "rows"), "dataset_digest": script.maybe(0.1, "d1"),
            ])
        }
        post(
            "logged-models/search",
            [
                "experiment_ids": .strings(chance(0.6) ? experiments : several(3) { $0.experiment() }),
                "filter": maybe(0.7, .string(filter(.loggedModels))), "order_by": maybe(0.6, .array(order)),
                "datasets": maybe(
                    0.2, [.compact(["dataset_name": "rows", "dataset_digest": .string(pick(["d1", "d2"]))])]),
                "max_results": limit(),
            ], isPaged: true)
    }
}
