import Tracking
import Web
import Wire

/// Traces for people: those of an experiment, and one with its spans along the time they took.
struct TracePage: Sendable {
    let traces: TraceStore
    let experiments: ExperimentStore

    private static let pageSize = 100
    /// How many experiments the newest traces are looked for in, and how many of each are shown at most.
    private static let latest = (experiments: 20, traces: 20)

    static let path = "/traces"

    func routes(into routes: inout Routes) {
        routes.page(Self.path, .read("traces"), latest)
        routes.page("/experiments/{id}/traces", .read("traces"), list)
        routes.page("/traces/{id}", .read("traces"), show)
    }

    /// `filter` is that of MLflow's search; the address is the view.
    private func list(_ call: Call) async throws -> Web.Page {
        let experiment = try await experiments.experiment(ExperimentID(call.path("id")))
        let filter = call.query("filter") ?? ""
        let path = Self.path(of: experiment)
        let content: HTML
        do {
            var query = TraceQuery(experimentIDs: [experiment.id])
            query.filter = try SearchFilter(ofTraces: filter)
            query.offset = try call.query("page_token").map { try PageToken($0).offset } ?? 0
            query.limit = Self.pageSize
            let page = try await traces.search(query)
            let more = page.next.map { next -> HTML in
                let token = next.text.queryEscaped
                let address = "\(path)?filter=\(filter.queryEscaped)&page_token=\(token)"
                return "<p>\(HTML.link("Next \(Self.pageSize)", to: address))</p>"
            }
            let nameless = page.elements.filter { $0.name == nil }.map(\.id)
            let roots = try await traces.rootNames(of: nameless)
            content = "\(Self.table(page.elements, roots: roots, filter: filter, now: call.time))\(more)"
        } catch let problem as any Problem where problem.code.status == 400 {
            // A mistyped filter is answered beside the filter, not instead of the page.
            content = .notice(.bad, "<p>\(problem.description)</p>")
        }
        return Web.Page(
            title: "Traces", trail: Self.trail(experiment),
            body: """
                <form action="\(path)" method="get" role="search">
                <input type="search" name="filter" value="\(filter)" aria-label="Filter"
                 placeholder="status = 'ERROR' AND span.name = 'retrieve'">
                <button type="submit">Search</button>
                </form>
                \(content)
                """)
    }

    /// The newest traces of the newest experiments: a look at each, and none at all traces.
    private func latest(_ call: Call) async throws -> Web.Page {
        let query = ExperimentQuery(limit: Self.latest.experiments)
        var rows: [(trace: TraceInfo, cells: [HTML])] = []
        for experiment in try await experiments.search(query).elements {
            var wanted = TraceQuery(experimentIDs: [experiment.id])
            wanted.limit = Self.latest.traces
            let found = try await traces.search(wanted).elements
            let roots = try await traces.rootNames(of: found.filter { $0.name == nil }.map(\.id))
            rows += found.map { trace in
                (
                    trace,
                    Self.cells(trace, roots: roots, now: call.time)
                        + [.link(experiment.name, to: Self.path(of: experiment))]
                )
            }
        }
        rows.sort { $0.trace.requestTime > $1.trace.requestTime }
        let body: HTML =
            rows.isEmpty
            ? .empty(
                "No traces yet. Trace a function:",
                code:
                    "import mlflow\nmlflow.set_tracking_uri(\"\(call.origin)\")\n\n@mlflow.trace\ndef answer(question):\n    ..."
            )
            : .table(Self.headings + ["experiment"], named: "Traces", rows: rows.prefix(Self.pageSize).map(\.cells))
        return Web.Page(
            title: "Traces", trail: [Link("Traces", Self.path)],
            body: """
                <p class="quiet">The newest of each of the \(Self.latest.experiments) newest experiments; an experiment's own page has all of its.</p>
                \(body)
                """)
    }

    private static func path(of experiment: Experiment) -> String { "/experiments/\(experiment.id.text)/traces" }

    private static func trail(_ experiment: Experiment) -> [Link] {
        [
            Link("Experiments", "/experiments"), Link(experiment.name, "/experiments/\(experiment.id.text)"),
            Link("Traces", path(of: experiment)),
        ]
    }

    /// - Parameter roots: the names of root spans, by trace.
    private static func table(
        _ traces: [TraceInfo], roots: [String: String], filter: String, now: Timestamp
    ) -> HTML {
        guard !traces.isEmpty else {
            return filter.isEmpty
                ? .empty("No traces yet. Trace a function:", code: "@mlflow.trace\ndef answer(question):\n    ...")
                : .empty("No trace fits the filter.")
        }
        return .table(headings, rows: traces.map { cells($0, roots: roots, now: now) })
    }

    private static func cells(_ trace: TraceInfo, roots: [String: String], now: Timestamp) -> [HTML] {
        [
            .link(trace.title(root: roots[trace.id]), to: "/traces/\(trace.id.queryEscaped)"), trace.badge,
            .time(trace.requestTime, now: now),
            trace.took, .name(trace.requestPreview ?? "–", limit: 80), .name(trace.responsePreview ?? "–", limit: 80),
        ]
    }

    private static let headings: [HTML.Column] = [
        "trace", "state", "began", .number("took", "From the beginning of its first span to the end of its last."),
        "request", "response",
    ]

    private func show(_ call: Call) async throws -> Web.Page {
        let trace = try await traces.trace(call.path("id"), allowsPartial: true)
        let experiment = try await experiments.experiment(trace.info.experimentID)
        let title = trace.info.title(root: trace.spans.first { $0.parentID == nil }?.name)
        return Web.Page(
            title: title,
            trail: Self.trail(experiment) + [Link(title, "/traces/\(trace.info.id.queryEscaped)")],
            badge: trace.info.badge,
            body: """
                \(Self.facts(trace.info, now: call.time))
                \(SpanTimeline(spans: trace.spans).html)
                \(Self.assessments(trace.info))
                """)
    }

    private static func facts(_ trace: TraceInfo, now: Timestamp) -> HTML {
        let shown = trace.tags.filter { !$0.key.hasPrefix("mlflow.") }
        return .facts([
            "Began": .time(trace.requestTime, now: now), "Took": trace.took,
            "Request": trace.requestPreview.map { .value($0) }, "Response": trace.responsePreview.map { .value($0) },
            "Run": trace.metadata(TraceInfo.runKey).map { .link("run", to: "/runs/\($0)") },
            "Client's id": trace.clientRequestID.map { "<code>\($0)</code>" }, "Trace id": "<code>\(trace.id)</code>",
            "Tags": shown.isEmpty ? nil : .tags(shown.map { (key: $0.key, value: $0.value) }),
        ])
    }

    private static func assessments(_ trace: TraceInfo) -> HTML? {
        guard !trace.assessments.isEmpty else { return nil }
        let rows = trace.assessments.map { assessment -> [HTML] in
            let source = assessment.source["source_id"]?.stringValue ?? assessment.source["source_type"]?.stringValue
            return [
                .name(assessment.name), "\(assessment.kind.rawValue)",
                .value(assessment.value.stringValue ?? assessment.value.text), .name(source ?? "–"),
                .value(assessment.rationale ?? "–"), assessment.isValid ? "–" : .badge("overridden", .warning),
            ]
        }
        return """
            <h2>Assessments</h2>
            \(HTML.table(["name", "kind", "value", "by", "why", "state"], rows: rows))
            """
    }
}

extension TraceInfo {
    /// Its name; else that of the span which began it, which is all that OpenTelemetry's programs send; else its id.
    fileprivate func title(root: String?) -> String { name ?? root ?? id }

    fileprivate var badge: HTML {
        switch state {
        case .ok: .badge("ok", .good)
        case .error: .badge("error", .bad)
        case .inProgress: .badge("in progress", .active)
        case .unspecified: .badge("unknown", .plain)
        }
    }

    fileprivate var took: HTML { durationMs.map { "\(Quantity.duration(milliseconds: $0))" } ?? "–" }
}
