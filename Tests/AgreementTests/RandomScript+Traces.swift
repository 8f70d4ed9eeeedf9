import NIOHTTP1
import Wire

// Calls of traces, assessments, evaluation datasets and the trash.

extension RandomScript {
    private static let traceIDs = (1...9).map { "tr-0000000000000000000000000000000\($0)" }

    private mutating func trace() -> String { chance(0.03) ? "tr-none" : pick(Self.traceIDs) }

    mutating func traceCall() {
        switch roll(15) {
        case ..<3: saveTrace()
        case ..<5: export()
        case 5: get("/api/3.0/mlflow/traces/\(trace())")
        case 6:
            get(
                "/api/3.0/mlflow/traces/get",
                [("trace_id", trace()), ("allow_partial", chance(0.5) ? pick(["true", "false"]) : nil)])
        case 7:
            post(
                "/api/3.0/mlflow/traces/batchGetInfos", ["trace_ids": .strings(Self.traceIDs.shuffled(using: &random))])
        case 8:
            send(.PATCH, "traces/\(trace())/tags", ["key": .string(key()), "value": .string(text())])
        case 9: send(.DELETE, "traces/\(trace())/tags", ["key": .string(key())])
        case 10 where chance(0.3):
            post(
                "traces/delete-traces",
                chance(0.5)
                    ? ["experiment_id": .string(experiment()), "request_ids": .strings(several(2) { $0.trace() })]
                    : ["experiment_id": .string(experiment()), "max_timestamp_millis": 2000, "max_traces": limit()])
        case 10: post("traces/link-to-run", ["trace_ids": .strings([trace()]), "run_id": .string(run())])
        case 11, 12: assessmentCall()
        default:
            post(
                "/api/3.0/mlflow/traces/search",
                [
                    "locations": .array(experiments.map(Self.location)),
                    "filter": maybe(0.8, .string(filter(.traces))), "order_by": maybe(0.5, .strings(orders(.traces))),
                    "max_results": limit(),
                ], isPaged: true)
        }
    }

    private static func location(_ experiment: String) -> JSON {
        ["type": "MLFLOW_EXPERIMENT", "mlflow_experiment": ["experiment_id": .string(experiment)]]
    }

    private mutating func texts() -> JSON {
        .members(several(3) { script in (script.key(), .string(script.text())) })
    }

    private mutating func saveTrace() {
        let info = JSON.compact([
            "trace_id": .string(trace()), "client_request_id": maybe(0.3, .string(pick(["c1", "C1", "c2"]))),
            "trace_location": Self.location(experiment()), "request_preview": maybe(0.5, .string(text())),
            "response_preview": maybe(0.5, .string(text())),
            "request_time": maybe(
                0.9, pick(["1970-01-01T00:00:01Z", "1970-01-01T00:00:01.500Z", "2024-01-01T00:00:00Z", "x"])),
            "execution_duration": maybe(0.7, pick(["0.005s", "1s", "0s", "123456s"])),
            "state": maybe(0.8, pick(["OK", "ERROR", "IN_PROGRESS"])), "trace_metadata": maybe(0.6, texts()),
            "tags": maybe(0.6, texts()),
        ])
        post("/api/3.0/mlflow/traces", ["trace": ["trace_info": info]])
    }

    private mutating func export() {
        let spans = (0...roll(3)).map { place -> JSON in
            let start = Int64(pick([1, 2, 3])) * 1_000_000_000
            return .compact([
                "traceId": .string(String(trace().dropFirst(3))), "spanId": .string("000000000000000\(1 + roll(5))"),
                "parentSpanId": place == 0 ? .none : maybe(0.8, "0000000000000001"), "name": .string(text()),
                "startTimeUnixNano": .string("\(start)"),
                "endTimeUnixNano": maybe(0.9, .string("\(start + Int64(roll(5)) * 500_000_000)")),
                "attributes": .array(
                    several(2) { script in
                        ["key": .string(script.key()), "value": ["stringValue": .string(script.text())]]
                    }),
                "status": maybe(0.5, ["code": pick(["STATUS_CODE_OK", "STATUS_CODE_ERROR", 2])]),
            ])
        }
        var headers = [(name: "x-mlflow-experiment-id", value: experiment())]
        if chance(0.2) { headers.append(("x-mlflow-run-id", run())) }
        send(
            .POST, "/v1/traces", ["resourceSpans": [["scopeSpans": [["spans": .array(spans)]]]]], headers: headers)
    }

    private mutating func assessmentCall() {
        let trace = trace()
        let path = "/api/3.0/mlflow/traces/\(trace)/assessments"
        let one = "\(path)/\(recent(assessments, else: "a-none"))"
        switch roll(5) {
        case 0: get(one)
        case 1: send(.DELETE, one, [:])
        case 2:
            send(
                .PATCH, one,
                [
                    "assessment": ["feedback": ["value": measure()], "rationale": .string(text())],
                    "update_mask": .string(pick(["feedback", "rationale", "feedback,rationale", "valid"])),
                ])
        default:
            assessments.append(ScriptedCall.symbol(number))
            post(
                path,
                [
                    "assessment": .compact([
                        "assessment_name": .string(pick(["good", "Good", "é"])), "trace_id": .string(trace),
                        "source": ["source_type": .string(pick(["HUMAN", "CODE"])), "source_id": "ann"],
                        chance(0.7) ? "feedback" : "expectation": ["value": pick([measure(), .string(text()), true])],
                        "rationale": maybe(0.3, .string(text())),
                    ])
                ], makes: ["assessment", "assessment_id"])
        }
    }

    mutating func evaluationDatasetCall() {
        let path = "/api/3.0/mlflow/datasets/"
        let one = path + recent(evaluationDatasets, else: "d-none")
        switch roll(evaluationDatasets.count < 2 ? 1 : 8) {
        case 0:
            evaluationDatasets.append(ScriptedCall.symbol(number))
            post(
                path + "create",
                [
                    "name": .string(chance(0.8) ? "d \(number)" : text()), "tags": maybe(0.5, .string(texts().text)),
                    "experiment_ids": maybe(0.5, .strings(several(2) { $0.experiment() })),
                ], makes: ["dataset", "dataset_id"])
        case 1, 2:
            let records = several(3) { script -> JSON in
                [
                    "inputs": ["q": .string(script.pick(Self.texts))], "expectations": ["a": script.measure()],
                    "tags": script.texts(),
                ]
            }
            post(one + "/records", ["records": .string(JSON.array(records).text)])
        case 3: get(one + "/records", [("max_results", chance(0.5) ? "2" : nil)], isPaged: true)
        case 4: get(one)
        case 5: send(.PATCH, one + "/tags", ["tags": .string(texts().text)])
        case 6: post(one + "/add-experiments", ["experiment_ids": .strings([experiment()])])
        default:
            post(
                path + "search",
                [
                    "experiment_ids": maybe(0.5, .strings([experiment()])),
                    "filter_string": maybe(0.4, .string("name LIKE 'd%'")),
                    "order_by": maybe(0.4, .strings([pick(["name", "name DESC", "created_time DESC"])])),
                    "max_results": limit(),
                ], isPaged: true)
        }
    }

    mutating func trashCall() {
        let kind = pick(["experiment", "run", "logged-model", "model", "version"])
        let id = kind == "experiment" ? experiment() : kind == "run" ? run() : recent(loggedModels, else: "m-none")
        switch roll(4) {
        case 0: post("/api/v1/trash/restore", ["kind": .string(kind), "id": .string(id)])
        case 1 where chance(0.3):
            post(
                "/api/v1/trash/purge",
                [
                    "kind": .string(kind), "id": maybe(0.8, .string(id)), "dry_run": maybe(0.3, true),
                    "older_than_ms": maybe(0.3, pick([0, 20_000])), "force": maybe(0.3, true),
                ])
        default:
            get(
                "/api/v1/trash",
                [("kind", chance(0.5) ? kind : nil), ("limit", chance(0.5) ? pick(["1", "3", "1000"]) : nil)],
                isPaged: true)
        }
    }
}
