import Manifests
import Outbound
import Testing
import Wire

@testable import Incidents

@Suite struct ChannelTests {
    private static func channel(_ spec: String) throws -> Channel {
        let yaml = "apiVersion: martlet/v1\nkind: Channel\nmetadata: {name: team}\nspec: \(spec)\n"
        let manifest = try Manifest.parse(yaml: yaml)[0]
        return try Channel(manifest)
    }

    @Test func readsEachKind() throws {
        #expect(
            try Self.channel("{webhook: {url: \"https://a.example/x\", secret: {env: MARTLET_SECRET_A}}}").place
                == .webhook(url: .text("https://a.example/x"), secret: .secret(variable: "MARTLET_SECRET_A")))
        #expect(
            try Self.channel("{slack: {url: {env: MARTLET_SECRET_SLACK}}}").place
                == .slack(url: .secret(variable: "MARTLET_SECRET_SLACK")))
        #expect(
            try Self.channel("{alertmanager: {url: \"http://am:9093\"}}").place
                == .alertmanager(url: .text("http://am:9093"), token: nil))
        let mail = try Self.channel(
            "{email: {host: mail.example, user: ann, password: {env: MARTLET_SECRET_MAIL}, from: m@a.example, to: x@a.example}}"
        )
        #expect(
            mail.place
                == .email(
                    Channel.Mail(
                        host: "mail.example", port: 587, encryption: .starttls, user: "ann",
                        password: .secret(variable: "MARTLET_SECRET_MAIL"), sender: "m@a.example",
                        recipients: ["x@a.example"])))
    }

    @Test(arguments: [
        "{}", "{slack: {url: \"https://a\"}, webhook: {url: \"https://a\"}}", "{slack: {url: \"ftp://a\"}}",
        "{webhook: {url: \"https://a\", secret: written-here}}", "{webhook: {url: \"https://a\", secret: {env: PATH}}}",
        "{email: {host: m, from: a@b, to: []}}", "{email: {host: m, from: \"a\", to: a@b}}",
        "{email: {host: m, from: a@b, to: a@b, encryption: some}}", "{email: {host: m, from: a@b, to: a@b, user: x}}",
        "{email: {host: m, from: a@b, to: a@b, encryption: none, user: x, password: {env: MARTLET_SECRET_X}}}",
        "{pager: {url: \"https://a\"}}",
    ])
    func refusesOthers(spec: String) {
        #expect(throws: ManifestError.self) { try Self.channel(spec) }
    }

    @Test func onlyWhatIsNewIsWorthAMessage() {
        func digest(_ isOpen: Bool, _ severity: Severity, _ topics: Set<String>) -> IncidentDigest {
            IncidentDigest(isOpen: isOpen, severity: severity, topics: topics)
        }
        let known = digest(true, .medium, ["drift at a"])
        #expect(known.change(since: nil) == .opened)
        #expect(known.change(since: known) == nil)
        #expect(digest(true, .high, ["drift at a"]).change(since: known) == .worsened)
        #expect(digest(true, .medium, ["drift at a", "quality at a"]).change(since: known) == .worsened)
        #expect(digest(true, .low, ["drift at a"]).change(since: known) == nil)
        let over = digest(false, .medium, ["drift at a"])
        #expect(over.change(since: known) == .resolved)
        #expect(over.change(since: over) == nil)
        #expect(over.change(since: nil) == nil)
        #expect(known.change(since: over) == .reopened)
    }
}
