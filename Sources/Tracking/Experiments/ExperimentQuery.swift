/// A search among experiments.
package struct ExperimentQuery: Sendable {
    package var filter = SearchFilter.everything
    package var orders: [SearchOrder] = []
    /// Texts that all stand somewhere in the name, in large letters or small.
    package var nameParts: [String] = []
    package var view = ViewType.activeOnly
    package var limit: Int
    package var offset = 0

    /// The largest page.
    package static let maximumLimit = 50_000

    package init(limit: Int) {
        self.limit = limit
    }
}

extension SearchGrammar {
    /// What experiments are searched and sorted by.
    package static let experiments: SearchGrammar = {
        let attributes: [String: Rule] = [
            "name": .text, "experiment_id": Rule(.integerText, [.equal, .notEqual, .in, .notIn]),
            "creation_time": .wholeNumber, "last_update_time": .wholeNumber,
        ]
        return SearchGrammar(
            prefixes: ["attribute": .attribute, "tag": .tag, "tags": .tag],
            keys: [
                .attribute: .known(attributes.reduce(into: [:]) { $0[$1.key] = ($1.key, $1.value) }),
                .tag: .any(.optionalText),
            ],
            sortable: attributes.reduce(into: [:]) { $0[$1.key] = $1.key }, anyCaseKeywords: false)
    }()
}
