/// Texts that somebody else wrote: names, values of tags and params, notes.
extension HTML {
    /// A name within a line or a cell. One that is read from right to left keeps to itself and does not turn round what
    /// stands beside it; a long one is cut, and shows whole on hover.
    /// - Parameter limit: in Unicode scalars; more are cut.
    package static func name(_ text: some StringProtocol, limit: Int = 120) -> HTML {
        guard let start = beginning(of: text, limit) else { return isolated(text) }
        let title = beginning(of: text, titleLimit).map { $0 + "…" } ?? String(text)
        return "<bdi title=\"\(title)\">\(start)…</bdi>"
    }

    /// A value of any length: a long one shows its beginning, and the whole when that is opened.
    /// - Parameter limit: in Unicode scalars; more are cut.
    package static func value(_ text: some StringProtocol, limit: Int = 200) -> HTML {
        guard let start = beginning(of: text, limit) else { return isolated(text) }
        return """
            <details class="long"><summary><bdi>\(start)…</bdi></summary><p dir="auto">\(text)</p></details>
            """
    }

    /// More than this is no hint on hover but a wall of text, and a table of such names would be megabytes.
    private static let titleLimit = 1000

    /// Only what is read from right to left, or says so by a control character, can disturb a page that is read from left to
    /// right. All other texts go without an element of their own.
    private static func isolated(_ text: some StringProtocol) -> HTML {
        text.unicodeScalars.contains(where: turnsRound) ? "<bdi>\(text)</bdi>" : "\(text)"
    }

    /// The blocks of scripts that are written from right to left (Unicode Bidirectional Algorithm, UAX #9, as assigned in
    /// DerivedBidiClass), and the control characters of direction.
    private static func turnsRound(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value >= 0x590 else { return false }
        return switch scalar.value {
        case 0x590...0x8FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
        case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// The beginning of a text that is longer than `limit`; nil for one that is not.
    private static func beginning(of text: some StringProtocol, _ limit: Int) -> String? {
        let scalars = text.unicodeScalars
        let end = scalars.index(scalars.startIndex, offsetBy: limit, limitedBy: scalars.endIndex)
        guard let end, end < scalars.endIndex else { return nil }
        return String(String.UnicodeScalarView(scalars[..<end]))
    }
}
