/// A column of the table of runs, in the words of the filter grammar: `attributes.status`, `params.depth`, `tags.team`,
/// `metrics.auc` for the latest value and `best(metrics.auc)` for what its history has come to.
package struct RunColumn: Sendable, Hashable {
    /// Which number of a metric's history is shown; of everything else there is only one.
    package enum Mode: String, Sendable, Hashable, CaseIterable {
        case last, best, min, max, first
    }

    package let entity: SearchField.Entity
    /// The key of a metric, param or tag; the canonical name of an attribute.
    package let key: String
    package let mode: Mode

    package init(_ entity: SearchField.Entity, _ key: String, _ mode: Mode = .last) {
        self.entity = entity
        self.key = key
        self.mode = mode
    }

    /// How many columns a table may have.
    package static let maximumCount = 100
    /// By how many columns runs are put together at once.
    package static let maximumGroups = 3
    /// What a run says of itself, as columns; its name is always the first column and not among them.
    package static let attributes = [
        "status", "start_time", "duration_ms", "end_time", "user_id", "run_id", "artifact_uri",
    ]

    /// As the grammar reads it.
    package var text: String {
        let name = "\(prefix).\(Self.written(key))"
        return entity == .metric && mode != .last ? "\(mode.rawValue)(\(name))" : name
    }

    private var prefix: String { entity == .attribute ? "attributes" : "\(entity.rawValue)s" }

    /// A key as it stands behind the dot: in quotes unless it is a word. Of the three kinds no key has all.
    package static func written(_ key: String) -> String {
        let isWord = key.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
                || byte == 46
        }
        if isWord, let first = key.utf8.first, first != 46, key.utf8.last != 46 { return key }
        let quotes: [Character] = ["`", "\"", "'"]
        let quote = quotes.first { !key.contains($0) } ?? "`"
        return "\(quote)\(key)\(quote)"
    }

    /// What searches call it; nil for what they do not know.
    package var field: SearchField? {
        switch entity {
        case .attribute: key == "duration_ms" ? nil : SearchField(.attribute, key)
        case .metric: SearchField(.metric, key, aggregate)
        default: SearchField(entity, key)
        }
    }

    /// Which number of the history is meant; nil for the latest, which is what a metric named alone means.
    package var aggregate: SearchField.Aggregate? {
        switch mode {
        case .last: nil
        case .best: MetricDirection(ofKey: key).best
        case .min: .min
        case .max: .max
        case .first: .first
        }
    }

    /// Whether its values are numbers.
    package var isNumber: Bool { entity == .metric || key == "duration_ms" && entity == .attribute }
}

extension SearchGrammar {
    /// The columns that a text lists; an empty text has none.
    /// - Throws: `FilterProblem` with the place in the text.
    package static func columns(_ text: String) throws -> [RunColumn] {
        try columns(text, as: "columns", most: RunColumn.maximumCount)
    }

    /// The columns by which runs are put together: params, tags, and attributes that runs share.
    /// - Throws: `FilterProblem` with the place in the text.
    package static func groups(_ text: String) throws -> [RunColumn] {
        try columns(text, as: "group_by", most: RunColumn.maximumGroups) { column in
            switch column.entity {
            case .param, .tag: true
            case .attribute: ["status", "user_id", "run_name"].contains(column.key)
            default: false
            }
        }
    }

    private static func columns(
        _ text: String, as subject: String, most: Int, where isAllowed: (RunColumn) -> Bool = { _ in true }
    ) throws -> [RunColumn] {
        let columns = try runs.items(of: text, as: subject) { parser throws(FilterProblem) in
            let column = try parser.column()
            guard isAllowed(column) else {
                throw FilterProblem(
                    "Runs are not put together by \(column.text)", at: parser.tokens[0].position,
                    hint: "By params, tags, attributes.status, attributes.user_id and attributes.run_name.")
            }
            return column
        }
        try requireUnique(columns, as: subject, most: most)
        return columns.map(\.value)
    }
}

extension FilterParser {
    /// One name, alone.
    mutating func column() throws(FilterProblem) -> RunColumn {
        let name = try name()
        if let surplus = current {
            throw FilterProblem("'\(surplus.description)' is too much behind a column", at: surplus.position)
        }
        let entity = try entity(name)
        switch entity {
        case .metric:
            return RunColumn(
                entity, name.key, name.function.flatMap { RunColumn.Mode(rawValue: $0.lowercased()) } ?? .last)
        case .param, .tag: return RunColumn(entity, name.key)
        case .attribute:
            let known = grammar.sortable[name.key] ?? name.key
            guard RunColumn.attributes.contains(known) || known == "run_name" else {
                throw FilterProblem(
                    "There is no attribute '\(name.key)', only \(RunColumn.attributes.joined(separator: ", "))",
                    at: name.position)
            }
            return RunColumn(.attribute, known)
        default: throw FilterProblem("There are no columns of \(entity.rawValue)s", at: name.position)
        }
    }
}
