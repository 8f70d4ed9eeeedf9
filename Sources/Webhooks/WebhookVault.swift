import Crypto
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Encrypts the secrets that deliveries are signed with: they must be known to sign, so they cannot be hashed, and a copy
/// of the database alone must not give them away. AES-GCM with a key that is kept elsewhere.
package struct WebhookVault: Sendable {
    private let key: SymmetricKey

    /// - Parameter passphrase: as long and as random as a key should be; the key is its SHA-256.
    package init(passphrase: String) {
        key = SymmetricKey(data: SHA256.hash(data: Data(passphrase.utf8)))
    }

    func sealed(_ secret: String) throws -> [UInt8] {
        let box = try AES.GCM.seal(Data(secret.utf8), using: key)
        guard let combined = box.combined else {
            throw WebhookError(.internalError, "The secret of the webhook could not be encrypted.")
        }
        return Array(combined)
    }

    /// - Throws: `WebhookError` when another key encrypted it.
    func opened(_ sealed: [UInt8]) throws -> String {
        guard let box = try? AES.GCM.SealedBox(combined: Data(sealed)), let data = try? AES.GCM.open(box, using: key)
        else {
            throw WebhookError(
                .invalidParameterValue, "The secret of the webhook was encrypted with another key.",
                hint: "Give the server the key of before, or set the webhook's secret anew.")
        }
        return String(decoding: data, as: UTF8.self)
    }
}
