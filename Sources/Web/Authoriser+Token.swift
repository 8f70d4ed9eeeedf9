import Crypto
package import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Authoriser {
    /// One shared secret, sent as a bearer token or as the password of basic authentication under any user name: the
    /// Python client sends either. Browsers show it once, and have a session from then on.
    package static func token(_ token: String, clock: WallClock) -> Authoriser {
        let expected = SHA256.hash(data: Data(token.utf8))
        // Digests have one length and are compared in constant time, so timing tells nothing of the secret.
        let isRight: @Sendable (String) -> Bool = { SHA256.hash(data: Data($0.utf8)) == expected }
        var authoriser = Authoriser(
            authenticate: { authorization in
                guard let credentials = authorization.flatMap(Credentials.init) else { return nil }
                if credentials.isSession {
                    return BrowserSession(credentials.secret, sealedWith: token, now: clock.now)
                        .map { Principal(name: $0.name) }
                }
                guard isRight(credentials.secret) else { return nil }
                return Principal(name: credentials.user ?? "token")
            },
            permits: { _, _ in true })
        authoriser.signIn = { name, shown, now in
            guard isRight(shown) else { return nil }
            return BrowserSession(name: name ?? "token", end: now + BrowserSession.lifetime).text(sealedWith: token)
        }
        return authoriser
    }
}

/// What an `Authorization` header says.
struct Credentials: Hashable {
    /// Present in basic authentication only.
    let user: String?
    let secret: String
    /// Whether the secret is what a browser's cookie holds.
    var isSession = false

    init?(_ authorization: String) {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let value = parts[1].trimmingPrefix { $0 == " " }
        switch parts[0].lowercased() {
        case "bearer":
            user = nil
            secret = String(value)
        case BrowserSession.scheme:
            user = nil
            secret = String(value)
            isSession = true
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
