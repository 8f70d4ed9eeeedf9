import Traces
import Wire

// Traces with their spans and links, and the datasets that traced code is judged by.

extension Transfer {
    func carryTraces(of experiment: String, as localID: String, name: String) async throws {
        var pending: [JSON] = []
        try await read(.traces, "of experiment '\(name)'") {
            try await source.traces(of: experiment) { record in
                guard let trace = self.whole(.traces, record), self.selection.includes(trace: trace) else { return }
                pending.append(trace)
                guard pending.count == Self.batch else { return }
                try await self.carry(traces: pending, of: localID)
                pending = []
            }
        }
        try await carry(traces: pending, of: localID)
    }

    private func carry(traces: [JSON], of experiment: String) async throws {
        let location: JSON = [
            "type": "MLFLOW_EXPERIMENT", "mlflow_experiment": ["experiment_id": .string(experiment)],
        ]
        let records = traces.map { trace in
            trace.replacing("trace_info", (trace["trace_info"] ?? [:]).with("trace_location", location))
        }
        let places = Self.places(of: try await store(.traces, records))
        let stored = traces.filter { places[RecordKind.traces.id(of: $0)] != nil }
        try await carrySpans(of: stored)
        for trace in stored {
            if let place = places[RecordKind.traces.id(of: trace)] ?? nil {
                try await carryFiles(of: FileOwner(trace: trace), to: place)
            }
            onProgress(report)
        }
    }

    /// Spans go many traces at a time, and a trace that is large in portions.
    private func carrySpans(of traces: [JSON]) async throws {
        var pending: [JSON] = []
        var size = SpanPortion()
        for trace in traces {
            let id = RecordKind.traces.id(of: trace)
            try await read(.spans, "of trace \(id)") {
                try await source.spans(of: trace) { record in
                    guard let spans = self.whole(.spans, record)?["spans"]?.arrayValue else { return }
                    for portion in SpanPortion.portions(of: spans) {
                        if size.isFull(with: portion.size) {
                            try await self.store(.spans, pending)
                            (pending, size) = ([], SpanPortion())
                        }
                        pending.append(["trace_id": .string(id), "spans": .array(portion.spans)])
                        size.add(portion.size)
                    }
                }
            }
        }
        try await store(.spans, pending)
    }

    func carryTraceLinks() async throws {
        guard (report.counts[.traces]?.found ?? 0) > 0 else { return }
        let runs = Set(runIDs)
        try await read(.traceLinks, "to runs") {
            try await source.traceLinks(of: runIDs, in: experimentIDs.keys.sorted()) { record in
                guard let links = self.whole(.traceLinks, record),
                    runs.contains(RecordKind.traceLinks.id(of: links))
                else { return }
                try await self.store(.traceLinks, [links])
                self.onProgress(self.report)
            }
        }
    }

    // MARK: Evaluation datasets

    func carryEvaluationDatasets() async throws {
        var datasets: [JSON] = []
        try await read(.evaluationDatasets, "of the server") {
            try await source.evaluationDatasets { record in
                guard let dataset = self.whole(.evaluationDatasets, record) else { return }
                let experiments = dataset["experiment_ids"]?.arrayValue?.compactMap(\.stringValue) ?? []
                let carried = experiments.compactMap { self.experimentIDs[$0] }
                guard self.selection.isAll || !carried.isEmpty else { return }
                datasets.append(dataset.with("experiment_ids", .strings(carried)))
            }
        }
        for dataset in datasets {
            guard try await !store(.evaluationDatasets, [dataset]).isEmpty else { continue }
            try await carryRecords(of: dataset)
            onProgress(report)
        }
    }

    private func carryRecords(of dataset: JSON) async throws {
        var pending: [JSON] = []
        try await read(.evaluationRecords, "of dataset \(RecordKind.evaluationDatasets.id(of: dataset))") {
            try await source.evaluationRecords(of: dataset) { record in
                guard let record = self.whole(.evaluationRecords, record) else { return }
                pending.append(record)
                guard pending.count == Self.batch else { return }
                try await self.store(.evaluationRecords, pending)
                pending = []
            }
        }
        try await store(.evaluationRecords, pending)
    }
}

/// How much some spans are, so that no request has too many.
private struct SpanPortion {
    private var count = 0
    private var bytes = 0

    private static let maximumBytes = 4 << 20

    func isFull(with more: SpanPortion) -> Bool {
        count > 0 && (count + more.count > ImportedSpans.limit || bytes + more.bytes > Self.maximumBytes)
    }

    mutating func add(_ more: SpanPortion) {
        count += more.count
        bytes += more.bytes
    }

    /// The spans in portions, each no more than a request takes, unless one span alone is.
    static func portions(of spans: [JSON]) -> [(spans: [JSON], size: SpanPortion)] {
        var portions: [(spans: [JSON], size: SpanPortion)] = []
        for span in spans {
            let size = SpanPortion(count: 1, bytes: span.bytes().count)
            if let last = portions.indices.last, !portions[last].size.isFull(with: size) {
                portions[last].spans.append(span)
                portions[last].size.add(size)
            } else {
                portions.append(([span], size))
            }
        }
        return portions
    }
}

extension FileOwner {
    /// The owner of a trace's files.
    init(trace: JSON) {
        let info = trace["trace_info"]
        self.init(
            kind: .trace, id: RecordKind.traces.id(of: trace),
            experimentID: info?["trace_location"]?["mlflow_experiment"]?["experiment_id"]?.stringValue ?? "",
            uri: info?["tags"]?[TraceRecord.locationTag]?.stringValue ?? "")
    }
}
