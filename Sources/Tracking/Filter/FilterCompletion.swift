/// What may be written next in a filter, at a place of the text.
package struct FilterCompletion: Sendable, Hashable {
    package enum Expected: Sendable, Hashable {
        /// The name of a field, or a function of one.
        case name
        /// How a field is compared.
        case comparison(SearchField)
        /// What it is compared with.
        case value(SearchField)
        /// AND or OR; and `)` where one is open.
        case junction(isOpen: Bool)
    }

    package let expected: Expected
    /// What was begun of it; without the quote that opens it.
    package let begun: String
    /// Where that begins, from 0; its quote belongs to it.
    package let start: Int

    /// - Parameter caret: how many characters (Unicode scalars) stand before the place.
    /// - Returns: nil where nothing is known to follow, such as behind what makes no sense.
    package init?(of text: String, at caret: Int) {
        let characters = Array(text.unicodeScalars.prefix(min(max(caret, 0), FilterLexer.maximumLength)))
        let start = Self.start(in: characters)
        var before = String.UnicodeScalarView()
        before.append(contentsOf: characters[..<start])
        guard let tokens = try? FilterLexer.tokens(of: String(before)) else { return nil }
        var reader = CompletionReader()
        for token in tokens where !reader.read(token) { return nil }
        expected = reader.expected
        var begun = String.UnicodeScalarView()
        begun.append(contentsOf: characters[start...])
        let quotes = Set("'\"".unicodeScalars)
        self.begun = String(begun.first.map(quotes.contains) == true ? String(begun.dropFirst()) : String(begun))
        self.start = start
    }

    /// Where the word at the end begins, with the word before its dot and with its quotes.
    private static func start(in characters: [Unicode.Scalar]) -> Int {
        var open: Int?
        for (index, character) in characters.enumerated() where "'\"`".unicodeScalars.contains(character) {
            if let start = open {
                if characters[start] == character { open = nil }
            } else {
                open = index
            }
        }
        var start = open ?? characters.count
        let mayBeWord = open.map { $0 > 0 && characters[$0 - 1] == "." } ?? true
        while mayBeWord, start > 0, isPart(characters[start - 1]) { start -= 1 }
        return start
    }

    private static func isPart(_ character: Unicode.Scalar) -> Bool {
        character == "." || character == "_" || character.properties.isAlphabetic
            || character.properties.numericType != nil
    }
}

/// Follows the tokens of a filter that is not finished.
private struct CompletionReader {
    private enum State: Equatable {
        case name, call, closing, comparison, negated, null, value, low, betweenEnds, high, list, item, listed, junction
    }

    private var state = State.name
    private var field = SearchField(.attribute, "")
    private var depth = 0

    var expected: FilterCompletion.Expected {
        switch state {
        case .name, .call: .name
        case .comparison, .closing, .negated, .null, .betweenEnds: .comparison(field)
        case .value, .low, .high, .list, .item, .listed: .value(field)
        case .junction: .junction(isOpen: depth > 0)
        }
    }

    /// - Returns: false for what cannot stand there.
    mutating func read(_ token: FilterToken) -> Bool {
        switch (state, token.kind, token.keyword) {
        case (.name, _, "NOT"), (.name, _, "AND"): break
        case (.name, .symbol("("), _): depth += 1
        case (.name, .word(let word, key: nil), _) where SearchField.Aggregate(word, ofKey: "") != nil: state = .call
        case (.call, .symbol("("), _): state = .call
        case (.name, .word(let word, let key), _), (.call, .word(let word, let key), _):
            field = Self.field(word, key)
            state = state == .call ? .closing : .comparison
        case (.name, .quoted(let text, _), _): (field, state) = (SearchField(.attribute, text), .comparison)
        case (.closing, .symbol(")"), _): state = .comparison
        case (.comparison, _, "IS"): state = .null
        case (.null, _, "NOT"): break
        case (.null, _, "NULL"): state = .junction
        case (.comparison, _, "NOT"): state = .negated
        case (.comparison, _, "IN"), (.negated, _, "IN"): state = .list
        case (.comparison, _, "BETWEEN"): state = .low
        case (.comparison, _, "LIKE"), (.comparison, _, "ILIKE"), (.comparison, .symbol, _): state = .value
        case (.list, .symbol("("), _): state = .item
        case (.item, .quoted, _): state = .listed
        case (.listed, .symbol(","), _): state = .item
        case (.low, .number, _): state = .betweenEnds
        case (.betweenEnds, _, "AND"): state = .high
        case (.value, .quoted, _), (.value, .number, _), (.high, .number, _), (.listed, .symbol(")"), _):
            state = .junction
        case (.junction, .symbol(")"), _) where depth > 0: depth -= 1
        case (.junction, _, "AND"), (.junction, _, "OR"): state = .name
        default: return false
        }
        return true
    }

    private static func field(_ word: String, _ key: String?) -> SearchField {
        guard let key else { return SearchField(.attribute, word) }
        return SearchField(SearchGrammar.runs.prefixes[word] ?? .attribute, key)
    }
}
