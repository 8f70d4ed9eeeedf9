import Web
import Wire

/// Experiments for people: all of them, and one with the table of its runs.
struct ExperimentPage: Sendable {
    let experiments: ExperimentStore
    let runs: RunStore

    static let section = Link("Experiments", "/experiments")
    private static let listLimit = 200
    private static let countLimit = 1000

    func routes(into routes: inout Routes) {
        routes.page("/experiments", .read("experiments"), list)
        routes.page("/experiments/{id}", .read("experiments"), show)
    }

    private func list(_ call: Call) async throws -> Web.Page {
        let found = try await experiments.search(ExperimentQuery(limit: Self.listLimit)).elements
        let activity = try await experiments.activity(of: found.map(\.id))
        let rows = found.map { experiment -> [HTML] in
            let seen = activity.first { $0.experiment == experiment.id }
            return [
                .link(experiment.name, to: "/experiments/\(experiment.id.text)"), "\(Quantity.count(seen?.runs ?? 0))",
                seen.map { .time($0.lastStart, now: call.time) } ?? "–", .time(experiment.creationTime, now: call.time),
                .tags(experiment.tags.filter(\.isShown).map { (key: $0.key, value: $0.value) }),
            ]
        }
        return Web.Page(
            title: "Experiments", trail: [Self.section],
            body: """
                \(HTML.table(["experiment", .number("runs"), "last run", "created", "tags"], named: "Experiments", rows: rows))
                <h2>Track a script here</h2>
                \(HTML.code(Self.snippet(call)))
                """)
    }

    /// Three lines that point a script at this server, as it was just reached.
    private static func snippet(_ call: Call) -> String {
        """
        import mlflow
        mlflow.set_tracking_uri("\(call.origin)")
        mlflow.autolog()
        """
    }

    /// `filter` and `order_by` are those of MLflow's search; the address is the view.
    private func show(_ call: Call) async throws -> Web.Page {
        let experiment = try await experiments.experiment(ExperimentID(call.path("id")))
        let search = RunSearch(
            filter: call.query("filter") ?? "", order: call.query("order_by") ?? "", page: call.query("page_token"))
        let path = "/experiments/\(experiment.id.text)"
        let content: HTML
        do {
            let query = try search.query(in: experiment.id)
            // Without a filter an index counts them; with one, each would have to be looked at.
            let most = query.filter == .everything ? nil : Self.countLimit
            let total = try await runs.count(query, most: most.map { $0 + 1 } ?? .max)
            let page = try await runs.search(query)
            content = RunTable(
                runs: page.elements, total: total, most: most, now: call.time,
                first: FirstRun.ways(to: call.origin, in: experiment.id)
            ).html(
                search, path: path, next: page.next)
        } catch let problem as any Problem where problem.code.status == 400 {
            // A mistyped filter is answered beside the filter, not instead of the page.
            content = .notice(.bad, "<p>\(problem.description)</p>")
        }
        return Web.Page(
            title: experiment.name, trail: [Self.section, Link(experiment.name, path)],
            badge: experiment.stage == .deleted ? .badge("deleted", .warning) : nil,
            body: """
                \(search.form(path: path))
                \(content)
                <p>\(HTML.link("Traces of this experiment", to: "\(path)/traces"))</p>
                """)
    }
}

/// What a reader asks of the table of runs, as the address says it.
struct RunSearch {
    let filter: String
    let order: String
    /// The token of a page that is not the first.
    let page: String?

    static let pageSize = 100

    /// - Throws: `FilterProblem` or `FieldProblem` for text that is no filter, ordering or page.
    func query(in experiment: ExperimentID) throws -> RunQuery {
        var query = RunQuery(experimentIDs: [experiment])
        query.filter = try SearchGrammar.runs.filter(filter)
        query.orders = order.isEmpty ? [] : try SearchGrammar.runs.orders([order])
        query.offset = try page.map { try PageToken($0).offset } ?? 0
        query.limit = Self.pageSize
        return query
    }

    func form(path: String) -> HTML {
        """
        <form action="\(path)" method="get" role="search">
        <input type="search" name="filter" value="\(filter)" aria-label="Filter"
         placeholder="metrics.auc &gt; 0.9 AND params.depth = '3'">
        <input type="text" name="order_by" value="\(order)" aria-label="Order" placeholder="metrics.auc DESC">
        <button type="submit">Search</button>
        </form>
        """
    }

    /// The address of the page that begins at `token`.
    func address(_ path: String, at token: PageToken) -> String {
        "\(path)?filter=\(filter.queryEscaped)&order_by=\(order.queryEscaped)&page_token=\(token.text.queryEscaped)"
    }
}

extension Tag {
    /// Whether people set it; those that clients set for themselves begin with `mlflow.`.
    var isShown: Bool { !key.hasPrefix("mlflow.") }
}
