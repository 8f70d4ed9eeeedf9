package import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A letter of plain text, as RFC 5322 and MIME write it. What comes from outside cannot become a header: of an address
/// nothing but printable ASCII is taken, and a subject is encoded.
package struct MailMessage: Sendable, Hashable {
    package let sender: String
    package let recipients: [String]
    package let subject: String
    package let text: String
    /// Names the letter: the same for each attempt to send it.
    package let id: String
    package let time: Timestamp
    /// The id of the letter that this one follows; readers show both together.
    package let inReplyTo: String?

    /// - Throws: `OutboundError` for an address that is none.
    package init(
        from sender: String, to recipients: [String], subject: String, text: String, id: String, time: Timestamp,
        inReplyTo: String? = nil
    ) throws {
        for address in [sender] + recipients { try Self.check(address) }
        guard !recipients.isEmpty else {
            throw OutboundError(.invalidParameterValue, "A mail needs somebody to go to.")
        }
        self.sender = sender
        self.recipients = recipients
        self.subject = subject
        self.text = text
        self.id = id
        self.time = time
        self.inReplyTo = inReplyTo
    }

    /// - Throws: `OutboundError` for what is not `somebody@host` in printable ASCII without blanks and brackets.
    package static func check(_ address: String) throws {
        let halves = address.split(separator: "@", omittingEmptySubsequences: false)
        let isPlain = address.utf8.allSatisfy { $0 > 32 && $0 < 127 && !"<>,;:\\\"()[]".utf8.contains($0) }
        guard halves.count == 2, halves.allSatisfy({ !$0.isEmpty }), isPlain, address.utf8.count <= 254 else {
            throw OutboundError(
                .invalidParameterValue, "'\(address.prefix(100))' is no mail address.",
                hint: "It looks like ops@example.org.")
        }
    }

    /// The whole letter, lines ended by CR LF; the text in base64, so that no line is too long and none begins with a dot.
    var lines: [String] {
        let host = sender.split(separator: "@").last ?? "localhost"
        let body = Data(text.utf8).base64EncodedString()
        var lines = [
            "From: <\(sender)>", "To: \(recipients.map { "<\($0)>" }.joined(separator: ",\r\n "))",
            "Subject: \(Self.encoded(subject))", "Date: \(Self.date(time))", "Message-ID: <\(id)@\(host)>",
        ]
        if let inReplyTo { lines.append("In-Reply-To: <\(inReplyTo)@\(host)>") }
        lines += [
            "Auto-Submitted: auto-generated", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64", "",
        ]
        let characters = Array(body)
        for start in stride(from: 0, to: characters.count, by: 76) {
            lines.append(String(characters[start..<min(start + 76, characters.count)]))
        }
        return lines
    }

    /// Encoded words of at most 75 characters, none of which cuts a character in two (RFC 2047).
    static func encoded(_ subject: String) -> String {
        var words: [String] = []
        var word: [UInt8] = []
        for character in subject.prefix(200) {
            let bytes = Array(String(character.isNewline ? " " : character).utf8)
            if word.count + bytes.count > 42, !word.isEmpty {
                words.append(encodedWord(word))
                word = []
            }
            word += bytes
        }
        if !word.isEmpty { words.append(encodedWord(word)) }
        return words.joined(separator: "\r\n ")
    }

    private static func encodedWord(_ bytes: [UInt8]) -> String { "=?utf-8?B?\(Data(bytes).base64EncodedString())?=" }

    /// `Sat, 21 Nov 2026 21:22:57 +0000`.
    static func date(_ time: Timestamp) -> String {
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = time.iso8601.split { !$0.isNumber }.compactMap { Int($0) }
        let day = Int((Double(time.milliseconds) / 86_400_000).rounded(.down))
        let weekday = days[((day % 7) + 7) % 7]
        let month = months[max(0, min(11, parts[1] - 1))]
        return "\(weekday), \(parts[2]) \(month) \(parts[0]) \(time.iso8601.dropFirst(11).prefix(8)) +0000"
    }
}
