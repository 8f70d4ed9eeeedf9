import Manifests
import Wire

/// What kind of answer a model gives: what its template of monitoring goes by.
package enum ModelTask: String, Sendable, Hashable, CaseIterable {
    /// One of two classes, or the probability of one of them.
    case binary
    case multiclass
    case regression
    /// Scores by which candidates are put in order.
    case ranking
}

extension ManifestFields {
    /// One of the words of an enumeration.
    /// - Throws: `ManifestError` that lists the words.
    func optionalWord<Word: RawRepresentable<String> & CaseIterable>(_ key: String, as type: Word.Type) throws -> Word?
    {
        guard let node = optional(key) else { return nil }
        if case .scalar(.string(let text)) = node.value, let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue)
        let meant = node.json.stringValue.flatMap(words.closest).map { "Did you mean '\($0)'?" }
        throw ManifestError(
            at: node.place, "expected one of \(words.joined(separator: ", ")), got \(node.json.excerpt(80))",
            hint: meant)
    }

    /// Whether the value of a key is the word `off`, or false.
    func isOff(_ key: String) -> Bool { optional(key)?.isOff ?? false }
}

extension ManifestNode {
    var isOff: Bool { value == .scalar("off") || value == .scalar(false) }
}
