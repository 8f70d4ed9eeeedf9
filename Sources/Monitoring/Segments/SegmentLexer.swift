/// A word of a segment's condition, with the place of its first character, counted from 0.
struct SegmentToken: Hashable {
    enum Kind: Hashable {
        /// An unquoted word, which may be a keyword or a column.
        case word(String)
        /// Between double quotes: always a column.
        case quotedName(String)
        case text(String)
        case number(Double)
        case comparison(SegmentCondition.Comparison)
        case open, close, comma
        case end
    }

    let kind: Kind
    let place: Int

    /// How it is called in a complaint.
    var words: String {
        switch kind {
        case .word(let word): "'\(word)'"
        case .quotedName(let name): "\"\(name)\""
        case .text(let text): "the text '\(text)'"
        case .number: "a number"
        case .comparison(let comparison): "'\(comparison.rawValue)'"
        case .open: "'('"
        case .close: "')'"
        case .comma: "','"
        case .end: "the end"
        }
    }
}

/// What is wrong with a condition, and at which character.
package struct SegmentSyntaxProblem: Error, Hashable {
    package let reason: String
    /// Of the first character of what is wrong, counted from 0.
    package let place: Int
    package let condition: String

    /// The condition with a caret below the place, for people.
    package var pointed: String {
        "\(condition)\n\(String(repeating: " ", count: place))^"
    }
}

/// Takes a condition apart into words.
struct SegmentLexer {
    private let condition: String
    private let characters: [Character]
    private var next = 0

    init(_ condition: String) {
        self.condition = condition
        characters = Array(condition)
    }

    /// All words, and `end` behind them.
    /// - Throws: `SegmentSyntaxProblem` at a character that begins no word, or a quote that is not closed.
    static func tokens(of condition: String) throws(SegmentSyntaxProblem) -> [SegmentToken] {
        var lexer = SegmentLexer(condition)
        var tokens: [SegmentToken] = []
        repeat { tokens.append(try lexer.token()) } while tokens.last?.kind != .end
        return tokens
    }

    private mutating func token() throws(SegmentSyntaxProblem) -> SegmentToken {
        while next < characters.count, characters[next].isWhitespace { next += 1 }
        let place = next
        guard next < characters.count else { return SegmentToken(kind: .end, place: place) }
        return SegmentToken(kind: try kind(of: characters[next]), place: place)
    }

    private mutating func kind(of first: Character) throws(SegmentSyntaxProblem) -> SegmentToken.Kind {
        switch first {
        case "(": return single(.open)
        case ")": return single(.close)
        case ",": return single(.comma)
        case "'": return .text(try quoted("'"))
        case "\"": return .quotedName(try quoted("\""))
        case "=", "!", "<", ">": return try comparison()
        default: break
        }
        if first.isNumber || first == "-" || first == "." { return try number() }
        if first.isLetter || first == "_" {
            return .word(take { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." || $0 == "$" })
        }
        throw SegmentSyntaxProblem(
            reason: "no column, value or operator begins with '\(first)'", place: next, condition: condition)
    }

    private mutating func single(_ kind: SegmentToken.Kind) -> SegmentToken.Kind {
        next += 1
        return kind
    }

    private mutating func take(while belongs: (Character) -> Bool) -> String {
        let start = next
        while next < characters.count, belongs(characters[next]) { next += 1 }
        return String(characters[start..<next])
    }

    private mutating func quoted(_ quote: Character) throws(SegmentSyntaxProblem) -> String {
        let start = next
        next += 1
        var text = ""
        while next < characters.count {
            let character = characters[next]
            next += 1
            guard character == quote else {
                text.append(character)
                continue
            }
            guard next < characters.count, characters[next] == quote else { return text }
            text.append(quote)
            next += 1
        }
        throw SegmentSyntaxProblem(reason: "this quote is not closed", place: start, condition: condition)
    }

    private mutating func comparison() throws(SegmentSyntaxProblem) -> SegmentToken.Kind {
        let start = next
        let spelt = take { "=!<>".contains($0) }
        // As SQL and as most languages spell them.
        let known = ["<>": "!=", "==": "="][spelt] ?? spelt
        guard let comparison = SegmentCondition.Comparison(rawValue: known) else {
            throw SegmentSyntaxProblem(
                reason: "there is no operator '\(spelt)'; there are =, !=, <, <=, > and >=", place: start,
                condition: condition)
        }
        return .comparison(comparison)
    }

    private mutating func number() throws(SegmentSyntaxProblem) -> SegmentToken.Kind {
        let start = next
        let spelt = take { $0.isNumber || $0.isLetter || ".+-".contains($0) }
        guard let number = Double(spelt), number.isFinite else {
            throw SegmentSyntaxProblem(reason: "'\(spelt)' is no number", place: start, condition: condition)
        }
        return .number(number)
    }
}
