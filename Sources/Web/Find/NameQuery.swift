/// What somebody types who looks for a thing by its name.
package struct NameQuery: Sendable, Hashable {
    /// In small letters, without white space around and with single blanks within.
    package let text: String
    private let words: [String]

    /// Longer ones are cut: no name is that long.
    private static let longest = 100

    package init(_ text: String) {
        let parts = Self.lowercased(String(text.prefix(Self.longest))).split(whereSeparator: \.isWhitespace)
        self.text = parts.joined(separator: " ")
        words = parts.map(String.init)
    }

    package var isEmpty: Bool { text.isEmpty }

    /// The longest word: what narrows a search down most.
    package var longestWord: String { words.max { $0.utf8.count < $1.utf8.count } ?? "" }

    /// How well a name fits, 0 best: it is what was typed, it begins so, a word of it begins so, or each word that was typed
    /// begins one of its words. Words are divided by whatever is neither letter nor digit, and where small letters turn
    /// into capitals.
    /// - Returns: nil when it does not fit.
    package func rank(of name: String) -> Int? {
        let name = String(name.prefix(2 * Self.longest))
        let whole = Self.lowercased(name)
        if isEmpty || whole == text { return 0 }
        if whole.hasPrefix(text) { return 1 }
        let beginnings = Self.beginnings(of: name)
        if beginnings.contains(where: { $0.hasPrefix(text) }) { return 2 }
        let fits = words.allSatisfy { word in beginnings.contains { $0.hasPrefix(word) } }
        return fits ? 3 : nil
    }

    /// The rest of a name from each of its words on, in small letters.
    private static func beginnings(of name: String) -> [String] {
        var found: [String] = []
        var former: Character = " "
        for place in name.indices {
            let character = name[place]
            let isPart = character.isLetter || character.isNumber
            let wasPart = former.isLetter || former.isNumber
            if isPart, !wasPart || (former.isLowercase && character.isUppercase) {
                found.append(lowercased(String(name[place...])))
            }
            former = character
        }
        return found
    }

    /// As LOWER makes it of a column: no engine goes beyond A to Z, for columns are in the order of their bytes.
    private static func lowercased(_ text: String) -> String {
        String(decoding: text.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
    }
}
