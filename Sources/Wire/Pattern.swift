/// A regular expression in the syntax that Python's `re` and PostgreSQL have in common: literals, `.`, classes, groups,
/// `|`, `* + ? {m,n}` (also lazy), `^ $ \A \Z \b \B`, `\d \w \s` and their opposites, and `(?i)` in front. There are no
/// references back and no looking around, so that a text is searched in a time that grows with its length alone. Letters,
/// digits and blanks of classes are those of ASCII, on every engine.
package struct Pattern: Sendable, Hashable {
    /// As it was written.
    package let text: String
    let root: Node

    /// As PostgreSQL writes it: every character by its number, so that nothing has two meanings.
    package var postgres: String { root.postgres }

    indirect enum Node: Sendable, Hashable {
        case one(ScalarSet)
        case all([Node])
        case any([Node])
        /// Without an upper bound when `most` is nil.
        case repeated(Node, least: Int, most: Int?)
        case place(Place)
    }

    /// What must be true of where the search stands.
    enum Place: Sendable, Hashable {
        /// `^`
        case start
        /// `\Z`
        case end
        /// `$`: the end, also in front of a last line feed.
        case endOfLines
        case wordEdge
        case noWordEdge
    }

    /// Some scalars.
    struct ScalarSet: Sendable, Hashable {
        var ranges: [ClosedRange<UInt32>]
        var isNegated = false

        func contains(_ scalar: UInt32) -> Bool { ranges.contains { $0.contains(scalar) } != isNegated }
    }

    /// - Throws: `PatternProblem` for what is no such expression, and for one that is too large.
    package init(_ text: String) throws(PatternProblem) {
        self.text = text
        var parser = PatternParser(text)
        root = try parser.pattern()
        guard root.size <= Self.maximumSize else {
            throw PatternProblem(reason: "it has more than \(Self.maximumSize) steps, repetitions written out")
        }
    }

    /// How many steps a pattern may have.
    private static let maximumSize = 1000
}

/// Why a text is no pattern.
package struct PatternProblem: Error, Hashable {
    package let reason: String
}

extension Pattern.Node {
    /// How many steps the program has, about.
    fileprivate var size: Int {
        switch self {
        case .one, .place: 1
        case .all(let nodes), .any(let nodes): nodes.reduce(1) { min($0 + $1.size, 1_000_000) }
        case .repeated(let node, let least, let most): min((node.size + 1) * max(most ?? least + 1, 1), 1_000_000)
        }
    }

    fileprivate var postgres: String {
        switch self {
        case .one(let set): set.postgres
        case .all(let nodes): nodes.map(\.postgres).joined()
        case .any(let nodes): "(?:\(nodes.map(\.postgres).joined(separator: "|")))"
        case .repeated(let node, let least, let most): "(?:\(node.postgres)){\(least),\(most.map(String.init) ?? "")}"
        case .place(.start): "\\A"
        case .place(.end): "\\Z"
        case .place(.endOfLines): "(?=\\n?\\Z)"
        case .place(.wordEdge): "\\y"
        case .place(.noWordEdge): "\\Y"
        }
    }
}

extension Pattern.ScalarSet {
    fileprivate var postgres: String {
        func spelled(_ scalar: UInt32) -> String {
            let digits = String(scalar, radix: 16)
            return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        }
        let list = ranges.map {
            $0.count == 1 ? spelled($0.lowerBound) : "\(spelled($0.lowerBound))-\(spelled($0.upperBound))"
        }
        return "[\(isNegated ? "^" : "")\(list.joined())]"
    }
}
