import Wire

/// The rule for names of metrics, params and tags: 1 to 250 letters, digits, spaces and `_ - . / :`, and the same after
/// being read as a path (no empty, `.` or `..` segment, no slash at an end), because file stores use them as one.
package enum KeyRule {
    package static let maximumLength = 250

    /// - Parameter parameter: how the message names the field.
    /// - Throws: `FieldProblem` that says which part of the rule is broken.
    package static func check(_ key: String, parameter: String = "name") throws {
        guard !isPlain(key) else { return }
        guard !key.isEmpty else { throw FieldProblem.missing(parameter) }
        guard !key.isLonger(than: maximumLength) else {
            throw FieldProblem(
                "Invalid value '\(key.cut(to: 40))…' for parameter '\(parameter)' supplied: a name has at most "
                    + "\(maximumLength) characters, this one has \(key.unicodeScalars.count).")
        }
        if let stranger = key.unicodeScalars.first(where: { !isAllowed($0) }) {
            throw FieldProblem(
                "Invalid value '\(key)' for parameter '\(parameter)' supplied: names may only contain alphanumerics, "
                    + "underscores (_), dashes (-), periods (.), spaces ( ), colons (:) and slashes (/), not '\(stranger)'."
            )
        }
        let segments = key.split(separator: "/", omittingEmptySubsequences: false)
        guard !segments.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else {
            throw FieldProblem(
                "Invalid value '\(key)' for parameter '\(parameter)' supplied: a name reads as a path, so no part "
                    + "between slashes may be empty, '.' or '..'.")
        }
    }

    /// Whether a key keeps the rule at a glance, as nearly all do: ASCII, one segment, no dot in front.
    private static func isPlain(_ key: String) -> Bool {
        let bytes = key.utf8
        guard (1...maximumLength).contains(bytes.count), bytes.first != UInt8(ascii: ".") else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: ":"), UInt8(ascii: " "):
                true
            default: false
            }
        }
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".", "/", ":", " ": true
        case _ where scalar.isASCII: false
        default: isWord(scalar)
        }
    }

    /// What Python's `\w` takes beyond ASCII: letters and numbers of every script.
    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber:
            true
        default: false
        }
    }
}
