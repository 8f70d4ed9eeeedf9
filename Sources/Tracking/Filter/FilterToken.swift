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

    /// Whether it may be a value without quotes, where a grammar lets it.
    var isWordOrNumber: Bool {
        switch kind {
        case .word, .number: true
        case .quoted, .symbol: false
        }
    }

    var isNumber: Bool {
        if case .number = kind { true } else { false }
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
