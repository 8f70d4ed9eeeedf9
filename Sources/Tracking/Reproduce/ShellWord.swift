/// Texts that somebody else wrote, within commands that people copy into a shell: each stays one word, or one line that is only
/// read, whatever it holds.
enum ShellWord {
    /// The text as one word of a command for sh, bash and zsh. What a terminal would act on, or what would show it as something
    /// else, is written in octal within `$'…'` (POSIX.1-2024, 2.2.4).
    static func quoted(_ text: String) -> String {
        if text.isEmpty { return "''" }
        // To zsh, what begins with a sign of equality is the path of a program.
        if text.unicodeScalars.allSatisfy(isPlain), !text.hasPrefix("=") { return text }
        guard text.unicodeScalars.contains(where: isTreacherous) else {
            return "'\(text.replacing("'", with: "'\\''"))'"
        }
        let pieces = text.unicodeScalars.map { scalar -> String in
            // A quote, too: a shell that does not know `$'…'` would take it for its end.
            guard isTreacherous(scalar) || scalar == "'" || scalar == "\\" else { return String(scalar) }
            return UTF8.encode(scalar)?.map(octal).joined() ?? ""
        }
        return "$'\(pieces.joined())'"
    }

    /// Texts that are only read, a line each, as a here-document that nothing reads: in it no shell acts on anything. A comment would
    /// not do, for zsh knows none where somebody types.
    static func listing(_ texts: [String]) -> [String] {
        [": <<'END'"] + texts.map { "  " + line($0) } + ["END"]
    }

    /// - Parameter limit: in Unicode scalars; more are cut.
    private static func line(_ text: String, limit: Int = 300) -> String {
        let start = text.isLonger(than: limit) ? text.cut(to: limit) + "…" : text
        return start.unicodeScalars.map { isTreacherous($0) ? "?" : String($0) }.joined()
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".", "/", ":", "@", "%", "+", ",", "=": true
        default: false
        }
    }

    /// Control characters, which end a line or command a terminal, and those that turn the direction of what is read (Boucher and
    /// Anderson, "Trojan Source", 2021).
    private static func isTreacherous(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }

    private static func octal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 8)
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }
}
