package import Tracking
package import Web
import Wire

/// Registered models for people: all of them, and one with its versions and where each came from.
package struct ModelPage: Sendable {
    private let models: RegisteredModelStore
    private let versions: ModelVersionStore
    private let runs: RunStore

    private static let section = Link("Models", "/models")
    private static let listLimit = 200
    private static let versionLimit = 100
    /// So many metrics of a version's run are shown.
    private static let metricLimit = 4

    package init(models: RegisteredModelStore, versions: ModelVersionStore, runs: RunStore) {
        self.models = models
        self.versions = versions
        self.runs = runs
    }

    package func routes(into routes: inout Routes) {
        routes.page("/models", .read("models"), list)
        routes.page("/models/{name}", .read("models"), show)
    }

    private func list(_ call: Call) async throws -> Web.Page {
        let shown = try await models.search(
            RegistryQuery(limit: Self.listLimit, offset: try call.pageOffset() ?? 0))
        let found = shown.elements
        guard !found.isEmpty else {
            return Web.Page(
                title: "Models", trail: [Self.section],
                body: .empty(
                    "No model is registered yet. Register one where it is logged:",
                    ways: Self.waysToRegister(to: call.origin)))
        }
        let rows = found.map { model -> [HTML] in
            let newest = model.latestVersions.map(\.version).max()
            return [
                .link(model.name, to: Self.path(model.name)), newest.map { "\($0)" } ?? "–",
                "\(model.aliases.map(Self.alias))", .time(model.lastUpdateTime, now: call.time),
                .value(model.description),
            ]
        }
        return Web.Page(
            title: "Models", trail: [Self.section],
            body: "\(Self.table(rows))\(HTML.next(Self.listLimit, shown.next, at: Self.section.path))")
    }

    private static func table(_ rows: [[HTML]]) -> HTML {
        .table(
            [
                "model", .number("newest version", "Versions are numbered from 1; a number is never given twice."),
                "aliases", "changed", "description",
            ], named: "Models", rows: rows)
    }

    private func show(_ call: Call) async throws -> Web.Page {
        let model = try await models.model(named: try call.path("name"))
        let path = Self.path(model.name)
        let shown = try await versions.versions(
            of: model.name, limit: Self.versionLimit, offset: call.pageOffset() ?? 0)
        let origins = try await runs.runs(
            Array(Set(shown.elements.map(\.runID).filter { !$0.isEmpty })), most: Self.metricLimit)
        // A run that is gone leaves the version without its story, not without its row.
        let runOf = Dictionary(origins.map { ($0.info.id, $0) }) { first, _ in first }
        let rows = shown.elements.map { row($0, of: model, from: runOf[$0.runID], now: call.time) }
        return Web.Page(
            title: model.name, trail: [Self.section, Link(model.name, path)],
            body: """
                \(model.description.isEmpty ? nil : "<p dir=\"auto\">\(model.description)</p>" as HTML)
                \(Self.facts(model, now: call.time))
                <h2>Versions</h2>
                \(versionTable(rows))
                \(HTML.next(Self.versionLimit, shown.next, at: path))
                <h2>Use it</h2>
                \(HTML.code(Self.snippet(model, call)))
                """)
    }

    private static func facts(_ model: RegisteredModel, now: Timestamp) -> HTML {
        .facts([
            "Aliases": model.aliases.isEmpty ? nil : "\(model.aliases.map(alias))",
            "Created": .time(model.creationTime, now: now), "Changed": .time(model.lastUpdateTime, now: now),
            "Tags": model.tags.isEmpty ? nil : .tags(model.tags.map { (key: $0.key, value: $0.value) }),
        ])
    }

    private func versionTable(_ rows: [[HTML]]) -> HTML {
        guard !rows.isEmpty else { return .empty("No version yet.") }
        return .table(
            [
                .number("version", "Versions are numbered from 1; a number is never given twice."), "aliases",
                "created", "run", "trained on", "metrics of the run", "files",
            ],
            named: "Versions", rows: rows)
    }

    /// A version with where it came from: the run, the rows that the run was trained on, how it scored.
    private func row(_ version: ModelVersion, of model: RegisteredModel, from run: Run?, now: Timestamp) -> [HTML] {
        let data = run?.datasetInputs.map { input -> HTML in
            "\(HTML.name(input.dataset.name)) <code>\(input.dataset.digest)</code> "
        }
        let metrics = run?.metrics.map { (key: $0.key, value: Quantity.number($0.value)) }
        return [
            .link("\(version.version)", to: version.page),
            "\(version.aliases.map { HTML.badge($0, .good) })\(Self.offers(of: model, to: version))",
            .time(version.creationTime, now: now),
            run.map { .link($0.info.name, to: "/runs/\($0.info.id)") } ?? "–", "\(data ?? [])",
            metrics.map { HTML.tags($0) } ?? "–", Self.files(version),
        ]
    }

    /// The way to what moving an alias here would change; where there are many, each version's page has it.
    private static func offers(of model: RegisteredModel, to version: ModelVersion) -> [HTML] {
        guard model.aliases.count <= 3 else { return [] }
        return model.aliases.filter { $0.version != version.version }.map { alias in
            let path = HTML.address("\(version.page)/alias", ["alias": alias.alias])
            return " <small>\(HTML.link("make it \(alias.alias)", to: path))</small>"
        }
    }

    /// Sources are long; the whole one shows on hover.
    private static func files(_ version: ModelVersion) -> HTML {
        "<a href=\"\(ModelFilesPage.path(version.name, version.version))\" title=\"\(version.source)\">files</a>"
    }

    private static func alias(_ alias: ModelAlias) -> HTML {
        "\(HTML.badge("\(alias.alias) → \(alias.version)", .good)) "
    }

    private static func path(_ name: String) -> String {
        "/models/\(name.queryEscaped)"
    }

    private static func waysToRegister(to origin: String) -> KeyValuePairs<String, String> {
        [
            "Python": """
            import mlflow
            mlflow.set_tracking_uri("\(origin)")
            mlflow.sklearn.log_model(model, name="model", registered_model_name="churn")
            """,
            "Command line": "martlet import mlflow ./mlruns --server \(origin)",
            "curl": """
            curl \(origin)/api/2.0/mlflow/registered-models/create \\
              -H 'Content-Type: application/json' \\
              -d '{"name": "churn"}'
            """,
        ]
    }

    private static func snippet(_ model: RegisteredModel, _ call: Call) -> String {
        let reference = model.aliases.first.map { "@\($0.alias)" } ?? "/1"
        return loading("\(model.name)\(reference)", from: call.origin)
    }

    /// What loads a model in Python.
    /// - Parameter path: its name with a version or an alias, which may hold whatever people call models.
    package static func loading(_ path: String, from origin: String) -> String {
        // A text of JSON is one of Python, too.
        """
        import mlflow
        mlflow.set_tracking_uri("\(origin)")
        model = mlflow.pyfunc.load_model(\(JSON.string("models:/\(path)").text))
        """
    }
}

extension ModelVersion {
    /// Where people look at it.
    package var page: String { "/models/\(name.queryEscaped)/versions/\(version)" }
}
