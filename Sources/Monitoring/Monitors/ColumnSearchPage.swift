import Web

/// The field that finds columns, and the ways to the next of them.
struct ColumnSearchPage {
    let search: ColumnSearch
    let path: String
    /// What else the address says, such as `range=day`.
    let query: String
    let total: Int
    let found: Int
    let from: Int

    /// Nothing where all columns fit.
    var html: HTML? {
        guard total > ColumnSearch.pageSize || !search.words.isEmpty else { return nil }
        let end = min(found, from + ColumnSearch.pageSize)
        let words: HTML =
            found == 0
            ? "None of \(Quantity.count(total)) columns"
            : "\(Quantity.count(from + 1))–\(Quantity.count(end)) of \(Quantity.count(found))\(search.words.isEmpty ? "" : ", \(Quantity.count(total)) in all")"
        let before: HTML? = from > 0 ? .link("Previous", to: address(max(0, from - ColumnSearch.pageSize))) : nil
        let after: HTML? = end < found ? .link("Next", to: address(end)) : nil
        return """
            <div class="actions">
            <form method="get" action="\(path)">\(kept)
            <label>Columns <input type="search" name="columns" value="\(search.words)" placeholder="words of a name"></label>
            <button>Find</button></form>
            <span class="quiet">\(words)</span> \(before) \(after)
            </div>
            """
    }

    private var kept: HTML {
        let fields = query.split(separator: "&").map { pair -> HTML in
            let parts = pair.split(separator: "=", maxSplits: 1)
            return "<input type=\"hidden\" name=\"\(parts[0])\" value=\"\(parts.count > 1 ? String(parts[1]) : "")\">"
        }
        return "\(fields)"
    }

    private func address(_ from: Int) -> String {
        let words = search.words.isEmpty ? nil : "columns=\(search.words.queryEscaped)"
        let parts = [query.isEmpty ? nil : query, words, from > 0 ? "columns_from=\(from)" : nil]
        let joined = parts.compactMap(\.self).joined(separator: "&")
        return joined.isEmpty ? path : "\(path)?\(joined)"
    }
}
