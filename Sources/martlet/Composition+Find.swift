import Incidents
import Manifests
import Monitoring
import Registry
import Serving
import Tracking
import Web

extension Composition {
    /// What is found by name. Runs come last, because there are most of them.
    func finders(over stores: Stores) -> Finders {
        let candidates = 500
        return Finders([
            .among { Self.pages.map { Place(kind: "page", name: $0.title, path: $0.path) } },
            .among { [manifests = stores.manifests] in
                try await manifests.names(kind: EndpointManifest.kind.name).map {
                    Place(kind: "endpoint", name: $0, path: "/endpoints/\($0)")
                }
            },
            Finder { [models = stores.models] query, limit in
                try await models.names(containing: query.longestWord, limit: candidates)
                    .filter { query.rank(of: $0) != nil }.prefix(limit)
                    .map { Place(kind: "model", name: $0, path: "/models/\($0.queryEscaped)") }
            },
            .among { [manifests = stores.manifests] in
                try await manifests.names(kind: Monitor.kind.name).map {
                    Place(kind: "monitor", name: $0, path: "/monitors/\($0)")
                }
            },
            Finder { [experiments = stores.experiments] query, limit in
                try await experiments.names(containing: query.longestWord, limit: candidates)
                    .filter { query.rank(of: $0.name) != nil }.prefix(limit)
                    .map { Place(kind: "experiment", name: $0.name, path: "/experiments/\($0.id.text)") }
            },
            .among { [incidents = stores.alerts.incidents] in
                try await incidents.incidents(limit: candidates).map {
                    Place(kind: "incident", name: $0.title, path: "/incidents/\($0.id)", note: $0.endpoint)
                }
            },
            Finder { [runs = stores.runs] query, limit in
                try await runs.names(beginningWith: query.text, limit: limit).map {
                    Place(kind: "run", name: $0.name, path: "/runs/\($0.id)", note: String($0.id.prefix(8)))
                }
            },
        ])
    }

    /// The pages that are found by name: those of the navigation, and those that other pages lead to.
    private static let pages =
        sections + [Link("Channels", "/channels"), Link("Silences", "/silences"), Link("Find", "/find")]
}
