package import Tracking

/// A search among registered models or their versions.
package struct RegistryQuery: Sendable {
    package var filter: SearchFilter
    package var orders: [SearchOrder]
    package var limit: Int
    package var offset: Int

    package init(filter: SearchFilter = .everything, orders: [SearchOrder] = [], limit: Int, offset: Int = 0) {
        self.filter = filter
        self.orders = orders
        self.limit = limit
        self.offset = offset
    }
}

extension SearchGrammar {
    /// What registered models are searched and sorted by.
    package static let registeredModels = SearchGrammar(
        prefixes: ["attribute": .attribute, "tag": .tag, "tags": .tag],
        keys: [.attribute: .known(["name": ("name", .text)]), .tag: .any(.text)],
        sortable: [
            "name": "name", "timestamp": "last_updated_timestamp", "last_updated_timestamp": "last_updated_timestamp",
        ])

    /// What versions of models are searched and sorted by.
    package static let modelVersions = SearchGrammar(
        prefixes: ["attribute": .attribute, "tag": .tag, "tags": .tag],
        keys: [
            .attribute: .known([
                "name": ("name", .text), "run_id": ("run_id", .text),
                "source_path": ("source_path", .text),
                "version_number": ("version_number", Rule(.quotableWholeNumber, Rule.number.comparisons)),
            ]), .tag: .any(.text),
        ],
        sortable: [
            "name": "name", "version_number": "version_number", "creation_timestamp": "creation_timestamp",
            "last_updated_timestamp": "last_updated_timestamp",
        ])
}
