package import Tracking

/// A search among evaluation datasets.
package struct EvaluationDatasetQuery: Sendable {
    /// Those of any when it is empty.
    package var experimentIDs: [ExperimentID] = []
    package var filter = SearchFilter.everything
    package var orders: [SearchOrder] = []
    package var limit = 1000
    package var offset = 0

    /// The largest page.
    package static let maximumLimit = 50_000
}

extension SearchGrammar {
    /// What evaluation datasets are searched and sorted by.
    package static let evaluationDatasets: SearchGrammar = {
        let attributes: [String: Rule] = [
            "name": .text, "created_by": .text, "last_updated_by": .text, "created_time": .wholeNumber,
            "last_update_time": .wholeNumber,
        ]
        let sortable = ["name", "created_time", "last_update_time"]
        return SearchGrammar(
            prefixes: ["attribute": .attribute, "attributes": .attribute, "tag": .tag, "tags": .tag],
            keys: [
                .attribute: .known(attributes.reduce(into: [:]) { $0[$1.key] = ($1.key, $1.value) }),
                .tag: .any(.optionalText),
            ],
            sortable: sortable.reduce(into: [:]) { $0[$1] = $1 })
    }()
}
