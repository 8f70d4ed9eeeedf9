/// Where mail is handed in.
package struct MailServer: Sendable, Hashable {
    package enum Encryption: String, Sendable, Hashable, CaseIterable {
        /// The connection begins in the clear and is encrypted before anything is said (port 587). It is not gone on with
        /// otherwise.
        case starttls
        /// Encrypted from its first byte (port 465).
        case tls
        /// In the clear (port 25); with a password it is refused.
        case none
    }

    package let host: String
    package let port: Int
    package let encryption: Encryption
    package let user: String?
    package let password: String?

    package init(host: String, port: Int, encryption: Encryption, user: String? = nil, password: String? = nil) {
        self.host = host
        self.port = port
        self.encryption = encryption
        self.user = user
        self.password = password
    }
}
