import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How a letter is handed in, as a machine of pure values: what to say next to each answer (RFC 5321, 3207, 4954).
///
/// greeting → EHLO → [STARTTLS → encrypt → EHLO] → [AUTH] → MAIL → RCPT… → DATA → letter → QUIT. An answer of 4xx or 5xx ends
/// it.
struct SMTPSession {
    enum Action: Sendable, Hashable {
        /// A line to send; CR LF is added.
        case say(String)
        /// To be sent, each line with a dot more in front when it begins with one, and a lone dot behind them.
        case letter([String])
        case encrypt
        case done
    }

    private enum Stage {
        case greeting, hello, encryption, user, password, login, sender
        case recipient(Int)
        case data, letter, farewell
    }

    private let message: MailMessage
    private let server: MailServer
    private let ownName: String
    private var stage = Stage.greeting
    private var isEncrypted: Bool

    /// - Parameter ownName: what EHLO says of this machine.
    init(_ message: MailMessage, to server: MailServer, ownName: String) {
        self.message = message
        self.server = server
        self.ownName = ownName
        isEncrypted = server.encryption == .tls
    }

    /// What to do after an answer.
    /// - Throws: `OutboundError` when the server refuses, for good (5xx) or for now (4xx).
    mutating func next(after reply: SMTPReply) throws -> Action {
        guard reply.isPositive else { throw refusal(reply) }
        switch stage {
        case .greeting: return hello()
        case .hello: return try afterHello(reply)
        case .encryption:
            stage = .greeting
            isEncrypted = true
            return .encrypt
        case .user:
            stage = .password
            return .say(Self.base64(server.user ?? ""))
        case .password:
            stage = .login
            return .say(Self.base64(server.password ?? ""))
        case .login: return from()
        case .sender: return recipient(0)
        case .recipient(let index) where index + 1 < message.recipients.count: return recipient(index + 1)
        case .recipient:
            stage = .data
            return .say("DATA")
        case .data:
            stage = .letter
            return .letter(message.lines)
        case .letter:
            stage = .farewell
            return .say("QUIT")
        case .farewell: return .done
        }
    }

    /// What to say once the connection is encrypted: everything that was said before counts for nothing.
    mutating func hello() -> Action {
        stage = .hello
        return .say("EHLO \(ownName)")
    }

    /// Whether the letter is in, so that it does not matter how the connection ends.
    var isDelivered: Bool { if case .farewell = stage { true } else { false } }

    private mutating func afterHello(_ reply: SMTPReply) throws -> Action {
        if server.encryption == .starttls, !isEncrypted {
            guard reply.capability("STARTTLS") != nil else {
                throw OutboundError(
                    .invalidParameterValue, "The mail server '\(server.host)' does not encrypt connections.",
                    hint: "Use 'encryption: tls' (port 465), or 'none' where nobody listens.")
            }
            stage = .encryption
            return .say("STARTTLS")
        }
        guard let user = server.user, let password = server.password else { return from() }
        guard isEncrypted else {
            throw OutboundError(
                .invalidParameterValue, "A password is not sent in the clear to '\(server.host)'.",
                hint: "Use 'encryption: starttls' or 'tls'.")
        }
        let mechanisms = reply.capability("AUTH") ?? []
        if mechanisms.contains("PLAIN") {
            stage = .login
            return .say("AUTH PLAIN \(Self.base64("\0\(user)\0\(password)"))")
        }
        guard mechanisms.contains("LOGIN") else {
            throw OutboundError(
                .invalidParameterValue,
                "The mail server '\(server.host)' takes no password by PLAIN or LOGIN, but by \(mechanisms).")
        }
        stage = .user
        return .say("AUTH LOGIN")
    }

    private mutating func from() -> Action {
        stage = .sender
        return .say("MAIL FROM:<\(message.sender)>")
    }

    private mutating func recipient(_ index: Int) -> Action {
        stage = .recipient(index)
        return .say("RCPT TO:<\(message.recipients[index])>")
    }

    private func refusal(_ reply: SMTPReply) -> OutboundError {
        let words = reply.lines.joined(separator: " ").prefix(300)
        return OutboundError(
            reply.code < 500 ? .unavailable : .invalidParameterValue,
            "The mail server '\(server.host)' answered \(reply.code) \(words) to \(stageWords).")
    }

    private var stageWords: String {
        switch stage {
        case .greeting: "the connection"
        case .hello: "EHLO"
        case .encryption: "STARTTLS"
        case .user, .password, .login: "the user and password"
        case .sender: "the sender '\(message.sender)'"
        case .recipient(let index): "the recipient '\(message.recipients[index])'"
        case .data, .letter: "the letter"
        case .farewell: "QUIT"
        }
    }

    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
}
