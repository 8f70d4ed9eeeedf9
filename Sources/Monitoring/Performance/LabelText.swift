package import Wire

/// A label, or a class that a model named, as they are compared: whole numbers without a fraction, truth values as words.
package struct LabelText: Sendable, Hashable {
    package let text: String

    /// Nil for null, a list or an object.
    package init?(_ json: JSON) {
        switch json {
        case .string(let value): text = value
        case .integer(let value): text = String(value)
        case .double(let value): text = Int64(exactly: value).map(String.init) ?? "\(value)"
        case .bool(let value): text = value ? "true" : "false"
        case .null, .array, .object: return nil
        }
    }

    private static let affirmative: Set = ["1", "true", "yes", "y", "t", "positive"]
    private static let negative: Set = ["0", "-1", "false", "no", "n", "f", "negative"]

    /// Whether it means the positive class.
    /// - Parameter positive: what that class is called; nil when nobody said.
    /// - Returns: nil when it means neither.
    package func isPositive(_ positive: String?, classes: [String] = []) -> Bool? {
        if let positive {
            if text == positive { return true }
            return classes.isEmpty || classes.contains(text) ? false : nil
        }
        let word = text.lowercased()
        if Self.affirmative.contains(word) { return true }
        return Self.negative.contains(word) ? false : nil
    }
}
