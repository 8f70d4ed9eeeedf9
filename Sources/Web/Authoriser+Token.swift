import Crypto

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Authoriser {
    /// One shared secret, sent as a bearer token or as the password of basic authentication under any user name: the
    /// Python client sends either.
    package static func token(_ token: String) -> Authoriser {
        let expected = SHA256.hash(data: Data(token.utf8))
        return Authoriser(
            authenticate: { authorization in
                guard let credentials = authorization.flatMap(Credentials.init) else { return nil }
                // Digests have one length and are compared in constant time, so timing tells nothing of the secret.
                guard SHA256.hash(data: Data(credentials.secret.utf8)) == expected else { return nil }
                return Principal(name: credentials.user ?? "token")
            },
            permits: { _, _ in true })
    }
}

/// What an `Authorization` header says.
struct Credentials: Hashable {
    /// Present in basic authentication only.
    let user: String?
    let secret: String

    init?(_ authorization: String) {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let value = parts[1].trimmingPrefix { $0 == " " }
        switch parts[0].lowercased() {
        case "bearer":
            user = nil
            secret = String(value)
        case "basic":
            guard let data = Data(base64Encoded: String(value)) else { return nil }
            let pair = String(decoding: data, as: UTF8.self).split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else { return nil }
            user = pair[0].isEmpty ? nil : String(pair[0])
            secret = String(pair[1])
        default: return nil
        }
    }
}
