import Wire

/// What may be asked for in one kind of list.
struct FilterVocabulary: Sendable {
    enum Value: Sendable {
        case number
        case wholeNumber
        /// Also in quotes.
        case version
        case text
        /// With IN, in MLflow too.
        case listedText
        /// With IS NULL.
        case optionalText
        /// With any of them, also by size.
        case judgement
        case experimentID
        /// A pattern only.
        case pattern
    }

    /// Prefixes that take any key.
    let prefixes: [(name: String, value: Value)]
    let attributes: [(name: String, value: Value)]
    /// Prefixes and attributes to sort by.
    let sortedPrefixes: [String]
    let sorted: [String]

    static let runs = FilterVocabulary(
        prefixes: [("metrics", .number), ("metrics", .number), ("params", .optionalText), ("tags", .optionalText)],
        attributes: [
            ("run_id", .listedText), ("run_name", .text), ("attributes.user_id", .text), ("status", .text),
            ("artifact_uri", .text), ("start_time", .number), ("end_time", .number), ("dataset.name", .listedText),
            ("dataset.digest", .listedText), ("dataset.context", .listedText), ("tags.`mlflow.runName`", .optionalText),
        ],
        sortedPrefixes: ["metrics", "metrics", "params", "tags"],
        sorted: ["start_time", "end_time", "status", "run_name", "user_id", "run_id", "artifact_uri", "created"])

    static let experiments = FilterVocabulary(
        prefixes: [("tags", .optionalText), ("tag", .optionalText)],
        attributes: [
            ("name", .text), ("attribute.name", .text), ("experiment_id", .experimentID),
            ("creation_time", .wholeNumber),
            ("last_update_time", .wholeNumber),
        ],
        sortedPrefixes: [], sorted: ["name", "experiment_id", "creation_time", "last_update_time"])

    static let loggedModels = FilterVocabulary(
        prefixes: [("metrics", .number), ("params", .listedText), ("tags", .listedText)],
        attributes: [
            ("name", .listedText), ("attributes.model_id", .listedText), ("model_type", .listedText),
            ("source_run_id", .listedText), ("creation_timestamp", .number), ("last_updated_timestamp", .number),
        ],
        sortedPrefixes: ["metrics"],
        sorted: ["name", "model_id", "model_type", "source_run_id", "creation_timestamp", "last_updated_timestamp"])

    static let registeredModels = FilterVocabulary(
        prefixes: [("tags", .text), ("tag", .text)], attributes: [("name", .listedText), ("attribute.name", .text)],
        sortedPrefixes: [], sorted: ["name", "timestamp", "last_updated_timestamp"])

    static let modelVersions = FilterVocabulary(
        prefixes: [("tags", .text)],
        attributes: [
            ("name", .listedText), ("run_id", .listedText), ("source_path", .text), ("version_number", .version),
        ],
        sortedPrefixes: [], sorted: ["name", "version_number", "creation_timestamp", "last_updated_timestamp"])

    static let traces = FilterVocabulary(
        prefixes: [
            ("tags", .optionalText), ("metadata", .optionalText), ("span.attributes", .text), ("feedback", .judgement),
            ("expectation", .judgement),
        ],
        attributes: [
            ("status", .listedText), ("name", .listedText), ("run_id", .listedText), ("request_id", .listedText),
            ("client_request_id", .listedText), ("timestamp", .number), ("execution_time", .number),
            ("end_time", .number), ("trace.text", .pattern), ("span.name", .listedText), ("span.status", .listedText),
            ("span.content", .pattern),
        ],
        sortedPrefixes: ["tags", "metadata"],
        sorted: ["timestamp", "execution_time", "end_time", "status", "name", "run_id", "request_id", "experiment_id"])
}

extension RandomScript {
    /// A filter, now and then one that nobody can read.
    mutating func filter(_ words: FilterVocabulary) -> String {
        if chance(0.02) { return pick([" ", "(", "a = ", "tags.a = 'b' AND", "name == 'x'", "tags.a NOT LIKE 'x'"]) }
        guard !isPlain else { return (0...roll(2)).map { _ in condition(words) }.joined(separator: " AND ") }
        return tree(words, depth: 2)
    }

    private mutating func tree(_ words: FilterVocabulary, depth: Int) -> String {
        switch depth == 0 ? 0 : roll(8) {
        case 4: "NOT (\(tree(words, depth: depth - 1)))"
        case 5: "(\(tree(words, depth: depth - 1)) AND \(tree(words, depth: depth - 1)))"
        case 6: "(\(tree(words, depth: depth - 1)) OR \(tree(words, depth: depth - 1)))"
        case 7: "\(condition(words)) AND \(condition(words))"
        default: condition(words)
        }
    }

    private mutating func condition(_ words: FilterVocabulary) -> String {
        let isKeyed = !words.prefixes.isEmpty && chance(0.5)
        let (name, value) = pick(isKeyed ? words.prefixes : words.attributes)
        var field = isKeyed ? "\(name).\(quotedKey())" : name
        if !isPlain, name == "metrics", words.sortedPrefixes.count > 1, chance(0.3) {
            field = "\(pick(["max", "min", "first", "last", "best"]))(\(field))"
        }
        return "\(field) \(comparison(with: value))"
    }

    private mutating func comparison(with value: FilterVocabulary.Value) -> String {
        switch value {
        case .number:
            bySize(pick(["0", "1", "-1", "0.5", "0.25", "1e3", "1e308", ".5", "2.", "1700000000000", "1e400"]))
        case .wholeNumber: bySize(pick(["0", "1", "1700000005000", "99999999999999"]))
        case .version: bySize(pick(["1", "2", "'1'", "\"2\"", "0"]))
        case .judgement: chance(0.5) ? bySize(pick(["0", "1", "0.5"])) : byText(canBeNull: true, canBeListed: !isPlain)
        case .text: byText(canBeNull: false, canBeListed: !isPlain)
        case .listedText: byText(canBeNull: false, canBeListed: true)
        case .optionalText: byText(canBeNull: true, canBeListed: !isPlain)
        case .pattern: "\(pick(["LIKE", "ILIKE"])) \(quoted(pattern()))"
        case .experimentID:
            chance(0.5)
                ? "\(pick(["=", "!="])) '\(experiment())'"
                : "\(pick(["IN", "NOT IN"])) ('\(experiment())', '\(experiment())')"
        }
    }

    private mutating func bySize(_ number: String) -> String {
        if !isPlain, chance(0.1) { return "BETWEEN 0 AND \(number)" }
        return "\(pick(["=", "!=", "<", "<=", ">", ">="])) \(number)"
    }

    private mutating func byText(canBeNull: Bool, canBeListed: Bool) -> String {
        switch roll(canBeNull ? 8 : 6) {
        case 0, 1: "\(pick(["=", "!="])) \(quoted(value()))"
        case 2: "\(pick(["LIKE", "ILIKE"])) \(quoted(value()))"
        case 3, 4: "\(pick(["LIKE", "ILIKE"])) \(quoted(pattern()))"
        case 5:
            canBeListed ? "\(pick(["IN", "NOT IN"])) (\(quoted(value())), \(quoted(value())))" : "= \(quoted(value()))"
        default: pick(["IS NULL", "IS NOT NULL"])
        }
    }

    private mutating func value() -> String {
        chance(0.3)
            ? pick([
                "FINISHED", "RUNNING", "OK", "ann", "churn", "training", "rows", "d1", "s3://bucket/a", "net", run(),
            ])
            : shortText()
    }

    private mutating func pattern() -> String {
        let text = value()
        return pick(["%\(text)%", "\(text)%", "%\(text)", "_%", "%_\(text)", "e-%", "r%n%"])
    }

    private mutating func quoted(_ text: String) -> String {
        text.contains("'") ? text.contains("\"") ? "'x'" : "\"\(text)\"" : "'\(text)'"
    }

    private mutating func quotedKey() -> String {
        let key = pick(Self.keys)
        return key.allSatisfy(\.isLetter) && chance(0.5) ? key : "`\(key)`"
    }

    // MARK: - Orders

    mutating func order(_ words: FilterVocabulary) -> String {
        !words.sortedPrefixes.isEmpty && chance(0.5)
            ? "\(pick(words.sortedPrefixes)).\(quotedKey())" : pick(words.sorted)
    }

    mutating func orders(_ words: FilterVocabulary) -> [String] {
        if chance(0.02) { return [pick(["", "nothing", "name sideways", "metrics.m NULLS LAST"])] }
        let orders = several(3) { $0.order(words) }
        var seen: Set<String> = []
        return orders.filter { seen.insert($0).inserted }.map { order in
            "\(order)\(pick(["", " ASC", " DESC", " desc"]))"
        }
    }
}
