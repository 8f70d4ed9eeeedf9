package import Tracking

/// A search among traces.
package struct TraceQuery: Sendable {
    package var experimentIDs: [ExperimentID]
    package var filter = SearchFilter.everything
    package var orders: [SearchOrder] = []
    package var limit = 100
    package var offset = 0

    /// The largest page.
    package static let maximumLimit = 500

    package init(experimentIDs: [ExperimentID]) {
        self.experimentIDs = experimentIDs
    }
}

extension SearchGrammar {
    /// What traces are searched and sorted by. The name of a trace, its run and its prompts are attributes here, wherever
    /// they are kept.
    package static let traces: SearchGrammar = {
        let measures = [
            "timestamp": "timestamp", "timestamp_ms": "timestamp", "execution_time": "execution_time",
            "execution_time_ms": "execution_time", "end_time": "end_time", "end_time_ms": "end_time",
        ]
        let words = ["status", "name", "run_id", "request_id", "client_request_id"]
        let pattern = Rule(.text, [.like, .ilike])
        let text = Rule(.text, Rule.text.comparisons.union([.rlike]))
        let optionalText = Rule(.text, Rule.optionalText.comparisons.union([.rlike]))
        var attributes: [String: (name: String, rule: Rule)] = measures.mapValues { ($0, .number) }
        for word in words { attributes[word] = (word, text) }
        for word in ["name", "run_id"] { attributes[word] = (word, optionalText) }
        attributes["text"] = ("text", pattern)
        attributes["prompt"] = ("prompt", Rule(.text, [.equal]))
        let judgement = Rule(.textOrNumber, optionalText.comparisons.union(Rule.number.comparisons))
        let sortable = measures.merging(words.map { ($0, $0) }) { first, _ in first }
        return SearchGrammar(
            prefixes: [
                "attribute": .attribute, "attributes": .attribute, "trace": .attribute, "tag": .tag, "tags": .tag,
                "metadata": .metadata, "request_metadata": .metadata, "span": .span, "feedback": .feedback,
                "expectation": .expectation, "issue": .issue,
            ],
            keys: [
                .attribute: .known(attributes), .tag: .any(optionalText), .metadata: .any(optionalText),
                .span: .knownOrPrefixed(
                    [
                        "name": ("name", text), "type": ("type", text),
                        "status": ("status", text), "content": ("content", pattern),
                    ], prefixes: ["attributes."], text),
                .feedback: .any(judgement), .expectation: .any(judgement),
                .issue: .known(["id": ("id", Rule(.text, [.equal]))]),
            ],
            sortable: sortable.merging(["experiment_id": "experiment_id"]) { first, _ in first },
            sortableEntities: [.tag, .metadata])
    }()
}
