import Wire

/// A search among logged models.
package struct LoggedModelQuery: Sendable {
    /// A dataset that metrics must have been measured on; any digest when nil.
    package struct Dataset: Sendable, Hashable {
        package let name: String
        package let digest: String?

        package init(name: String, digest: String?) {
            self.name = name
            self.digest = digest
        }
    }

    /// One item of an ordering; metrics may be restricted to a dataset.
    package struct Order: Sendable {
        package let order: SearchOrder
        package let dataset: Dataset?

        package init(_ order: SearchOrder, dataset: Dataset? = nil) {
            self.order = order
            self.dataset = dataset
        }

        /// - Throws: `FilterProblem` for a name that models are not sorted by.
        package init(fieldName: String, isAscending: Bool, dataset: Dataset?) throws {
            if let field = Self.metric(fieldName) ?? Self.aggregate(fieldName) {
                order = SearchOrder(field, isAscending: isAscending)
            } else if let name = SearchGrammar.loggedModels.sortable[fieldName] {
                order = SearchOrder(SearchField(.attribute, name), isAscending: isAscending)
            } else {
                let known = Set(SearchGrammar.loggedModels.sortable.values).sorted().joined(separator: ", ")
                throw FilterProblem(
                    "Invalid order by field name: '\(fieldName)'", at: 1, of: "field_name",
                    hint: "Models are sorted by metrics.KEY, \(known).")
            }
            self.dataset = dataset
        }

        /// `metrics.KEY`, where the key stands as it is, without quotes.
        private static func metric(_ name: some StringProtocol) -> SearchField? {
            name.hasPrefix("metrics.") ? SearchField(.metric, String(name.dropFirst("metrics.".count))) : nil
        }

        /// `max(metrics.KEY)` and the like.
        private static func aggregate(_ name: String) -> SearchField? {
            guard name.hasSuffix(")"), let open = name.firstIndex(of: "("),
                let field = metric(name[name.index(after: open)...].dropLast()),
                let aggregate = SearchField.Aggregate(String(name[..<open]), ofKey: field.key)
            else { return nil }
            return SearchField(.metric, field.key, aggregate)
        }
    }

    package var experimentIDs: [ExperimentID]
    package var filter = SearchFilter.everything
    package var datasets: [Dataset] = []
    package var orders: [Order] = []
    package var limit = 50
    package var offset = 0
    package var includesDeleted = false

    package init(experimentIDs: [ExperimentID]) {
        self.experimentIDs = experimentIDs
    }
}

extension SearchGrammar {
    /// What logged models are searched and sorted by.
    package static let loggedModels: SearchGrammar = {
        let text = Rule(.looseText, Rule.text.comparisons)
        var attributes: [String: (name: String, rule: Rule)] = [
            "name": ("name", text), "model_id": ("model_id", text), "model_type": ("model_type", text),
            "source_run_id": ("source_run_id", text), "experiment_id": ("experiment_id", text),
            "status": ("status", text),
        ]
        for spelling in ["creation_timestamp", "creation_timestamp_ms", "creation_time"] {
            attributes[spelling] = ("creation_timestamp_ms", .number)
        }
        for spelling in ["last_updated_timestamp", "last_updated_timestamp_ms"] {
            attributes[spelling] = ("last_updated_timestamp_ms", .number)
        }
        return SearchGrammar(
            prefixes: ["metrics": .metric, "params": .param, "tags": .tag, "attributes": .attribute],
            keys: [.metric: .any(.number), .param: .any(text), .tag: .any(text), .attribute: .known(attributes)],
            sortable: attributes.mapValues(\.name), valueQuotes: ["'"])
    }()
}
