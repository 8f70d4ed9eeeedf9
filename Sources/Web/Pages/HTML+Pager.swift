package import Wire

/// Lists that are read a page at a time, and what chooses among what they hold.
extension HTML {
    /// The link to the next page of a list; nil on the last one.
    /// - Parameters:
    ///   - query: what the address says besides; what is nil or empty is left out.
    package static func next(
        _ count: Int, _ token: PageToken?, at path: String, _ query: KeyValuePairs<String, String?> = [:]
    ) -> HTML? {
        token.map { token in
            let parts = parts(of: query) + ["page_token=\(token.text.queryEscaped)"]
            return "<p>\(link("Next \(count)", to: "\(path)?\(parts.joined(separator: "&"))"))</p>"
        }
    }

    /// A path with a query, of which what is nil or empty is left out.
    package static func address(_ path: String, _ query: KeyValuePairs<String, String?>) -> String {
        let parts = parts(of: query)
        return parts.isEmpty ? path : "\(path)?\(parts.joined(separator: "&"))"
    }

    /// Links of which one is where the reader is, such as the states that a list is narrowed to.
    package static func choices(_ choices: [Link], current: String, named name: String) -> HTML {
        let links = choices.map { choice -> HTML in
            let mark: HTML? = choice.path == current ? " aria-current=\"page\"" : nil
            return "<a href=\"\(choice.path)\"\(mark)>\(choice.title)</a>"
        }
        return "<nav class=\"choices\" aria-label=\"\(name)\">\(links)</nav>"
    }

    private static func parts(of query: KeyValuePairs<String, String?>) -> [String] {
        query.compactMap { name, value in
            value.flatMap { $0.isEmpty ? nil : "\(name)=\($0.queryEscaped)" }
        }
    }
}
