import Crypto
import HTTPTypes
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Lets a browser in that has shown its token once: a cookie says who it is and until when, sealed with the token. So it ends
/// with the token, and nobody has to remember it.
struct BrowserSession: Hashable {
    let name: String
    let end: Timestamp

    static let lifetime = Duration.seconds(30 * 86_400)
    /// The scheme under which the cookie is handed on as credentials.
    static let scheme = "session"

    /// What the cookie holds: the end, the name and the seal, with a dot between them.
    func text(sealedWith token: String) -> String {
        "\(end.milliseconds).\(Data(name.utf8).hexadecimal).\(Data(seal(token)).hexadecimal)"
    }

    /// - Returns: nil for a text that this token did not seal, and for a session that has ended.
    init?(_ text: String, sealedWith token: String, now: Timestamp) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let milliseconds = Int64(parts[0]), let name = Data(hexadecimal: parts[1]),
            let seal = Data(hexadecimal: parts[2])
        else { return nil }
        self.init(name: String(decoding: name, as: UTF8.self), end: Timestamp(milliseconds: milliseconds))
        // In constant time, so that timing tells nothing of the seal.
        guard
            HMAC<SHA256>.isValidAuthenticationCode(seal, authenticating: signed, using: Self.key(token)), end > now
        else { return nil }
    }

    init(name: String, end: Timestamp) {
        self.name = name
        self.end = end
    }

    private func seal(_ token: String) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: signed, using: Self.key(token))
    }

    private var signed: Data { Data("martlet session\n\(end.milliseconds)\n\(name)".utf8) }

    private static func key(_ token: String) -> SymmetricKey { SymmetricKey(data: Data(token.utf8)) }
}

extension BrowserSession {
    /// What a cookie is called. Browsers keep one jar for all ports of a host, and several servers may run there.
    private static func cookie(for head: HTTPRequest) -> String {
        let port = head.authority?.split(separator: ":", omittingEmptySubsequences: false).last.flatMap { Int($0) }
        return port.map { "martlet-session-\($0)" } ?? "martlet-session"
    }

    /// The credentials of a request: what it says of itself, or else what the browser's cookie says.
    static func credentials(of head: HTTPRequest) -> String? {
        if let authorization = head.headerFields[.authorization] { return authorization }
        guard let cookies = head.headerFields[.cookie] else { return nil }
        let name = cookie(for: head)
        for pair in cookies.split(separator: ";") {
            let parts = pair.trimmingPrefix { $0 == " " }.split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0] == name { return "\(scheme) \(parts[1])" }
        }
        return nil
    }

    /// What tells a browser to keep a session; nil ends the one it has.
    static func header(_ text: String?, for head: HTTPRequest, isSecure: Bool) -> String {
        let age = text == nil ? 0 : lifetime.components.seconds
        let secure = isSecure ? "; Secure" : ""
        return "\(cookie(for: head))=\(text ?? ""); Path=/; Max-Age=\(age); HttpOnly; SameSite=Lax\(secure)"
    }
}

extension Data {
    fileprivate init?(hexadecimal: Substring) {
        guard hexadecimal.utf8.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        var rest = hexadecimal[...]
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16), rest.first != "+", rest.first != "-" else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        self.init(bytes)
    }
}
