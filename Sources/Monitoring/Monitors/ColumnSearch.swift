import Incidents

/// Which of many columns a page shows: those whose names have certain words, a page of them at a time.
struct ColumnSearch: Sendable, Hashable {
    let words: String
    /// How many are passed over.
    let from: Int

    /// So many are shown at once: a thousand would be megabytes.
    static let pageSize = 40
    static let all = ColumnSearch(words: "", from: 0)

    init(words: String, from: Int) {
        self.words = words
        self.from = max(0, from)
    }

    /// Names that have each word in them, large and small letters the same.
    func matches(_ name: String) -> Bool {
        let name = name.lowercased()
        return words.lowercased().split(separator: " ").allSatisfy { name.contains($0) }
    }

    /// Of what matches the page that is asked for, or the last there is.
    func page<Element>(of found: [Element]) -> (shown: ArraySlice<Element>, from: Int) {
        let last = found.isEmpty ? 0 : (found.count - 1) / Self.pageSize * Self.pageSize
        let start = min(from, last)
        return (found[start..<min(found.count, start + Self.pageSize)], start)
    }
}
