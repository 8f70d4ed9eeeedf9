/// Reads tokens as a filter or an ordering in the vocabulary of a grammar.
///
///     filter     = { "AND" } [ comparison { { "AND" } comparison } ] { "AND" }
///     comparison = field operator value | field "IS" [ "NOT" ] "NULL"
///     order      = field [ "ASC" | "DESC" ]
///
/// AND may be doubled or missing, as MLflow's own parser lets it be.
struct FilterParser {
    let grammar: SearchGrammar
    let tokens: [FilterToken]
    private var index = 0

    init(grammar: SearchGrammar, tokens: [FilterToken]) {
        self.grammar = grammar
        self.tokens = tokens
    }

    private var current: FilterToken? { index < tokens.count ? tokens[index] : nil }
    private var endPosition: Int { tokens.last.map { $0.position + $0.description.count } ?? 1 }

    private mutating func take() -> FilterToken? {
        defer { index += 1 }
        return current
    }

    mutating func filter() throws(FilterProblem) -> SearchFilter {
        guard !tokens.isEmpty else {
            throw FilterProblem("Invalid filter: it is blank and could not be parsed", at: 1)
        }
        var conditions: [SearchFilter.Condition] = []
        while let token = current {
            if token.keyword == "AND" {
                index += 1
            } else {
                conditions.append(try condition())
            }
        }
        return SearchFilter(conditions: conditions)
    }

    private mutating func condition() throws(FilterProblem) -> SearchFilter.Condition {
        let (entity, spelling, position) = try name()
        let (field, rule) = try resolve(entity, spelling, at: position)
        let comparisonPosition = current?.position ?? endPosition
        let comparison = try comparison(after: spelling)
        guard rule.comparisons.contains(comparison) else {
            let known = SearchFilter.Comparison.allCases.filter(rule.comparisons.contains).map(\.rawValue)
            throw FilterProblem(
                "Invalid comparator '\(comparison.rawValue)' for \(field.entity.rawValue) '\(field.key)', not one of "
                    + known.joined(separator: ", "), at: comparisonPosition)
        }
        return SearchFilter.Condition(
            field: field, comparison: comparison, operand: try operand(of: comparison, field, rule))
    }

    /// The name of a field: entity word, if any, and key.
    private mutating func name() throws(FilterProblem) -> (entity: String?, key: String, position: Int) {
        guard let token = take() else {
            throw FilterProblem("A comparison is missing", at: endPosition)
        }
        if let word = token.keyword, ["OR", "NOT"].contains(word) {
            throw FilterProblem(
                "Invalid clause in filter string: comparisons are joined by AND, there is no '\(word)'",
                at: token.position)
        }
        switch token.kind {
        case .word(let word, let key?): return (word, key, token.position)
        case .word(let word, nil): return (nil, word, token.position)
        case .quoted(let text, _): return (nil, text, token.position)
        case .number, .symbol:
            throw FilterProblem(
                "Invalid comparison clause. Expected a name such as metrics.auc, found '\(token.description)'",
                at: token.position)
        }
    }

    private func resolve(
        _ prefix: String?, _ key: String, at position: Int
    ) throws(FilterProblem) -> (SearchField, SearchGrammar.Rule) {
        let entity = try entity(prefix, at: position)
        switch grammar.keys[entity] {
        case .any(let rule): return (SearchField(entity, key), rule)
        case .known(let keys):
            guard let known = keys[key] else {
                let names = Set(keys.values.map(\.name)).sorted().joined(separator: ", ")
                throw FilterProblem(
                    "Invalid \(entity.rawValue) key '\(key)' specified. Valid keys are \(names)", at: position)
            }
            return (SearchField(entity, known.name), known.rule)
        case nil: throw FilterProblem("Invalid entity type '\(entity.rawValue)'", at: position)
        }
    }

    private func entity(_ prefix: String?, at position: Int) throws(FilterProblem) -> SearchField.Entity {
        guard let prefix else { return .attribute }
        guard let entity = grammar.prefixes[prefix] else {
            let known = grammar.prefixes.keys.sorted().joined(separator: ", ")
            throw FilterProblem("Invalid entity type '\(prefix)'. Valid values are \(known)", at: position)
        }
        return entity
    }

    private mutating func comparison(after name: String) throws(FilterProblem) -> SearchFilter.Comparison {
        guard let token = take() else {
            throw FilterProblem("Invalid clause in filter string: a comparator must follow '\(name)'", at: endPosition)
        }
        if case .symbol(let symbol) = token.kind, let comparison = SearchFilter.Comparison(rawValue: symbol) {
            return comparison
        }
        if let comparison = try keywordComparison(token) { return comparison }
        throw FilterProblem(
            "Invalid comparator '\(token.description)' after '\(name)'", at: token.position,
            hint: "Names with spaces or signs need quotes after the dot, such as params.`learning rate`.")
    }

    private mutating func keywordComparison(_ token: FilterToken) throws(FilterProblem) -> SearchFilter.Comparison? {
        guard let word = token.keyword else { return nil }
        if word == "IS" { return try nullTest() }
        guard ["LIKE", "ILIKE", "IN", "NOT"].contains(word) else { return nil }
        guard grammar.anyCaseKeywords || token.description == word else { return nil }
        guard word == "NOT" else { return SearchFilter.Comparison(rawValue: word) }
        guard let next = current, next.keyword == "IN" else { return nil }
        index += 1
        return .notIn
    }

    private mutating func nullTest() throws(FilterProblem) -> SearchFilter.Comparison {
        let isNegated = current?.keyword == "NOT"
        if isNegated { index += 1 }
        guard let token = take(), token.keyword == "NULL" else {
            throw FilterProblem(
                "Invalid clause in filter string: after IS comes NULL or NOT NULL",
                at: index <= tokens.count ? tokens[index - 1].position : endPosition)
        }
        return isNegated ? .isNotNull : .isNull
    }

    /// A name, which here may stand in backticks as a whole: `` `metrics.a b` ``.
    private mutating func orderName() throws(FilterProblem) -> (entity: String?, key: String, position: Int) {
        let isWhole = if case .quoted(_, by: "`") = current?.kind { true } else { false }
        let (prefix, key, position) = try name()
        guard isWhole, let dot = key.firstIndex(of: ".") else { return (prefix, key, position) }
        return (String(key[..<dot]), String(key[key.index(after: dot)...]), position)
    }

    mutating func order() throws(FilterProblem) -> SearchOrder {
        guard !tokens.isEmpty else {
            throw FilterProblem("Invalid order_by clause: it is blank and could not be parsed", at: 1)
        }
        let (prefix, key, position) = try orderName()
        let entity = try entity(prefix, at: position)
        let field: SearchField
        if grammar.sortableEntities.contains(entity) {
            field = SearchField(entity, key)
        } else if entity == .attribute {
            guard let name = grammar.sortable[key] else {
                let known = Set(grammar.sortable.values).sorted().joined(separator: ", ")
                throw FilterProblem(
                    "Invalid attribute key '\(key)' specified. Valid keys are \(known)", at: position)
            }
            field = SearchField(.attribute, name)
        } else {
            throw FilterProblem("Invalid order_by entity: \(entity.rawValue)", at: position)
        }
        let direction = take()
        guard direction == nil || direction?.keyword == "ASC" || direction?.keyword == "DESC" else {
            throw FilterProblem(
                "Invalid ordering key in order_by clause: after '\(key)' comes ASC, DESC or nothing",
                at: direction?.position ?? endPosition)
        }
        if let surplus = current {
            throw FilterProblem(
                "Invalid order_by clause: '\(surplus.description)' is too much", at: surplus.position,
                hint: "Each item of order_by has one field.")
        }
        return SearchOrder(field, isAscending: direction?.keyword != "DESC")
    }
}

// MARK: - Values

extension FilterParser {
    private mutating func operand(
        of comparison: SearchFilter.Comparison, _ field: SearchField, _ rule: SearchGrammar.Rule
    ) throws(FilterProblem) -> SearchFilter.Operand {
        switch comparison {
        case .isNull, .isNotNull: return .nothing
        case .in, .notIn: return .list(try list(rule))
        default: break
        }
        guard let token = take() else {
            throw FilterProblem("Invalid clause in filter string: a value is missing", at: endPosition)
        }
        switch rule.kind {
        case .number, .wholeNumber, .quotableWholeNumber: return .number(try number(token, field, rule.kind))
        case .text, .looseText, .integerText: return .text(try text(token, field, rule.kind))
        }
    }

    private func number(
        _ token: FilterToken, _ field: SearchField, _ kind: SearchGrammar.Rule.Kind
    ) throws(FilterProblem) -> Double {
        if kind == .quotableWholeNumber, case .quoted(let text, _) = token.kind, let value = Int64(text) {
            return Double(value)
        }
        guard case .number(let value, let text) = token.kind else {
            throw FilterProblem(
                "Expected numeric value type for \(field.entity.rawValue) '\(field.key)'. Found \(token.description)",
                at: token.position)
        }
        guard kind == .number || Int64(text) != nil else {
            throw FilterProblem("Invalid value for numeric attribute '\(field.key)': '\(text)'", at: token.position)
        }
        return value
    }

    private func text(
        _ token: FilterToken, _ field: SearchField, _ kind: SearchGrammar.Rule.Kind
    ) throws(FilterProblem) -> String {
        if kind == .looseText, !token.isQuoted { return token.description }
        guard case .quoted(let text, let quote) = token.kind, grammar.valueQuotes.contains(quote) else {
            throw FilterProblem(
                "Expected a quoted string value for \(field.entity.rawValue) '\(field.key)' (e.g. 'my-value'). Got value "
                    + token.description, at: token.position)
        }
        try check(text, kind, at: token.position)
        return text
    }

    /// `('a', "b",)`: at least one text, a comma at the end allowed.
    private mutating func list(_ rule: SearchGrammar.Rule) throws(FilterProblem) -> [String] {
        let start = current?.position ?? endPosition
        guard let open = take(), open.kind == .symbol("(") else {
            throw FilterProblem("Expected a list of quoted values in parentheses, such as ('a', 'b')", at: start)
        }
        var values: [String] = []
        while let token = take() {
            if token.kind == .symbol(")"), !values.isEmpty { return values }
            guard case .quoted(let text, let quote) = token.kind, grammar.valueQuotes.contains(quote) else {
                throw FilterProblem(
                    "While parsing a list in the query, expected a non-empty list of quoted string values, found "
                        + "'\(token.description)'", at: token.position)
            }
            try check(text, rule.kind, at: token.position)
            values.append(text)
            if current?.kind == .symbol(",") {
                index += 1
            } else if current?.kind != .symbol(")") {
                break
            }
        }
        throw FilterProblem("A list in the query is not closed with ')'", at: current?.position ?? endPosition)
    }

    private func check(_ text: String, _ kind: SearchGrammar.Rule.Kind, at position: Int) throws(FilterProblem) {
        guard kind != .integerText || Int64(text) != nil else {
            throw FilterProblem("Invalid experiment ID '\(text)'. Experiment ID must be a valid integer", at: position)
        }
    }
}
