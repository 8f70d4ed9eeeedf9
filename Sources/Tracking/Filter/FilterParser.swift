/// Reads tokens as a filter or an ordering in the vocabulary of a grammar.
///
///     filter      = conjunction { "OR" conjunction }
///     conjunction = term { "AND" term }
///     term        = "NOT" term | "(" filter ")" | condition
///     condition   = field operator value | field "IN" list | field "BETWEEN" number "AND" number
///                 | field "IS" [ "NOT" ] "NULL"
///     field       = name | function "(" name ")"
///     order       = field [ "ASC" | "DESC" ]
///
/// In a filter of conditions alone AND may be missing, doubled, leading or trailing, as MLflow's own parser lets it be;
/// beside OR, NOT or parentheses it must stand where it belongs, so that no filter means what nobody intended.
struct FilterParser {
    let grammar: SearchGrammar
    let tokens: [FilterToken]
    var index = 0
    private var conditionCount = 0
    var valueCount = 0
    /// Whether OR, NOT or parentheses were met.
    private var isExtended = false
    /// The first AND that stands where none belongs, or the first condition that lacks the AND before it.
    private var looseAnd: Int?

    /// How deep NOT and parentheses may be nested: SQLite's parser has room for a hundred symbols, of which each level
    /// takes three or four.
    static let maximumDepth = 16
    /// How many comparisons a filter may have; SQLite takes expressions of a thousand.
    static let maximumConditions = 500
    /// How many values all lists of a filter may have together, because engines limit what a statement binds.
    static let maximumValues = 4000

    init(grammar: SearchGrammar, tokens: [FilterToken]) {
        self.grammar = grammar
        self.tokens = tokens
    }

    var current: FilterToken? { index < tokens.count ? tokens[index] : nil }
    var endPosition: Int { tokens.last.map { $0.position + $0.description.unicodeScalars.count } ?? 1 }

    mutating func take() -> FilterToken? {
        defer { index += 1 }
        return current
    }

    mutating func filter() throws(FilterProblem) -> SearchFilter {
        guard !tokens.isEmpty else {
            throw FilterProblem("Invalid filter: it is blank and could not be parsed", at: 1)
        }
        let filter = try disjunction(depth: 0)
        if let surplus = current {
            throw FilterProblem("Invalid clause in filter string: there is no '(' to this ')'", at: surplus.position)
        }
        if isExtended, let looseAnd {
            throw FilterProblem(
                "Invalid clause in filter string: beside OR, NOT or parentheses one AND stands between two comparisons, "
                    + "no more and no less", at: looseAnd)
        }
        return filter
    }

    private mutating func disjunction(depth: Int) throws(FilterProblem) -> SearchFilter {
        var parts: [SearchFilter] = []
        repeat {
            if !parts.isEmpty {
                isExtended = true
                index += 1
            }
            let part = try conjunction(depth: depth)
            let isAlone = parts.isEmpty && depth == 0 && current == nil
            guard part != .everything || isAlone else {
                throw FilterProblem(
                    "Invalid clause in filter string: a comparison is missing", at: current?.position ?? endPosition)
            }
            parts.append(part)
        } while current?.keyword == "OR"
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction(depth: Int) throws(FilterProblem) -> SearchFilter {
        var parts: [SearchFilter] = []
        var followsAnd = false
        while let token = current, token.keyword != "OR", token.kind != .symbol(")") {
            let isAnd = token.keyword == "AND"
            // AND belongs behind a comparison, and a comparison behind AND unless it is the first.
            let isPlaced = isAnd ? !parts.isEmpty && !followsAnd : parts.isEmpty || followsAnd
            if !isPlaced { looseAnd = looseAnd ?? token.position }
            if isAnd { index += 1 } else { parts.append(try term(depth: depth)) }
            followsAnd = isAnd
        }
        if followsAnd { looseAnd = looseAnd ?? tokens[index - 1].position }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func term(depth: Int) throws(FilterProblem) -> SearchFilter {
        guard let token = current, token.keyword != "AND", token.keyword != "OR", token.kind != .symbol(")") else {
            throw FilterProblem(
                "Invalid clause in filter string: a comparison is missing", at: current?.position ?? endPosition)
        }
        let isNegation = token.keyword == "NOT"
        guard isNegation || token.kind == .symbol("(") else { return .condition(try countedCondition()) }
        guard depth < Self.maximumDepth else {
            throw FilterProblem(
                "The filter is nested more than \(Self.maximumDepth) deep", at: token.position,
                hint: "Join comparisons with AND and OR without parentheses where they are not needed.")
        }
        isExtended = true
        index += 1
        if isNegation { return .not(try term(depth: depth + 1)) }
        let filter = try disjunction(depth: depth + 1)
        guard take()?.kind == .symbol(")") else {
            throw FilterProblem("Invalid clause in filter string: this '(' is not closed", at: token.position)
        }
        return filter
    }

    private mutating func countedCondition() throws(FilterProblem) -> SearchFilter.Condition {
        conditionCount += 1
        guard conditionCount <= Self.maximumConditions else {
            throw FilterProblem(
                "The filter has more than \(Self.maximumConditions) comparisons", at: current?.position ?? endPosition,
                hint: "Write params.key IN ('a', 'b', …) for many values of one key.")
        }
        return try condition()
    }
}
