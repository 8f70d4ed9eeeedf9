import Artifacts
import Blobs
import Manifests
import NIOCore
import Registry
import Serving
import Tracking
import Web
import Wire

/// One version of a model, across slices: what it takes and gives, where it came from, where it answers, and what moving an alias
/// to it would change.
struct VersionPage: Sendable {
    let models: RegisteredModelStore
    let versions: ModelVersionStore
    let runs: RunStore
    let artifacts: ArtifactStore
    let endpoints: Endpoints
    let manifests: ManifestStore

    func routes(into routes: inout Routes) {
        let version = "/models/{name}/versions/{version}"
        routes.page(version, .read("models"), show)
        routes.page("\(version)/alias", .write("models"), confirm)
        routes.post("\(version)/alias", .write("models")) { call in
            let version = try await asked(call)
            let form = try await call.form()
            try await models.setAlias(
                try form.string("alias"), of: version.name, to: version.version,
                expected: try form.optionalString("former").flatMap { Int64($0) }, by: call.principal.name)
            return .seeOther(version.page)
        }
    }

    private func asked(_ call: Call) async throws -> ModelVersion {
        let text = try call.path("version")
        guard let number = Int64(text), number > 0 else {
            throw FieldProblem.invalid("version", .string(text), expected: "whole number from 1")
        }
        return try await versions.version(number, of: try call.path("name"))
    }

    private func trail(_ version: ModelVersion) -> [Link] {
        [
            Link("Models", "/models"), Link(version.name, "/models/\(version.name.queryEscaped)"),
            Link("version \(version.version)", version.page),
        ]
    }

    // MARK: What it is

    /// With how many of the newest versions this one may be compared by choice; with others by the address.
    private static let offered = 200

    private func show(_ call: Call) async throws -> Web.Page {
        let version = try await asked(call)
        let run = version.runID.isEmpty ? nil : try? await runs.run(version.runID)
        let lineage = Lineage(endpoints: endpoints)
        var others = try await versions.versions(of: version.name, limit: Self.offered).elements
        var other: ModelVersion?
        if let number = try call.integerQuery("with").map(Int64.init) {
            other = try? await versions.version(number, of: version.name)
            if let other, !others.contains(other) { others.append(other) }
        }
        return Web.Page(
            title: "\(version.name), version \(version.version)", trail: trail(version),
            badge: "\(version.aliases.map { HTML.badge($0, .good) })", modules: ["view.js"],
            body: """
                \(version.description.isEmpty ? nil : "<p dir=\"auto\">\(version.description)</p>" as HTML)
                \(facts(version, run, now: call.time))
                <h2>Where it comes from, and where it answers</h2>
                \(try await lineage.html(of: run, isKnown: !version.runID.isEmpty, versions: [version], current: .version))
                \(try await signature(of: version).map { "<h2>Signature</h2>\($0)" as HTML })
                \(metrics(run))
                <div data-view>\(comparison(version, with: other, among: others, run, try await signature(of: other)))</div>
                <h2 id="alias">Give it a name</h2>
                \(aliasForm(version, try await models.model(named: version.name)))
                <h2>Use it</h2>
                \(HTML.code(ModelPage.loading(version.path, from: call.origin)))
                """)
    }

    private func facts(_ version: ModelVersion, _ run: Run?, now: Timestamp) -> HTML {
        .facts([
            "Registered": .time(version.creationTime, now: now),
            "By": run.flatMap { $0.info.userID.isEmpty ? nil : .name($0.info.userID) },
            "Stage": version.stage == .none ? nil : "\(version.stage.rawValue)",
            "Files": .link("files", to: ModelFilesPage.path(version.name, version.version)),
            "Source": "<code>\(HTML.name(version.source))</code>",
            "Tags": version.tags.isEmpty ? nil : .tags(version.tags.map { (key: $0.key, value: $0.value) }),
        ])
    }

    private func metrics(_ run: Run?) -> HTML? {
        guard let run, !run.metrics.isEmpty else { return nil }
        let rows = run.metrics.prefix(40).map { [HTML.name($0.key), "\(Quantity.number($0.value, digits: 6))"] }
        return
            "<h2>Metrics <small>of its run</small></h2>\(HTML.table(["metric", .number("value", "As the run logged it last.")], named: "Metrics", rows: rows))"
    }

    // MARK: What it takes and gives

    private func signature(of version: ModelVersion?) async throws -> HTML? {
        // A model of which nothing can be read has no signature to show; its files say why.
        guard let version, let folder = try? artifacts.key(ofURI: version.storageURI),
            let file = try? folder.appending("MLmodel"),
            let text = try? await artifacts.blobs.contents(file, limit: SignatureTable.descriptionBytes)
        else { return nil }
        return SignatureTable.html(ofDescription: String(buffer: text))
    }

    // MARK: Beside another

    private func comparison(
        _ version: ModelVersion, with other: ModelVersion?, among all: [ModelVersion], _ run: Run?, _ signature: HTML?
    ) -> HTML? {
        guard all.count > 1 else { return nil }
        let options = all.filter { $0.version != version.version }.map { each -> HTML in
            let selected: HTML? = each.version == other?.version ? " selected" : nil
            let names = each.aliases.isEmpty ? "" : " (\(each.aliases.joined(separator: ", ")))"
            return "<option value=\"\(each.version)\"\(selected)>version \(each.version)\(names)</option>"
        }
        let path = version.page
        let form: HTML = """
            <h2 id="beside">Beside another version</h2>
            <form action="\(path)#beside" method="get">
            <label>Compare with <select name="with"><option value="">none</option>\(options)</select></label>
            <button>Show</button></form>
            """
        guard let other else { return form }
        let ids = version.runID == other.runID ? [] : [version.runID, other.runID].filter { !$0.isEmpty }
        let compare: HTML? =
            ids.count == 2
            ? "<p>\(HTML.link("Their runs side by side", to: "/compare?runs=\(ids.joined(separator: ","))&pin=\(ids[1])&differing=1"))</p>"
            : nil
        let facts: [[HTML]] = [
            ["aliases", names(version.aliases), names(other.aliases)],
            ["description", .value(version.description), .value(other.description)],
            ["source", .name(version.source), .name(other.source)],
            [
                "tags", .tags(version.tags.map { (key: $0.key, value: $0.value) }),
                .tags(other.tags.map { (key: $0.key, value: $0.value) }),
            ],
        ]
        return """
            \(form)
            \(HTML.table(["", .words("version \(version.version)"), .words("version \(other.version)")], named: "Versions side by side", rows: facts))
            \(compare)
            \(signature.map { "<h3>What version \(other.version) takes and gives</h3>\($0)" as HTML })
            """
    }

    private func names(_ aliases: [String]) -> HTML {
        aliases.isEmpty ? "–" : "\(aliases.map { HTML.badge($0, .good) })"
    }

    // MARK: Aliases

    private func aliasForm(_ version: ModelVersion, _ model: RegisteredModel) -> HTML {
        let known = model.aliases.map(\.alias).filter { !version.aliases.contains($0) }
        let options =
            (known + ["champion", "challenger"].filter { !known.contains($0) && !version.aliases.contains($0) })
            .map { "<option value=\"\($0)\">" as HTML }
        return """
            <p>Endpoints and scripts that ask for <code>models:/\(HTML.name(version.name))@alias</code> follow it. What would change is \
            shown before anything does.</p>
            <form action="\(version.page)/alias" method="get">
            <label>Alias <input type="text" name="alias" required maxlength="255" list="aliases"></label>
            <datalist id="aliases">\(options)</datalist>
            <button>Move it here…</button></form>
            """
    }

    /// What moving an alias here would change, before it does.
    private func confirm(_ call: Call) async throws -> Web.Page {
        let version = try await asked(call)
        guard let alias = call.query("alias")?.trimmed, !alias.isEmpty else { throw FieldProblem.missing("alias") }
        let model = try await models.model(named: version.name)
        let now = model.aliases.first { $0.alias == alias }
        let followers = try await followers(of: alias, of: version.name)
        let change: HTML =
            switch now {
            case nil: "No version is called \(HTML.badge(alias, .good)) yet; version \(version.version) will be."
            case let at? where Int64(at.version) == version.version:
                "Version \(version.version) is called \(HTML.badge(alias, .good)) already."
            case let at?:
                "\(HTML.badge(alias, .good)) leads to version \(at.version) now. It will lead to version \(version.version)."
            }
        let consequences: HTML =
            followers.isEmpty
            ? "<p>No endpoint of this server follows it. Scripts that load the model by this name get the new version at once.</p>"
            : "<p>What follows it, and will do so within seconds:</p><ul>\(followers)</ul>"
        return Web.Page(
            title: "Move \(alias)",
            trail: trail(version) + [Link("alias", "\(version.page)/alias?alias=\(alias.queryEscaped)")],
            body: """
                <p>\(change)</p>
                \(consequences)
                <form method="post" action="\(version.page)/alias">
                <input type="hidden" name="alias" value="\(alias)">
                <input type="hidden" name="former" value="\(now?.version ?? 0)">
                <button>Move \(HTML.name(alias)) to version \(version.version)</button>
                \(HTML.link("Leave it", to: version.page))</form>
                """)
    }

    /// The variants of endpoints whose manifest names the alias, each with how the version will come to answer.
    private func followers(of alias: String, of model: String) async throws -> [HTML] {
        try await manifests.all(kind: EndpointManifest.kind.name).flatMap { manifest -> [HTML] in
            guard let endpoint = try? EndpointManifest(manifest) else { return [] }
            let followed = EndpointManifest.Source.registered(.alias(name: model, alias))
            let link = HTML.link(endpoint.name, to: "/endpoints/\(endpoint.name)")
            let variants = endpoint.variants.filter { $0.source == followed }.map { variant -> HTML in
                """
                <li>\(link), variant \(HTML.name(variant.name)), \(variant.weight) % of its requests: \
                \(endpoint.rollout.words)</li>
                """
            }
            let shadow = endpoint.shadow.flatMap { $0.source == followed ? $0 : nil }.map { shadow -> HTML in
                "<li>\(link), its shadow, which is sent copies of \(shadow.percent) % of its requests: at once</li>"
            }
            return variants + [shadow].compactMap(\.self)
        }
    }
}
