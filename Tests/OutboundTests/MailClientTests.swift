import Foundation
import TestSupport
import Testing
import Wire

@testable import Outbound

/// Letters that a real mail server takes.
@Suite(.timeLimit(.minutes(5))) struct MailClientTests {
    private static func message(to recipients: [String] = ["ann@example.org", "bob@example.org"]) throws -> MailMessage
    {
        try MailMessage(
            from: "martlet@example.org", to: recipients, subject: "Ärger mit 温度 — [high] Drift at churn",
            text: "Größe drifted.\n.\n..and a line of dots\n" + String(repeating: "long ", count: 400) + "\n",
            id: "i-1.worsened", time: Timestamp(milliseconds: 1_700_000_000_000), inReplyTo: "i-1.opened")
    }

    /// Sends a letter to a server that works in `mode`, and returns what arrived.
    private static func send(
        _ mode: String, _ message: MailMessage, host: String = "localhost", password: String? = "s3cret",
        trusts: Bool = true
    ) async throws -> [JSON] {
        try await MailboxServer.run(mode) { server in
            let isEncrypted = mode != "plain"
            let place = MailServer(
                host: host, port: server.port,
                encryption: mode == "plain" ? .none : mode == "tls" ? .tls : .starttls,
                user: isEncrypted && mode != "tls" ? "ann" : nil,
                password: isEncrypted && mode != "tls" ? password : nil)
            let client = MailClient(
                allowsPrivate: true, ownName: "here", authority: isEncrypted && trusts ? server.certificate : nil)
            try await client.send(message, to: place)
            return try server.letters()
        }
    }

    @Test(arguments: ["plain", "starttls", "login", "tls"])
    func arriveAsTheyWereWritten(mode: String) async throws {
        let message = try Self.message()
        let letter = try #require(try await Self.send(mode, message).first)
        #expect(letter["from"] == "martlet@example.org")
        #expect(letter["to"] == ["ann@example.org", "bob@example.org"])
        #expect(letter["headers"]?["Subject"]?.stringValue == message.subject)
        #expect(letter["headers"]?["Message-ID"] == "<i-1.worsened@example.org>")
        #expect(letter["headers"]?["In-Reply-To"] == "<i-1.opened@example.org>")
        #expect(letter["text"]?.stringValue == message.text)
        #expect(letter["defects"] == [])
        #expect(letter["encrypted"]?.boolValue == (mode != "plain"))
        #expect(letter["user"]?.stringValue == (mode == "starttls" || mode == "login" ? "ann" : nil))
    }

    @Test func aWrongPasswordIsSaid() async throws {
        let message = try Self.message()
        let error = await #expect(throws: OutboundError.self) {
            try await Self.send("starttls", message, password: "wrong")
        }
        #expect(error?.message.contains("the user and password") == true)
    }

    @Test func aRecipientThatIsNotThereIsNamed() async throws {
        let message = try Self.message(to: ["nobody@example.org"])
        let error = await #expect(throws: OutboundError.self) { try await Self.send("plain", message) }
        #expect(error?.message.contains("nobody@example.org") == true)
        #expect(error?.code == .invalidParameterValue)
    }

    @Test func aCertificateThatNobodyVouchesForIsRefused() async throws {
        let message = try Self.message()
        await #expect(throws: (any Error).self) { try await Self.send("starttls", message, trusts: false) }
    }

    @Test func aMachineOfOnesOwnNetworkIsRefusedUnlessAllowed() async throws {
        let message = try Self.message()
        await #expect(throws: OutboundError.self) {
            try await MailClient(allowsPrivate: false).send(
                message, to: MailServer(host: "localhost", port: 25, encryption: .none))
        }
    }
}
