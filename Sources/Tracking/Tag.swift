package import Wire

/// A name with a value that may change.
package struct Tag: Sendable, Hashable {
    package let key: String
    package let value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

extension Tag: JSONRepresentable {
    package var json: JSON { ["key": .string(key), "value": .string(value)] }
}

/// A name with a value that is written once: what a run was given to work with.
package struct Param: Sendable, Hashable {
    package let key: String
    package let value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }

    /// Longer values are cut here, in characters.
    static let maximumValueLength = 6000
}

extension Param: JSONRepresentable {
    package var json: JSON { ["key": .string(key), "value": .string(value)] }
}

/// How long the values of a kind of tag may be, in characters, and what happens beyond.
package struct TagRule: Sendable {
    let maximumValueLength: Int
    let truncates: Bool

    /// Tags of runs: longer values are cut.
    package static let run = TagRule(maximumValueLength: 8000, truncates: true)
    /// Tags of traces: longer values are cut.
    package static let trace = run
    /// Tags of experiments.
    package static let experiment = TagRule(maximumValueLength: 20_000, truncates: false)
    /// Tags of registered models and their versions.
    package static let registry = TagRule(maximumValueLength: 100_000, truncates: false)

    /// The tag as it may be stored.
    /// - Throws: `FieldProblem` for a name that breaks the rule for names, and for a value that is too long.
    package func checked(_ tag: Tag) throws -> Tag {
        try KeyRule.check(tag.key, parameter: "key")
        guard tag.value.isLonger(than: maximumValueLength) else { return tag }
        guard truncates else {
            throw FieldProblem(
                "The value of tag '\(tag.key)' has \(tag.value.unicodeScalars.count) characters; at most "
                    + "\(maximumValueLength) are kept.", hint: "Store it as an artifact.")
        }
        return Tag(key: tag.key, value: tag.value.cut(to: maximumValueLength))
    }
}

extension Sequence<Tag> {
    /// - Throws: `FieldProblem` when a key occurs twice.
    func requireUniqueKeys() throws {
        var seen: Set<String> = []
        for tag in self where !seen.insert(tag.key).inserted {
            throw FieldProblem("Duplicate tag keys are not allowed: '\(tag.key)' is given twice.")
        }
    }

    /// The tags as one JSON object for an event, with long values cut: the log says what changed, it is no second store.
    package var excerpt: JSON {
        .members(map { ($0.key, .string($0.value.isLonger(than: 250) ? $0.value.cut(to: 250) + "…" : $0.value)) })
    }
}

extension String {
    /// Whether it has more characters (Unicode scalars, as Python counts) than a limit.
    package func isLonger(than limit: Int) -> Bool {
        utf8.count > limit && unicodeScalars.count > limit
    }

    package func cut(to limit: Int) -> String {
        String(String.UnicodeScalarView(unicodeScalars.prefix(limit)))
    }
}
