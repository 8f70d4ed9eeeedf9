import Web
import Wire

/// Experiments for people: found by name, by page.
struct ExperimentPage: Sendable {
    let experiments: ExperimentStore

    static let section = Link("Experiments", "/experiments")
    private static let pageSize = 100

    func routes(into routes: inout Routes) {
        routes.page("/experiments", .read("experiments"), list)
    }

    private func list(_ call: Call) async throws -> Web.Page {
        let name = call.query("q") ?? ""
        var query = ExperimentQuery(limit: Self.pageSize)
        query.nameParts = name.split(separator: " ").prefix(8).map { String($0).cut(to: 100) }
        query.offset = try call.pageOffset() ?? 0
        let page = try await experiments.search(query)
        let table = try await table(of: page.elements, now: call.time)
        let more = page.next.map { next -> HTML in
            let path = "/experiments?q=\(name.queryEscaped)&page_token=\(next.text.queryEscaped)"
            return "<p>\(HTML.link("Next \(Self.pageSize)", to: path))</p>"
        }
        return Web.Page(
            title: "Experiments", trail: [Self.section],
            body: """
                <form action="/experiments" method="get" role="search">
                <input type="search" name="q" value="\(name)" aria-label="Name" placeholder="Part of a name">
                <button type="submit">Find</button>
                </form>
                \(page.elements.isEmpty ? .empty("No experiment is called so.") : table)
                \(more)
                <h2>Track a script here</h2>
                \(HTML.code(Self.snippet(call)))
                """)
    }

    private func table(of found: [Experiment], now: Timestamp) async throws -> HTML {
        let activity = try await experiments.activity(of: found.map(\.id))
        let rows = found.map { experiment -> [HTML] in
            let seen = activity.first { $0.experiment == experiment.id }
            return [
                .link(experiment.name, to: "/experiments/\(experiment.id.text)"), "\(Quantity.count(seen?.runs ?? 0))",
                seen.map { .time($0.lastStart, now: now) } ?? "–", .time(experiment.creationTime, now: now),
                .tags(experiment.tags.filter(\.isShown).map { (key: $0.key, value: $0.value) }),
            ]
        }
        return .table(
            ["experiment", .number("runs", "Runs that are not in the trash."), "last run", "created", "tags"],
            named: "Experiments", rows: rows)
    }

    /// Three lines that point a script at this server, as it was just reached.
    private static func snippet(_ call: Call) -> String {
        """
        import mlflow
        mlflow.set_tracking_uri("\(call.origin)")
        mlflow.autolog()
        """
    }
}

extension Tag {
    /// Whether people set it; those that clients set for themselves begin with `mlflow.`.
    var isShown: Bool { !key.hasPrefix("mlflow.") }
}
