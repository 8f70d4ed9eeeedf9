/// A search among runs.
package struct RunQuery: Sendable {
    package var experimentIDs: [ExperimentID]
    package var filter = SearchFilter.everything
    package var orders: [SearchOrder] = []
    package var view = ViewType.activeOnly
    package var limit = 1000
    package var offset = 0

    /// The largest page.
    package static let maximumLimit = 50_000

    package init(experimentIDs: [ExperimentID]) {
        self.experimentIDs = experimentIDs
    }
}

extension SearchGrammar {
    /// What runs are searched and sorted by.
    package static let runs: SearchGrammar = {
        let names = ["run_name", "run name", "Run name", "Run Name"]
        let starts = ["start_time", "created", "Created"]
        var attributes: [String: (name: String, rule: Rule)] = [
            "run_id": ("run_id", .text), "user_id": ("user_id", .text), "status": ("status", .text),
            "artifact_uri": ("artifact_uri", .text), "end_time": ("end_time", .number),
        ]
        for name in names { attributes[name] = ("run_name", .text) }
        for start in starts { attributes[start] = ("start_time", .number) }
        let datasets = ["name", "digest", "context"]
        return SearchGrammar(
            prefixes: [
                "metrics": .metric, "metric": .metric, "params": .param, "param": .param, "parameters": .param,
                "parameter": .param, "tags": .tag, "tag": .tag, "attributes": .attribute, "attribute": .attribute,
                "attr": .attribute, "run": .attribute, "datasets": .dataset, "dataset": .dataset,
            ],
            keys: [
                .metric: .any(.number), .param: .any(.optionalText), .tag: .any(.optionalText),
                .attribute: .known(attributes),
                .dataset: .known(datasets.reduce(into: [:]) { $0[$1] = ($1, .text) }),
            ],
            sortable: attributes.mapValues(\.name).filter { $0.value != "run_name" || $0.key == "run_name" },
            sortableEntities: [.metric, .param, .tag])
    }()
}
