import Wire

// The values of comparisons.

extension FilterParser {
    mutating func operand(
        of comparison: SearchFilter.Comparison, _ field: SearchField, _ rule: SearchGrammar.Rule
    ) throws(FilterProblem) -> SearchFilter.Operand {
        switch comparison {
        case .isNull, .isNotNull: return .nothing
        case .in, .notIn: return .list(try list(rule))
        case .rlike: return .text(try pattern(field))
        case .between: return try range(field, rule.kind == .textOrNumber ? .number : rule.kind)
        default: break
        }
        switch rule.kind {
        case .textOrNumber where comparison.isBySize || current?.isNumber == true && comparison.isEquality:
            return .number(try number(field, .number))
        case .number, .wholeNumber, .quotableWholeNumber: return .number(try number(field, rule.kind))
        case .text, .looseText, .integerText, .textOrNumber: return .text(try text(field, rule.kind))
        }
    }

    private mutating func value() throws(FilterProblem) -> FilterToken {
        guard let token = take() else {
            throw FilterProblem("Invalid clause in filter string: a value is missing", at: endPosition)
        }
        return token
    }

    private mutating func range(
        _ field: SearchField, _ kind: SearchGrammar.Rule.Kind
    ) throws(FilterProblem) -> SearchFilter.Operand {
        let lower = try number(field, kind)
        guard current?.keyword == "AND" else {
            throw FilterProblem(
                "Invalid clause in filter string: AND and a second number must follow the first of BETWEEN",
                at: current?.position ?? endPosition)
        }
        index += 1
        return .range(lower, try number(field, kind))
    }

    private mutating func number(
        _ field: SearchField, _ kind: SearchGrammar.Rule.Kind
    ) throws(FilterProblem) -> Double {
        let token = try value()
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

    private mutating func text(
        _ field: SearchField, _ kind: SearchGrammar.Rule.Kind
    ) throws(FilterProblem) -> String {
        let token = try value()
        if kind == .looseText, token.isWordOrNumber { return token.description }
        guard case .quoted(let text, let quote) = token.kind, grammar.valueQuotes.contains(quote) else {
            throw FilterProblem(
                "Expected a quoted string value for \(field.entity.rawValue) '\(field.key)' (e.g. 'my-value'). Got value "
                    + token.description, at: token.position)
        }
        try check(text, kind, at: token.position)
        return text
    }

    private mutating func pattern(_ field: SearchField) throws(FilterProblem) -> String {
        let position = current?.position ?? endPosition
        let text = try text(field, .text)
        do {
            _ = try Pattern(text)
        } catch {
            throw FilterProblem("Invalid regular expression: \(error.reason)", at: position)
        }
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
            values.append(try listed(token, rule))
            if current?.kind == .symbol(",") {
                index += 1
            } else if current?.kind != .symbol(")") {
                break
            }
        }
        throw FilterProblem("A list in the query is not closed with ')'", at: current?.position ?? endPosition)
    }

    private mutating func listed(
        _ token: FilterToken, _ rule: SearchGrammar.Rule
    ) throws(FilterProblem) -> String {
        guard case .quoted(let text, let quote) = token.kind, grammar.valueQuotes.contains(quote) else {
            throw FilterProblem(
                "While parsing a list in the query, expected a non-empty list of quoted string values, found "
                    + "'\(token.description)'", at: token.position)
        }
        try check(text, rule.kind, at: token.position)
        valueCount += 1
        guard valueCount <= Self.maximumValues else {
            throw FilterProblem(
                "The lists of the filter have more than \(Self.maximumValues) values", at: token.position,
                hint: "Ask in several searches.")
        }
        return text
    }

    private func check(_ text: String, _ kind: SearchGrammar.Rule.Kind, at position: Int) throws(FilterProblem) {
        guard kind != .integerText || Int64(text) != nil else {
            throw FilterProblem("Invalid experiment ID '\(text)'. Experiment ID must be a valid integer", at: position)
        }
    }
}

extension SearchFilter.Comparison {
    /// Whether it asks which of two is larger.
    fileprivate var isBySize: Bool { [.greater, .greaterOrEqual, .less, .lessOrEqual].contains(self) }
    fileprivate var isEquality: Bool { self == .equal || self == .notEqual }
}
