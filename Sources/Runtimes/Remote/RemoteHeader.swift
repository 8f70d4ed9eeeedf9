import Wire

/// What every request to a remote model carries under one name: a text that anybody may read, or a secret, of which only
/// the place is said.
package enum RemoteHeader: Sendable, Hashable {
    case text(String)
    /// What an environment variable of the server holds, behind `prefix`.
    case secret(variable: String, prefix: String)

    /// Whether a header of this name holds a secret, as far as its name says.
    package static func isSecret(_ name: String) -> Bool {
        let name = name.lowercased()
        let ends = ["authorization", "cookie", "-key", "-token", "-secret", "-signature", "password"]
        return ends.contains { name.hasSuffix($0) }
    }

    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ":") }
    }

    static func isValue(_ value: String) -> Bool {
        value.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
    }
}

/// The secrets that the server may send to other servers: environment variables whose names begin with
/// `MARTLET_SECRET_`. Whoever writes manifests names them, and can have no other variable sent away.
package struct RemoteSecrets: Sendable {
    package static let variablePrefix = "MARTLET_SECRET_"

    private let values: [String: String]

    /// - Parameter environment: of which only secrets are kept.
    package init(environment: [String: String] = [:]) {
        values = environment.filter { $0.key.hasPrefix(Self.variablePrefix) }
    }

    /// What a header says, and the secret in it.
    /// - Throws: `RuntimeError` 400 when the secret is not there, or is no value for a header.
    func resolve(_ header: RemoteHeader) throws -> (value: String, secret: String?) {
        switch header {
        case .text(let text): return (text, nil)
        case .secret(let variable, let prefix):
            // Files and shells leave line ends behind.
            guard let secret = values[variable]?.trimmed, !secret.isEmpty else {
                throw RuntimeError.invalidInput(
                    "The server has no environment variable '\(variable)'.",
                    hint: "Set it for 'martlet server', and start that again.")
            }
            guard RemoteHeader.isValue(secret) else {
                throw RuntimeError.invalidInput(
                    "What the environment variable '\(variable)' holds is no value for a header.",
                    hint: "It must be one line of text.")
            }
            return (prefix + secret, secret)
        }
    }
}

extension String {
    fileprivate var trimmed: String {
        var text = self[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        while text.first?.isWhitespace == true { text.removeFirst() }
        return String(text)
    }
}
