import Registry
import Serving
import Tracking
import Web
import Wire

/// From data to endpoints, step by step, with what leads to the next: on the page of a run, and on that of a version.
struct Lineage: Sendable {
    let endpoints: Endpoints

    /// The step that the page is about, which is no link.
    enum Step {
        case run, version
    }

    /// The step of a run that many versions came from would fill the page.
    private static let maximumVersions = 20

    /// As a part of the page of a run, where any version came from it.
    func part(_ versions: ModelVersionStore) -> RunPart {
        RunPart { run, _, _ in
            // Ids have no quotes in them.
            let filter = try SearchGrammar.modelVersions.filter("run_id = '\(run.info.id)'")
            let found = try await versions.search(RegistryQuery(filter: filter, limit: Self.maximumVersions)).elements
            guard !found.isEmpty else { return nil }
            return """
                <h2 id="lineage">Where it comes from, and where it answers</h2>
                \(try await html(of: run, isKnown: true, versions: found, current: .run))
                """
        }
    }

    /// - Parameter isKnown: whether it is known which run it was, also when that is gone.
    func html(of run: Run?, isKnown: Bool, versions: [ModelVersion], current: Step) async throws -> HTML {
        let data = (run?.datasetInputs ?? []).map { input -> HTML in
            let use = input.context.map { " <small class=\"quiet\">\(HTML.name($0))</small>" as HTML }
            let name = HTML.name(input.dataset.name)
            let link = run.flatMap { input.dataset.path(in: $0.info.experimentID) }.map {
                "<a href=\"\($0)\">\(name)</a>" as HTML
            }
            return "<li>\(link ?? name) <code>\(HTML.name(input.dataset.digest))</code>\(use)</li>"
        }
        let code = run?.tag("mlflow.source.git.commit").map {
            " <small class=\"quiet\">commit \(HTML.shortID($0))</small>" as HTML
        }
        let maker = run.map { run -> HTML in
            let name = HTML.name(run.info.name)
            return current == .run
                ? "<li><b>\(name)</b>\(code)</li>" : "<li><a href=\"/runs/\(run.info.id)\">\(name)</a>\(code)</li>"
        }
        let noRun: HTML = "<li class=\"quiet\">\(isKnown ? "the run is gone" : "no run is known")</li>"
        let made = versions.map { version -> HTML in
            if current == .version { return "<li><b>\(HTML.name(version.path))</b></li>" }
            let names = version.aliases.map { alias -> HTML in " \(HTML.badge(alias, .good))" }
            return "<li>\(HTML.link(version.path, to: version.page))\(names)</li>"
        }
        let answers = try await places(of: versions).map { place -> HTML in
            """
            <li>\(HTML.link(place.endpoint, to: "/endpoints/\(place.endpoint)")) \
            <small class="quiet">\(place.words)</small></li>
            """
        }
        func step(_ title: String, _ items: [HTML], _ none: String) -> HTML {
            let list = items.isEmpty ? ["<li class=\"quiet\">\(none)</li>"] : items
            return "<li><h3>\(title)</h3><ul>\(list)</ul></li>\n"
        }
        return """
            <ol class="lineage">
            \(step("Data", data, "none was logged"))\(step("Run", [maker ?? noRun], ""))\
            \(step(versions.count == 1 ? "Version" : "Versions", made, "none"))\
            \(step("Endpoints", answers, "it answers nowhere"))</ol>
            """
    }

    /// An endpoint at which a version answers, or is meant to.
    private struct Place {
        let endpoint: String
        let words: String
    }

    private func places(of versions: [ModelVersion]) async throws -> [Place] {
        func isIt(_ deployed: Endpoint.Deployed?) -> Bool {
            versions.contains { version in
                deployed?.model == version.name && deployed.map { Int64($0.version) } == version.version
            }
        }
        return try await endpoints.all().flatMap { endpoint -> [Place] in
            var places: [Place] = []
            for variant in endpoint.variants {
                if isIt(variant.deployed) {
                    places.append(Place(endpoint: endpoint.name, words: "\(variant.weight) %, variant \(variant.name)"))
                }
                if let candidate = variant.candidate, isIt(candidate.deployed) {
                    let words = "tried out with \(candidate.percent) % of variant \(variant.name)"
                    places.append(Place(endpoint: endpoint.name, words: words))
                }
            }
            if let shadow = endpoint.shadow, isIt(shadow.deployed) {
                places.append(Place(endpoint: endpoint.name, words: "shadow, copies of \(shadow.percent) %"))
            }
            return places
        }
    }
}
