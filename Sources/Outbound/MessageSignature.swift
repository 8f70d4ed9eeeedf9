import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// How a message shows that it is what was sent, and when (https://www.standardwebhooks.com).
package enum MessageSignature {
    /// `v1,` and the base64 of HMAC-SHA256 over `id.time.body`.
    package static func signature(of body: String, id: String, time: String, secret: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(id).\(time).\(body)".utf8), using: SymmetricKey(data: Data(secret.utf8)))
        return "v1,\(Data(code).base64EncodedString())"
    }
}
