/// Cuts a filter into tokens. Characters are Unicode scalars: a mark that combines with a quote does not hide it.
struct FilterLexer {
    private let characters: [Unicode.Scalar]
    private var index = 0

    /// The longest text that is looked at, in characters.
    static let maximumLength = 65_536

    private init(_ text: String) throws(FilterProblem) {
        characters = Array(text.unicodeScalars)
        guard characters.count <= Self.maximumLength else {
            throw FilterProblem(
                "The text has \(characters.count) characters, more than \(Self.maximumLength)",
                at: Self.maximumLength + 1, hint: "Ask in several searches.")
        }
    }

    /// - Throws: `FilterProblem` at the first character that belongs to no token.
    static func tokens(of text: String) throws(FilterProblem) -> [FilterToken] {
        var lexer = try FilterLexer(text)
        var tokens: [FilterToken] = []
        while let token = try lexer.next() { tokens.append(token) }
        return tokens
    }

    private var current: Unicode.Scalar? { index < characters.count ? characters[index] : nil }
    private var followsWord: Bool { index > 0 && Self.isWord(characters[index - 1]) }

    private mutating func next() throws(FilterProblem) -> FilterToken? {
        while let character = current, character.properties.isWhitespace { index += 1 }
        guard let first = current else { return nil }
        let position = index + 1
        let kind: FilterToken.Kind
        switch first {
        case "'", "\"", "`": kind = .quoted(try quoted(), by: Character(first))
        case "(", ")", ",":
            index += 1
            kind = .symbol(String(first))
        case "=", "!", "<", ">": kind = .symbol(symbol())
        case _ where Self.isWord(first) && !("0"..."9").contains(first): kind = try word()
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

    private func text(_ range: Range<Int>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: characters[range])
        return String(text)
    }

    /// Text up to the closing quote. A doubled quote does not end it and stays doubled, for there are no escapes.
    private mutating func quoted() throws(FilterProblem) -> String {
        let start = index
        let quote = characters[start]
        index += 1
        while let character = current {
            index += 1
            guard character == quote else { continue }
            guard current == quote, quote != "`" else { return text(start + 1..<index - 1) }
            index += 1
        }
        throw FilterProblem("Invalid clause in filter string: the quote \(quote) is not closed", at: start + 1)
    }

    private mutating func symbol() -> String {
        let start = index
        while let character = current, "=!<>".unicodeScalars.contains(character) { index += 1 }
        return text(start..<index)
    }

    private mutating func number() throws(FilterProblem) -> FilterToken.Kind {
        let start = index
        while let character = current, Self.isWord(character) || ".+-".unicodeScalars.contains(character) {
            let isSign = character == "+" || character == "-"
            let followsExponent = index > start && (characters[index - 1] == "e" || characters[index - 1] == "E")
            if isSign, index > start, !followsExponent { break }
            index += 1
        }
        let text = text(start..<index)
        guard Self.isNumber(text), let value = Double(text) else {
            throw FilterProblem("Invalid clause in filter string: '\(text)' is not a number", at: start + 1)
        }
        // What is too great counts as the greatest, as it does in metrics.
        let greatest = Double.greatestFiniteMagnitude
        return .number(min(max(value, -greatest), greatest), text: text)
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
        case .some(let character) where Self.isWord(character):
            let key = plainWord(dotted: true)
            // Quotes may also stand behind a later dot, as in span.attributes.`http.url`.
            if key.hasSuffix("."), let quote = current, "`\"'".unicodeScalars.contains(quote) {
                return .word(word, key: key + (try quoted()))
            }
            return .word(word, key: key)
        default:
            throw FilterProblem("Invalid clause in filter string: a key must follow '\(word).'", at: index + 1)
        }
    }

    private mutating func plainWord(dotted: Bool = false) -> String {
        let start = index
        while let character = current, Self.isWord(character) || dotted && character == "." { index += 1 }
        return text(start..<index)
    }

    private static func isWord(_ character: Unicode.Scalar) -> Bool {
        character.properties.isAlphabetic || character.properties.numericType != nil || character == "_"
    }
}
