import Foundation
import Webhooks
import Wire

extension ServerConfiguration {
    /// What the secrets of webhooks are encrypted with: the setting `webhook.key` (MARTLET_WEBHOOK_KEY), which servers over
    /// one database share, or a file in the data folder, made when it is first needed.
    /// - Throws: `FieldProblem` when the file cannot be read or made.
    func webhookVault(entropy: Entropy) throws -> WebhookVault {
        if let webhookKey { return WebhookVault(passphrase: webhookKey) }
        let path = "\(dataFolder)/webhooks.key"
        if let data = FileManager.default.contents(atPath: path), !data.isEmpty {
            return WebhookVault(passphrase: String(decoding: data, as: UTF8.self))
        }
        let key = entropy.hexID() + entropy.hexID()
        let isMade = FileManager.default.createFile(
            atPath: path, contents: Data(key.utf8), attributes: [.posixPermissions: 0o600])
        guard isMade else {
            throw FieldProblem(
                "The file \(path) cannot be written.",
                hint: "Check the folder's permissions, or set MARTLET_WEBHOOK_KEY.")
        }
        return WebhookVault(passphrase: key)
    }
}
