import Web
import Wire

/// A run for people: what it was given, how its metrics went, what it left behind.
struct RunPage: Sendable {
    let experiments: ExperimentStore
    let runs: RunStore
    let metrics: MetricStore
    let models: LoggedModelStore
    /// What slices above this one add, in this order.
    let parts: [RunPart]

    func routes(into routes: inout Routes) {
        routes.page("/runs/{id}", .read("runs"), show)
    }

    private func show(_ call: Call) async throws -> Web.Page {
        let run = try await runs.run(try call.path("id"))
        let experiment = try await experiments.experiment(run.info.experimentID)
        let path = "/runs/\(run.info.id)"
        let view = try CurveView(call.query)
        var parts: [HTML] = []
        for part in self.parts {
            if let html = try await part.html(run, call, view.parameters) { parts.append(html) }
        }
        return Web.Page(
            title: run.info.name,
            trail: [
                ExperimentPage.section, Link(experiment.name, "/experiments/\(experiment.id.text)"),
                Link(run.info.name, path),
            ],
            badge: run.info.badge, modules: ["curves.js"], isLive: run.info.status == .running,
            body: """
                \(Self.facts(run, now: call.time))
                \(try await curves(of: run, view, call))
                <div class="columns">
                \(Self.values("Metrics", run.metrics.map { ($0.key, "\(Quantity.number($0.value, digits: 6))") }))
                \(Self.values("Params", run.params.map { ($0.key, .value($0.value)) }))
                </div>
                \(Self.datasets(run))
                \(try await loggedModels(of: run))
                \(parts)
                """)
    }

    private static func facts(_ run: Run, now: Timestamp) -> HTML {
        let commit = run.tag("mlflow.source.git.commit")
        return .facts([
            "Started": .time(run.info.startTime, now: now), "Took": run.info.took,
            "By": run.info.userID.isEmpty ? nil : .name(run.info.userID),
            "Source": run.tag("mlflow.source.name").map { "<code>\(HTML.name($0))</code>" },
            "Commit": commit.map { .shortID($0) },
            "Part of": run.tag(Run.parentKey).map { .link("parent run", to: "/runs/\($0)") },
            "Run id": "<code>\(run.info.id)</code>",
            "Note": run.tag("mlflow.note.content").map { .value($0) },
            "Tags": tags(run),
        ])
    }

    private static func tags(_ run: Run) -> HTML? {
        let shown = run.tags.filter(\.isShown)
        return shown.isEmpty ? nil : .tags(shown.map { (key: $0.key, value: $0.value) })
    }

    /// A curve for each metric that was logged more than once.
    private func curves(of run: Run, _ view: CurveView, _ call: Call) async throws -> HTML? {
        let keys = try await metrics.longKeys(of: [run.info.id])
        // Files that are open stay so.
        let others = ["path", "after"].compactMap { name in call.query(name).map { (name: name, value: $0) } }
        let page = CurvesPage(
            metrics: metrics, runs: [run], view: view, path: "/runs/\(run.info.id)", others: others)
        return try await page.html(keys)
    }

    private static func values(_ title: String, _ values: [(key: String, value: HTML)]) -> HTML? {
        guard !values.isEmpty else { return nil }
        let table = HTML.table(
            ["name", .number("value", "The one that was logged last.")], named: title,
            rows: values.map { [.name($0.key), $0.value] })
        return "<section><h2>\(title)</h2>\(table)</section>"
    }

    private func loggedModels(of run: Run) async throws -> HTML? {
        var rows: [[HTML]] = []
        for output in run.modelOutputs {
            // Deleted since: the run still says that it made it.
            guard let model = try? await models.model(output.modelID) else { continue }
            rows.append([
                .link(model.name, to: "/logged-models/\(model.id)/artifacts"), "<code>\(model.id)</code>",
                "\(output.step)",
            ])
        }
        guard !rows.isEmpty else { return nil }
        return
            "<h2>Models</h2>\(HTML.table(["name", "id", .number("step", "The step at which the run made it.")], named: "Models", rows: rows))"
    }
}
