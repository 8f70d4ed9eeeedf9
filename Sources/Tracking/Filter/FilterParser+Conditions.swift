// One comparison: its field, its comparator, its value.

extension FilterParser {
    /// A field as the text has it, before the grammar is asked about it.
    struct Name {
        let function: String?
        /// The word before the dot.
        let prefix: String?
        let key: String
        /// Of the entity's name, behind the function's.
        let position: Int
    }

    mutating func condition() throws(FilterProblem) -> SearchFilter.Condition {
        let name = try name()
        let (field, rule) = try resolve(name)
        let comparisonPosition = current?.position ?? endPosition
        let comparison = try comparison(after: name.key)
        guard rule.comparisons.contains(comparison) else {
            let known = SearchFilter.Comparison.allCases.filter(rule.comparisons.contains).map(\.rawValue)
            throw FilterProblem(
                "Invalid comparator '\(comparison.rawValue)' for \(field.entity.rawValue) '\(field.key)', not one of "
                    + known.joined(separator: ", "), at: comparisonPosition)
        }
        return SearchFilter.Condition(field, comparison, try operand(of: comparison, field, rule))
    }

    mutating func name() throws(FilterProblem) -> Name {
        guard let token = take() else {
            throw FilterProblem("Invalid clause in filter string: a comparison is missing", at: endPosition)
        }
        switch token.kind {
        case .word(let word, key: nil) where current?.kind == .symbol("("): return try call(of: word)
        case .word(let word, let key?): return Name(function: nil, prefix: word, key: key, position: token.position)
        case .word(let word, nil): return Name(function: nil, prefix: nil, key: word, position: token.position)
        case .quoted(let text, _): return Name(function: nil, prefix: nil, key: text, position: token.position)
        case .number, .symbol:
            throw FilterProblem(
                "Invalid comparison clause. Expected a name such as metrics.auc, found '\(token.description)'",
                at: token.position)
        }
    }

    /// The rest of `max(metrics.auc)`, from its parenthesis on.
    private mutating func call(of function: String) throws(FilterProblem) -> Name {
        let start = tokens[index - 1].position
        guard SearchField.Aggregate(function, ofKey: "") != nil else {
            let known = (SearchField.Aggregate.allCases.map(\.rawValue) + ["best"]).sorted().joined(separator: ", ")
            throw FilterProblem("There is no function '\(function)', only \(known)", at: start)
        }
        index += 1
        guard let token = take(), case .word(let prefix, let key?) = token.kind else {
            throw FilterProblem(
                "Invalid clause in filter string: a metric must follow '\(function)('",
                at: index <= tokens.count ? tokens[index - 1].position : endPosition,
                hint: "Such as \(function)(metrics.auc).")
        }
        guard take()?.kind == .symbol(")") else {
            throw FilterProblem("Invalid clause in filter string: '\(function)(' is not closed", at: start)
        }
        return Name(function: function, prefix: prefix, key: key, position: token.position)
    }

    private func resolve(_ name: Name) throws(FilterProblem) -> (SearchField, SearchGrammar.Rule) {
        let entity = try entity(name)
        switch grammar.keys[entity] {
        case .any(let rule): return (field(entity, name), rule)
        case .knownOrPrefixed(_, let prefixes, let rule)
        where prefixes.contains(where: { name.key.hasPrefix($0) && name.key != $0 }):
            return (SearchField(entity, name.key), rule)
        case .known(let keys), .knownOrPrefixed(let keys, _, _):
            guard let known = keys[name.key] else {
                let names = Set(keys.values.map(\.name)).sorted().joined(separator: ", ")
                throw FilterProblem(
                    "Invalid \(entity.rawValue) key '\(name.key)' specified. Valid keys are \(names)",
                    at: name.position)
            }
            return (SearchField(entity, known.name), known.rule)
        case nil: throw FilterProblem("Invalid entity type '\(entity.rawValue)'", at: name.position)
        }
    }

    func entity(_ name: Name) throws(FilterProblem) -> SearchField.Entity {
        var entity = SearchField.Entity.attribute
        if let prefix = name.prefix {
            guard let known = grammar.prefixes[prefix] else {
                let known = grammar.prefixes.keys.sorted().joined(separator: ", ")
                throw FilterProblem("Invalid entity type '\(prefix)'. Valid values are \(known)", at: name.position)
            }
            entity = known
        }
        guard name.function == nil || entity == .metric else {
            throw FilterProblem(
                "Invalid clause in filter string: only metrics have a history, not \(entity.rawValue) '\(name.key)'",
                at: name.position)
        }
        return entity
    }

    /// The field of a free key, with its aggregate when it has a function.
    func field(_ entity: SearchField.Entity, _ name: Name) -> SearchField {
        SearchField(entity, name.key, name.function.flatMap { SearchField.Aggregate($0, ofKey: name.key) })
    }

    private mutating func comparison(after name: String) throws(FilterProblem) -> SearchFilter.Comparison {
        guard let token = take() else {
            throw FilterProblem("Invalid clause in filter string: a comparator must follow '\(name)'", at: endPosition)
        }
        if case .symbol(let symbol) = token.kind, let comparison = SearchFilter.Comparison(rawValue: symbol) {
            return comparison
        }
        if let comparison = try keywordComparison(token) { return comparison }
        let hint =
            token.keyword == "NOT"
            ? "Write NOT before the comparison: it then also finds what has no such key."
            : "Names with spaces or signs need quotes after the dot, such as params.`learning rate`."
        throw FilterProblem("Invalid comparator '\(token.description)' after '\(name)'", at: token.position, hint: hint)
    }

    private mutating func keywordComparison(_ token: FilterToken) throws(FilterProblem) -> SearchFilter.Comparison? {
        guard let word = token.keyword else { return nil }
        if word == "IS" { return try nullTest() }
        guard ["LIKE", "ILIKE", "RLIKE", "IN", "NOT", "BETWEEN"].contains(word) else { return nil }
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
}
