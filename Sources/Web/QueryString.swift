import Foundation
import Wire

/// The part of a URL behind `?`, read as forms are encoded: `+` is a space, in names as in values. (The framework's own
/// reading leaves both alone, which loses the spaces of Python's `requests`.)
enum QueryString {
    /// - Throws: `WebError` when a name or a value is not percent-encoded text.
    static func parameters(of query: String) throws -> [(name: String, value: String)] {
        try query.split(separator: "&").map { pair in
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (name: try decoded(halves[0]), value: try halves.count > 1 ? decoded(halves[1]) : "")
        }
    }

    private static func decoded(_ text: Substring) throws -> String {
        guard let decoded = text.replacing("+", with: " ").removingPercentEncoding else {
            throw WebError(
                .invalidParameterValue,
                "The query contains '\(text.prefix(80))', which is not valid percent-encoded text.")
        }
        return decoded
    }
}

extension String {
    /// The text as a value in the query of an address that a page links to.
    package var queryEscaped: String {
        let unreserved = CharacterSet(charactersIn: "-._~").union(
            .alphanumerics.intersection(.init(charactersIn: "\u{0}"..."\u{7F}")))
        return addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }
}
