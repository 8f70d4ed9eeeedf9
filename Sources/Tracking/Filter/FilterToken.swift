/// The smallest piece of a filter that means something.
struct FilterToken: Equatable {
    enum Kind: Equatable {
        /// A word, with the part after its first dot when it has one: `status`, `metrics.auc`, `` params.`learning rate` ``.
        case word(String, key: String?)
        /// Text in quotes. Only single and double quotes make a value; backticks make a name.
        case quoted(String, by: Character)
        case number(Double, text: String)
        case symbol(String)
    }

    let kind: Kind
    /// 1 for the first character.
    let position: Int

    /// The token in upper case when it is a word without quotes and dots, for comparing with keywords.
    var keyword: String? {
        if case .word(let word, key: nil) = kind { word.uppercased() } else { nil }
    }

    var isQuoted: Bool {
        if case .quoted = kind { true } else { false }
    }

    /// As a message names it.
    var description: String {
        switch kind {
        case .word(let word, let key): key.map { "\(word).\($0)" } ?? word
        case .quoted(let text, let quote): "\(quote)\(text)\(quote)"
        case .number(_, let text): text
        case .symbol(let symbol): symbol
        }
    }
}

/// Cuts a filter into tokens.
struct FilterLexer {
    private let characters: [Character]
    private var index = 0

    init(_ text: String) {
        characters = Array(text)
    }

    /// - Throws: `FilterProblem` at the first character that belongs to no token.
    static func tokens(of text: String) throws(FilterProblem) -> [FilterToken] {
        var lexer = FilterLexer(text)
        var tokens: [FilterToken] = []
        while let token = try lexer.next() { tokens.append(token) }
        return tokens
    }

    private var current: Character? { index < characters.count ? characters[index] : nil }
    private var followsWord: Bool { index > 0 && Self.isWord(characters[index - 1]) }

    private mutating func next() throws(FilterProblem) -> FilterToken? {
        while let character = current, character.isWhitespace { index += 1 }
        guard let first = current else { return nil }
        let position = index + 1
        let kind: FilterToken.Kind
        switch first {
        case "'", "\"", "`": kind = .quoted(try quoted(), by: first)
        case "(", ")", ",":
            index += 1
            kind = .symbol(String(first))
        case "=", "!", "<", ">": kind = .symbol(symbol())
        case _ where Self.isWord(first) && !"0123456789".contains(first): kind = try word()
        case _ where followsWord:
            throw FilterProblem(
                "Invalid clause in filter string: a name with '\(first)' needs quotes after its first dot",
                at: position,
                hint: "Such as params.`learning-rate`.")
        case "-", ".", "0"..."9": kind = try number()
        default:
            throw FilterProblem("Invalid clause in filter string: '\(first)' has no meaning here", at: position)
        }
        return FilterToken(kind: kind, position: position)
    }

    /// Text up to the closing quote. A doubled quote does not end it and stays doubled, for there are no escapes.
    private mutating func quoted() throws(FilterProblem) -> String {
        let start = index
        let quote = characters[start]
        index += 1
        while let character = current {
            index += 1
            guard character == quote else { continue }
            guard current == quote, quote != "`" else { return String(characters[start + 1..<index - 1]) }
            index += 1
        }
        throw FilterProblem("Invalid clause in filter string: the quote \(quote) is not closed", at: start + 1)
    }

    private mutating func symbol() -> String {
        let start = index
        while let character = current, "=!<>".contains(character) { index += 1 }
        return String(characters[start..<index])
    }

    private mutating func number() throws(FilterProblem) -> FilterToken.Kind {
        let start = index
        while let character = current, Self.isWord(character) || ".+-".contains(character) {
            let isSign = character == "+" || character == "-"
            let followsExponent = index > start && (characters[index - 1] == "e" || characters[index - 1] == "E")
            if isSign, index > start, !followsExponent { break }
            index += 1
        }
        let text = String(characters[start..<index])
        guard Self.isNumber(text), let value = Double(text) else {
            throw FilterProblem("Invalid clause in filter string: '\(text)' is not a number", at: start + 1)
        }
        return .number(value, text: text)
    }

    /// Digits with at most one point and an exponent; `Double` alone would also take `0x1` and `1_0`-like spellings.
    private static func isNumber(_ text: String) -> Bool {
        text.wholeMatch(of: /-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?/) != nil
    }

    /// A word and, after its first dot, a key, which may be quoted.
    private mutating func word() throws(FilterProblem) -> FilterToken.Kind {
        let word = plainWord()
        guard current == "." else { return .word(word, key: nil) }
        index += 1
        switch current {
        case "'", "\"", "`": return .word(word, key: try quoted())
        case .some(let character) where Self.isWord(character): return .word(word, key: plainWord(dotted: true))
        default:
            throw FilterProblem("Invalid clause in filter string: a key must follow '\(word).'", at: index + 1)
        }
    }

    private mutating func plainWord(dotted: Bool = false) -> String {
        let start = index
        while let character = current, Self.isWord(character) || dotted && character == "." { index += 1 }
        return String(characters[start..<index])
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }
}
