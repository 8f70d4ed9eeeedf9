import Wire

/// What a mail server answers: a code of three digits, and lines of text (RFC 5321, 4.2).
struct SMTPReply: Sendable, Hashable {
    let code: Int
    let lines: [String]

    /// Takes the lines of one answer; nil while its last line, which has a blank behind the code, is still to come.
    /// - Throws: `OutboundError` for what is no answer.
    init?(lines: [String]) throws {
        guard let last = lines.last else { return nil }
        guard lines.count <= 100, last.utf8.count >= 3, let code = Int(last.prefix(3)), (200..<600).contains(code)
        else {
            throw OutboundError(.unavailable, "What answers there is no mail server: '\(last.prefix(100))'.")
        }
        guard last.dropFirst(3).first != "-" else { return nil }
        self.code = code
        self.lines = lines.map { String($0.dropFirst(4)) }
    }

    var isPositive: Bool { code < 400 }

    /// The words of EHLO's answer that begin with `name`, such as the mechanisms behind `AUTH`.
    func capability(_ name: String) -> [String]? {
        lines.dropFirst().lazy.map { $0.uppercased().split(separator: " ").map(String.init) }
            .first { $0.first == name }.map { Array($0.dropFirst()) }
    }
}
