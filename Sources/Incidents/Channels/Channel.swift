package import Manifests
package import Outbound
import Wire

/// Where incidents are told: the manifest of kind Channel. Secrets are environment variables of the server, of which the
/// manifest says the names.
///
///     kind: Channel
///     metadata: { name: team-slack }
///     spec:
///       slack: { url: { env: MARTLET_SECRET_SLACK } }
package struct Channel: Sendable, Hashable {
    /// A text that anybody may read, or the name of the variable that holds it.
    package enum Value: Sendable, Hashable {
        case text(String)
        case secret(variable: String)

        /// - Throws: `OutboundError` when the variable is not set.
        func resolved(_ secrets: OutboundSecrets) throws -> String {
            switch self {
            case .text(let text): text
            case .secret(let variable): try secrets.value(of: variable)
            }
        }
    }

    package enum Place: Sendable, Hashable {
        /// Signed when there is a secret.
        case webhook(url: Value, secret: Value?)
        case slack(url: Value)
        case email(Mail)
        /// The base address of Prometheus' Alertmanager.
        case alertmanager(url: Value, token: Value?)
    }

    package struct Mail: Sendable, Hashable {
        let host: String
        let port: Int
        let encryption: MailServer.Encryption
        let user: String?
        let password: Value?
        let sender: String
        let recipients: [String]
    }

    package let name: String
    package let place: Place

    /// - Throws: `ManifestError` with the place of what is wrong.
    package init(_ manifest: Manifest) throws {
        name = manifest.name
        let kinds = ["webhook", "slack", "email", "alertmanager"]
        let spec = try ManifestFields(manifest.spec, keys: kinds)
        let given = kinds.compactMap { kind in spec.optional(kind).map { (kind: kind, node: $0) } }
        guard let only = given.first, given.count == 1 else {
            throw ManifestError(at: spec.place, "say one of \(kinds.map { "'\($0)'" }.joined(separator: ", "))")
        }
        place =
            switch only.kind {
            case "webhook": try Self.webhook(only.node)
            case "slack": .slack(url: try Self.url(ManifestFields(only.node, keys: ["url"])))
            case "email": .email(try Mail(only.node))
            default: try Self.alertmanager(only.node)
            }
    }

    /// The kind, as the composition root registers it.
    package static let kind = ManifestKind(name: "Channel", plural: "channels", hasPages: false) { manifest in
        _ = try Channel(manifest)
    }

    /// The word of the manifest for what it is.
    package var kindName: String {
        switch place {
        case .webhook: "webhook"
        case .slack: "slack"
        case .email: "email"
        case .alertmanager: "alertmanager"
        }
    }

    private static func webhook(_ node: ManifestNode) throws -> Place {
        let fields = try ManifestFields(node, keys: ["url", "secret"])
        return .webhook(url: try url(fields), secret: try fields.optional("secret").map(Value.init(secret:)))
    }

    private static func alertmanager(_ node: ManifestNode) throws -> Place {
        let fields = try ManifestFields(node, keys: ["url", "token"])
        return .alertmanager(url: try url(fields), token: try fields.optional("token").map(Value.init(secret:)))
    }

    private static func url(_ fields: ManifestFields) throws -> Value {
        let node = try fields.node("url")
        let value = try Value(node)
        if case .text(let text) = value, !text.hasPrefix("https://"), !text.hasPrefix("http://") {
            throw ManifestError(at: node.place, "expected an address that begins with https:// or http://")
        }
        return value
    }
}

extension Channel.Value {
    /// A text, or `{ env: MARTLET_SECRET_NAME }`.
    init(_ node: ManifestNode) throws {
        if case .scalar(.string(let text)) = node.value, !text.isEmpty {
            self = .text(text)
        } else {
            self = try Self(secret: node)
        }
    }

    /// `{ env: MARTLET_SECRET_NAME }` only: what is written in a manifest is kept in Git and shown by `martlet get`.
    init(secret node: ManifestNode) throws {
        guard case .mapping = node.value else {
            throw ManifestError(
                at: node.place, "a secret is not written here; say { env: MARTLET_SECRET_NAME }",
                hint: "Set that variable for 'martlet server'.")
        }
        let variable = try ManifestFields(node, keys: ["env"]).string("env")
        guard variable.hasPrefix(OutboundSecrets.variablePrefix) else {
            throw ManifestError(
                at: node.place, "the variable's name must begin with \(OutboundSecrets.variablePrefix)")
        }
        self = .secret(variable: variable)
    }
}

extension Channel.Mail {
    init(_ node: ManifestNode) throws {
        let fields = try ManifestFields(
            node, keys: ["host", "port", "encryption", "user", "password", "from", "to"])
        host = try fields.string("host")
        let wanted = try fields.optionalString("encryption") ?? MailServer.Encryption.starttls.rawValue
        guard let encryption = MailServer.Encryption(rawValue: wanted) else {
            let known = MailServer.Encryption.allCases.map(\.rawValue).joined(separator: ", ")
            throw ManifestError(at: try fields.node("encryption").place, "expected one of \(known)")
        }
        self.encryption = encryption
        port = try fields.optionalInteger("port", in: 1...65_535) ?? (encryption == .tls ? 465 : 587)
        user = try fields.optionalString("user")
        password = try fields.optional("password").map(Channel.Value.init(secret:))
        guard (user == nil) == (password == nil) else {
            throw ManifestError(at: fields.place, "'user' and 'password' come together")
        }
        guard password == nil || encryption != .none else {
            throw ManifestError(
                at: fields.place, "a password is not sent in the clear: say 'encryption: starttls' or 'tls'")
        }
        sender = try fields.string("from")
        let to = try fields.node("to")
        if case .scalar(.string(let one)) = to.value {
            recipients = [one]
        } else {
            recipients = try fields.strings("to")
        }
        guard !recipients.isEmpty else { throw ManifestError(at: to.place, "a mail needs somebody to go to") }
        for address in [sender] + recipients {
            do {
                try MailMessage.check(address)
            } catch let error as OutboundError {
                throw ManifestError(at: fields.place, error.message, hint: error.hint)
            }
        }
    }

    func server(_ secrets: OutboundSecrets) throws -> MailServer {
        MailServer(
            host: host, port: port, encryption: encryption, user: user, password: try password?.resolved(secrets))
    }
}
