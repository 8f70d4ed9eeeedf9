package import Wire
package import Yams

/// YAML that others wrote.
///
/// Yams compares the keys of each mapping by everything in them, and a key may be an alias of a list of aliases of lists: the
/// work doubles with each line, and a page of text is never done. Values are not compared, and share what they repeat. So
/// keys are looked at first, in the same text with a word in the place of each alias, and must be words.
package enum YAMLText {
    /// The documents of a text, in order. Blocks for long texts. What a value stands for may still be far more than its text,
    /// so whoever walks through it counts.
    /// - Throws: `YamlError` for what is not YAML; `YAMLKeyProblem`.
    package static func documents(of text: String) throws -> [Node] {
        if text.utf8.contains(UInt8(ascii: "*")) {
            for document in try composed(text.replacing("*", with: alias)) { try requireWords(in: document) }
        }
        return try composed(text)
    }

    /// What stands for the star of an alias: a character that nothing but a word can begin with.
    private static let alias = "\u{E000}"

    private static func composed(_ text: String) throws -> [Node] {
        var documents: [Node] = []
        var sequence = try compose_all(yaml: text, Resolver.basic)
        while let document = sequence.next() { documents.append(document) }
        // The sequence ends at the first error and keeps it.
        if let error = sequence.error { throw error }
        return documents
    }

    private static func requireWords(in node: Node) throws {
        switch node {
        case .scalar(let scalar):
            // What follows an alias without a space is part of the word here, and may be a mapping there.
            let isAlias = scalar.style == .plain && scalar.string.hasPrefix(alias)
            let isName = scalar.string.dropFirst().utf8.allSatisfy { isNamePart($0) }
            guard !isAlias || isName else { throw YAMLKeyProblem(node.mark) }
        case .sequence(let elements): for element in elements { try requireWords(in: element) }
        case .mapping(let members):
            for (key, value) in members {
                guard let word = key.scalar, word.style != .plain || !word.string.hasPrefix(alias) else {
                    throw YAMLKeyProblem(key.mark)
                }
                try requireWords(in: value)
            }
        case .alias: break
        }
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// A key of a mapping is a list, a mapping, or an alias, which may stand for one.
package struct YAMLKeyProblem: Problem {
    package let line: Int
    package let column: Int

    init(_ mark: Mark?) {
        line = mark?.line ?? 1
        column = mark?.column ?? 1
    }

    package var code: ProblemCode { .invalidParameterValue }
    package var message: String { "Line \(line), column \(column): a key must be a word, and an alias stand alone." }
}
