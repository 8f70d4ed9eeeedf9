import NIOCore
import Testing
import Wire

@testable import Outbound

@Suite struct SMTPSessionTests {
    private static func message(_ subject: String = "Drift") throws -> MailMessage {
        try MailMessage(
            from: "martlet@example.org", to: ["ann@example.org", "bob@example.org"], subject: subject, text: "Text",
            id: "i-1.opened", time: Timestamp(milliseconds: 1_700_000_000_000))
    }

    private static func reply(_ lines: String...) throws -> SMTPReply { try #require(try SMTPReply(lines: lines)) }

    @Test func handsInALetterStepByStep() throws {
        let server = MailServer(
            host: "mail", port: 587, encryption: .starttls, user: "ann", password: "secret")
        var session = SMTPSession(try Self.message(), to: server, ownName: "here")
        let ok = try Self.reply("250 OK")
        #expect(try session.next(after: Self.reply("220 mail")) == .say("EHLO here"))
        #expect(try session.next(after: Self.reply("250-mail", "250 STARTTLS")) == .say("STARTTLS"))
        #expect(try session.next(after: Self.reply("220 go on")) == .encrypt)
        #expect(session.hello() == .say("EHLO here"))
        #expect(
            try session.next(after: Self.reply("250-mail", "250 AUTH PLAIN")) == .say("AUTH PLAIN AGFubgBzZWNyZXQ="))
        #expect(try session.next(after: ok) == .say("MAIL FROM:<martlet@example.org>"))
        #expect(try session.next(after: ok) == .say("RCPT TO:<ann@example.org>"))
        #expect(try session.next(after: ok) == .say("RCPT TO:<bob@example.org>"))
        #expect(try session.next(after: ok) == .say("DATA"))
        #expect(try session.next(after: Self.reply("354 go on")) == .letter(Self.message().lines))
        #expect(!session.isDelivered)
        #expect(try session.next(after: ok) == .say("QUIT"))
        #expect(session.isDelivered)
        #expect(try session.next(after: Self.reply("221 bye")) == .done)
    }

    @Test func saysNoPasswordInTheClear() throws {
        let open = MailServer(host: "mail", port: 25, encryption: .none, user: "ann", password: "secret")
        var session = SMTPSession(try Self.message(), to: open, ownName: "here")
        _ = try session.next(after: Self.reply("220 mail"))
        #expect(throws: OutboundError.self) { try session.next(after: Self.reply("250-mail", "250 AUTH PLAIN")) }
        // Somebody on the way who takes STARTTLS out of the answer gets nothing either.
        let stripped = MailServer(host: "mail", port: 587, encryption: .starttls)
        session = SMTPSession(try Self.message(), to: stripped, ownName: "here")
        _ = try session.next(after: Self.reply("220 mail"))
        #expect(throws: OutboundError.self) { try session.next(after: Self.reply("250 mail")) }
    }

    @Test(arguments: [("450 later", ProblemCode.unavailable), ("550 nobody", .invalidParameterValue)])
    func saysWhetherARefusalIsForGood(line: String, code: ProblemCode) throws {
        var session = SMTPSession(
            try Self.message(), to: MailServer(host: "mail", port: 25, encryption: .none), ownName: "here")
        let refusal = try Self.reply(line)
        let error = #expect(throws: OutboundError.self) { try session.next(after: refusal) }
        #expect(error?.code == code)
    }

    @Test func readsAnswersOfSeveralLines() throws {
        #expect(try SMTPReply(lines: ["250-a", "250-b"]) == nil)
        let reply = try Self.reply("250-mail", "250-SIZE 100", "250 AUTH LOGIN plain")
        #expect(reply.capability("AUTH") == ["LOGIN", "PLAIN"])
        #expect(reply.capability("STARTTLS") == nil)
        for line in ["", "HTTP/1.1 200 OK", "99 x", "abc"] {
            #expect(throws: OutboundError.self) { try SMTPReply(lines: [line]) }
        }
    }

    @Test func stuffsDots() {
        #expect(String(buffer: MailClient.stuffed(["a", ".b", "."])) == "a\r\n..b\r\n..\r\n.\r\n")
    }

    @Test func nothingFromOutsideBecomesAHeader() throws {
        let lines = try Self.message("Ärger\r\nBcc: eve@example.org " + String(repeating: "ü", count: 60)).lines
        #expect(!lines.contains { $0.hasPrefix("Bcc") || $0.contains("\nBcc") })
        let subject = try #require(lines.first { $0.hasPrefix("Subject: ") })
        #expect(subject.split(separator: "\r\n ").allSatisfy { $0.utf8.count <= 85 })
        #expect(subject.utf8.allSatisfy { $0 < 128 })
        for address in ["a@b\r\nBcc: eve", "a b@c", "@b", "a@", "a", "a@b@c", "<a@b>", "ä@b"] {
            #expect(throws: OutboundError.self) { try MailMessage.check(address) }
        }
        #expect(MailMessage.date(Timestamp(milliseconds: 1_700_000_000_000)) == "Tue, 14 Nov 2023 22:13:20 +0000")
    }
}
