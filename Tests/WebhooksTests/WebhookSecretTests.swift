import Testing

@testable import Webhooks

@Suite struct WebhookSecretTests {
    @Test func secretsAreReadWithTheirKeyOnly() throws {
        let vault = WebhookVault(passphrase: "a")
        let sealed = try vault.sealed("secret ☂")
        #expect(try vault.opened(sealed) == "secret ☂")
        #expect(try vault.sealed("secret ☂") != sealed)
        #expect(throws: WebhookError.self) { try WebhookVault(passphrase: "b").opened(sealed) }
        #expect(throws: WebhookError.self) { try vault.opened(Array(sealed.dropLast())) }
    }
}
