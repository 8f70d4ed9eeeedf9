import Wire

/// Reads the keys of a mapping strictly: an unknown key is refused with the one that was probably meant.
package struct ManifestFields: Sendable {
    package let place: ManifestPlace
    private let entries: [ManifestNode.Entry]

    /// - Parameter keys: all that this mapping may hold.
    /// - Throws: `ManifestError` at the first key that is not among `keys`, or when `node` is no mapping.
    package init(_ node: ManifestNode, keys: [String]) throws {
        guard case .mapping(let entries) = node.value else {
            throw ManifestError(at: node.place, "expected a mapping with \(keys.quoted), got \(node.kindName)")
        }
        for entry in entries where !keys.contains(entry.key) {
            let meant = keys.closest(to: entry.key).map { "Did you mean '\($0)'?" }
            throw ManifestError(
                at: entry.place, "there is no key '\(entry.key)' here", hint: meant ?? "Known keys: \(keys.quoted).")
        }
        self.entries = entries
        place = node.place
    }

    package func optional(_ key: String) -> ManifestNode? {
        entries.first { $0.key == key && $0.value.value != .scalar(.null) }?.value
    }

    package func node(_ key: String) throws -> ManifestNode {
        guard let node = optional(key) else {
            throw ManifestError(at: place, "the key '\(key)' is missing")
        }
        return node
    }

    package func optionalString(_ key: String) throws -> String? {
        try scalar(key, "text", \.stringValue)
    }

    package func string(_ key: String) throws -> String {
        let node = try node(key)
        guard case .scalar(.string(let text)) = node.value, !text.isEmpty else {
            throw ManifestError(at: node.place, "expected text, got \(node.kindName)")
        }
        return text
    }

    package func optionalBool(_ key: String) throws -> Bool? {
        try scalar(key, "true or false", \.boolValue)
    }

    /// A whole number within `range`.
    package func optionalInteger(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        return try scalar(key, expected) { json in
            json.integerValue.flatMap { Int(exactly: $0) }.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A number within `range`.
    package func optionalDouble(_ key: String, in range: ClosedRange<Double>) throws -> Double? {
        let expected = "a number from \(range.lowerBound) to \(range.upperBound)"
        return try scalar(key, expected) { json in
            json.doubleValue.flatMap { range.contains($0) ? $0 : nil }
        }
    }

    package func list(_ key: String) throws -> [ManifestNode] {
        guard let node = optional(key) else { return [] }
        guard case .list(let nodes) = node.value else {
            throw ManifestError(at: node.place, "expected a list, got \(node.kindName)")
        }
        return nodes
    }

    package func strings(_ key: String) throws -> [String] {
        try list(key).map { node in
            guard case .scalar(.string(let text)) = node.value else {
                throw ManifestError(at: node.place, "expected text, got \(node.kindName)")
            }
            return text
        }
    }

    private func scalar<Value>(_ key: String, _ expected: String, _ read: (JSON) -> Value?) throws -> Value? {
        guard let node = optional(key) else { return nil }
        guard case .scalar(let json) = node.value, let value = read(json) else {
            throw ManifestError(at: node.place, "expected \(expected), got \(node.json.excerpt(80))")
        }
        return value
    }
}

extension [String] {
    fileprivate var quoted: String { map { "'\($0)'" }.joined(separator: ", ") }

    /// The word at the smallest edit distance, if that is small enough for a typing mistake.
    package func closest(to word: String) -> String? {
        map { (word: $0, distance: $0.editDistance(to: word)) }
            .filter { $0.distance <= Swift.max(1, $0.word.count / 3) }
            .min { $0.distance < $1.distance }?.word
    }
}

extension String {
    /// Levenshtein distance in characters.
    fileprivate func editDistance(to other: String) -> Int {
        let target = Array(other)
        var previous = Array(0...target.count)
        for (row, character) in enumerated() {
            var current = [row + 1]
            for column in target.indices {
                let substitution = previous[column] + (character == target[column] ? 0 : 1)
                current.append(Swift.min(substitution, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[target.count]
    }
}
