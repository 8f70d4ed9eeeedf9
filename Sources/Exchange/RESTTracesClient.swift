import Console
import Wire

// Traces, evaluation datasets and webhooks of a server. Servers of before MLflow 3 have some of them, and others lack them.

extension RESTSourceClient {
    private static let root3 = "/api/3.0/mlflow"

    func traces(of experiment: String, _ body: RecordBody) async throws {
        let place: JSON = [
            "type": "MLFLOW_EXPERIMENT", "mlflow_experiment": ["experiment_id": .string(experiment)],
        ]
        let search: JSON = ["locations": [place], "max_results": 500, "order_by": ["timestamp_ms ASC"]]
        do {
            try await pages("traces/search", under: Self.root3, search, "traces") { info in
                try await body(.whole(TraceRecord.record(info, prompts: TraceRecord.prompts(notedIn: info))))
            }
        } catch let problem as any Problem where Self.isUnknown(problem) {
            try await tracesOfVersion2(of: experiment, body)
        }
    }

    private func tracesOfVersion2(of experiment: String, _ body: RecordBody) async throws {
        let query = ["experiment_ids": experiment, "max_results": "500", "order_by": "timestamp_ms ASC"]
        try await orNone {
            try await pages(get: "traces", query, "traces") { try await body(.whole(TraceRecord.record(legacy: $0))) }
        }
    }

    /// The server reads out the file where a trace has its spans in one.
    func spans(of trace: JSON, _ body: RecordBody) async throws {
        let id = RecordKind.traces.id(of: trace)
        let isInStore = TraceRecord.tag(TraceRecord.spansTag, of: trace) == TraceRecord.inStore
        let record = try await SourceRecord.reading(id) {
            if isInStore {
                let query = ["trace_id": id, "allow_partial": "true"]
                let found = try await member("trace", of: api.get("\(Self.root3)/traces/get", query: query))
                return SpanRecord.record(of: id, found["spans"]?.arrayValue ?? [])
            }
            do {
                let file = try await api.get("/ajax-api/2.0/mlflow/get-trace-artifact", query: ["request_id": id])
                return try SpanRecord.record(of: id, file: file)
            } catch let problem as any Problem where Self.isUnknown(problem) && TraceRecord.mayLackSpans(trace) {
                return SpanRecord.record(of: id, [])
            }
        }
        try await body(record)
    }

    /// No server lists them, but a search finds the traces of a run, those that it made and those that were linked.
    func traceLinks(of runs: [String], in experiments: [String], _ body: RecordBody) async throws {
        for run in runs {
            for start in stride(from: 0, to: experiments.count, by: Self.experimentsPerSearch) {
                let some = experiments[start..<min(start + Self.experimentsPerSearch, experiments.count)]
                try await traceLinks(of: run, in: Array(some), body)
            }
        }
    }

    private static let experimentsPerSearch = 50

    private func traceLinks(of run: String, in experiments: [String], _ body: RecordBody) async throws {
        let places = experiments.map { id -> JSON in
            ["type": "MLFLOW_EXPERIMENT", "mlflow_experiment": ["experiment_id": .string(id)]]
        }
        let search: JSON = [
            "locations": .array(places), "max_results": 500, "filter": .string("attributes.run_id = '\(run)'"),
        ]
        try await orNone {
            var linked: [String] = []
            try await pages("traces/search", under: Self.root3, search, "traces") { info in
                guard info["trace_metadata"]?[TraceRecord.runKey]?.stringValue != run else { return }
                linked.append(info["trace_id"]?.stringValue ?? "")
            }
            for links in TraceRecord.links(of: linked, to: run) { try await body(.whole(links)) }
        }
    }

    func evaluationDatasets(_ body: RecordBody) async throws {
        try await orNone {
            try await pages("datasets/search", under: Self.root3, ["max_results": 1000], "datasets") { dataset in
                let id = RecordKind.evaluationDatasets.id(of: dataset)
                let record = try await SourceRecord.reading(id) {
                    let path = "\(Self.root3)/datasets/\(APIClient.escaped(id))/experiment-ids"
                    let experiments = try await api.get(path)["experiment_ids"] ?? []
                    return dataset.with("experiment_ids", experiments)
                }
                try await body(record)
            }
        }
    }

    /// Records travel as JSON in text.
    func evaluationRecords(of dataset: JSON, _ body: RecordBody) async throws {
        let id = RecordKind.evaluationDatasets.id(of: dataset)
        let path = "\(Self.root3)/datasets/\(APIClient.escaped(id))/records"
        var token: String?
        repeat {
            var query = ["max_results": "500"]
            query["page_token"] = token
            let page = try await api.get(path, query: query)
            guard let text = page["records"]?.stringValue, let records = try? JSON.parse(text).arrayValue else {
                throw ExchangeError(
                    .invalidParameterValue, "\(place) answered without records: \(page.text.prefix(100))")
            }
            for record in records { try await body(.whole(record)) }
            let next = page["next_page_token"]?.stringValue
            token = next == token ? nil : next
        } while !(token ?? "").isEmpty
    }

    func webhooks(_ body: RecordBody) async throws {
        try await orNone {
            try await pages(get: "webhooks", ["max_results": "100"], "webhooks") { try await body(.whole($0)) }
        }
    }

    /// Runs a search that a server may not know; then there is nothing.
    func orNone(_ search: () async throws -> Void) async throws {
        do {
            try await search()
        } catch let problem as any Problem where Self.isUnknown(problem) {}
    }

    /// Whether the server does not have what was asked, or does not offer to be asked: MLflow's file store has neither
    /// datasets nor webhooks.
    private static func isUnknown(_ problem: any Problem) -> Bool {
        [404, 405, 501].contains(problem.code.status) || problem.code.name == "FEATURE_DISABLED"
    }
}

extension TraceRecord {
    /// Records of the traces that are linked to a run.
    static func links(of traces: [String], to run: String) -> [JSON] {
        stride(from: 0, to: traces.count, by: 500).map { start in
            ["run_id": .string(run), "trace_ids": .strings(Array(traces[start...].prefix(500)))]
        }
    }
}
