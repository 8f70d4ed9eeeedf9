import Statistics

extension SegmentCondition {
    /// Reads a condition.
    /// - Throws: `SegmentSyntaxProblem` with the place of the first word that does not fit.
    package init(_ text: String) throws(SegmentSyntaxProblem) {
        var parser = try SegmentParser(text)
        self = try parser.whole()
    }
}

/// By recursive descent: OR binds weakest, then AND, then NOT.
private struct SegmentParser {
    private let condition: String
    private let tokens: [SegmentToken]
    private var next = 0
    private var depth = 0

    /// Deeper brackets are refused: they would exhaust the stack.
    private static let maximumDepth = 100

    init(_ condition: String) throws(SegmentSyntaxProblem) {
        self.condition = condition
        tokens = try SegmentLexer.tokens(of: condition)
    }

    private var token: SegmentToken { tokens[min(next, tokens.count - 1)] }

    private func problem(_ reason: String) -> SegmentSyntaxProblem {
        SegmentSyntaxProblem(reason: reason, place: token.place, condition: condition)
    }

    /// Takes the next word when it is this keyword, in letters of any case.
    private mutating func take(_ keyword: String) -> Bool {
        guard case .word(let word) = token.kind, word.uppercased() == keyword else { return false }
        next += 1
        return true
    }

    private mutating func take(_ kind: SegmentToken.Kind) -> Bool {
        guard token.kind == kind else { return false }
        next += 1
        return true
    }

    mutating func whole() throws(SegmentSyntaxProblem) -> SegmentCondition {
        let found = try alternatives()
        guard token.kind == .end else { throw problem("expected AND, OR or the end, got \(token.words)") }
        return found
    }

    private mutating func alternatives() throws(SegmentSyntaxProblem) -> SegmentCondition {
        var parts = [try conjunction()]
        while take("OR") { parts.append(try conjunction()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func conjunction() throws(SegmentSyntaxProblem) -> SegmentCondition {
        var parts = [try negation()]
        while take("AND") { parts.append(try negation()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func negation() throws(SegmentSyntaxProblem) -> SegmentCondition {
        guard depth < Self.maximumDepth else { throw problem("this is nested too deeply") }
        depth += 1
        defer { depth -= 1 }
        if take("NOT") { return .not(try negation()) }
        guard take(.open) else { return try comparison() }
        let inner = try alternatives()
        guard take(.close) else { throw problem("expected ')', got \(token.words)") }
        return inner
    }

    private mutating func comparison() throws(SegmentSyntaxProblem) -> SegmentCondition {
        let column = try column()
        if case .comparison(let comparison) = token.kind {
            next += 1
            return .compares(column: column, comparison, try value())
        }
        if take("IS") {
            let isNegated = take("NOT")
            guard take("NULL") else { throw problem("expected NULL, got \(token.words)") }
            return .isMissing(column: column, isNegated: isNegated)
        }
        let isNegated = take("NOT")
        guard take("IN") else {
            let wanted = isNegated ? "IN" : "=, !=, <, <=, >, >=, IN or IS NULL"
            throw problem("expected \(wanted) after the column \"\(column)\", got \(token.words)")
        }
        return .isAmong(column: column, try values(), isNegated: isNegated)
    }

    private static let keywords: Set = ["AND", "OR", "NOT", "IN", "IS", "NULL", "TRUE", "FALSE"]

    private mutating func column() throws(SegmentSyntaxProblem) -> String {
        switch token.kind {
        case .word(let word) where !Self.keywords.contains(word.uppercased()):
            next += 1
            return word
        case .quotedName(let name):
            next += 1
            return name
        default: throw problem("expected a column, got \(token.words)")
        }
    }

    private mutating func values() throws(SegmentSyntaxProblem) -> [ColumnValue] {
        guard take(.open) else { throw problem("expected '(' and values, got \(token.words)") }
        var values = [try value()]
        while take(.comma) { values.append(try value()) }
        guard take(.close) else { throw problem("expected ',' or ')', got \(token.words)") }
        return values
    }

    private mutating func value() throws(SegmentSyntaxProblem) -> ColumnValue {
        // Truth values are texts here, as they are wherever columns are profiled.
        if take("TRUE") { return .text("true") }
        if take("FALSE") { return .text("false") }
        switch token.kind {
        case .text(let text):
            next += 1
            return .text(text)
        case .number(let number):
            next += 1
            return .number(number)
        case .word(let word) where word.uppercased() == "NULL":
            throw problem("nothing equals NULL; write IS NULL")
        case .word(let word):
            throw problem("expected a number or a text, got \(token.words); texts stand between quotes: '\(word)'")
        default: throw problem("expected a number or a text between quotes, got \(token.words)")
        }
    }
}
