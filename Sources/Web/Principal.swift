package import Wire

/// Who makes a request, as the authoriser knows them.
package struct Principal: Sendable, Hashable {
    /// The name written into events and the audit log.
    package let name: String

    package init(name: String) {
        self.name = name
    }

    /// Whoever sits at this machine: the principal of a server without users on a loopback address.
    package static let local = Principal(name: "local")
    /// Someone who has not said who they are; may do only what is open to all.
    package static let anonymous = Principal(name: "anonymous")
}

/// What a route needs: an action on a kind of resource. Routes declare it; the authoriser decides.
package struct Permission: Sendable, Hashable {
    package enum Action: String, Sendable {
        case read, write, manage
    }

    package let action: Action
    /// A kind of resource, in the word that routes, commands and pages share, such as `runs`.
    package let resource: String

    package static func read(_ resource: String) -> Permission { Permission(action: .read, resource: resource) }
    package static func write(_ resource: String) -> Permission { Permission(action: .write, resource: resource) }
    package static func manage(_ resource: String) -> Permission { Permission(action: .manage, resource: resource) }
}

/// What a request must prove before its route runs.
package enum Access: Sendable, Hashable {
    /// Open to all: health and version.
    case open
    case needs(Permission)
}

/// Decides who a request comes from and what they may do. The composition root installs one.
package struct Authoriser: Sendable {
    /// Makes a session of a name and a token, from a moment on; nil when the token is wrong.
    package typealias SignIn = @Sendable (_ name: String?, _ token: String, _ now: Timestamp) -> String?

    /// The principal behind the `Authorization` header, or the session of a browser in its form; nil when it proves nobody.
    package let authenticate: @Sendable (_ authorization: String?) async throws -> Principal?
    package let permits: @Sendable (Principal, Permission) async throws -> Bool
    /// Whether anyone who can reach the server is someone, so that reaching it must be guarded.
    let trustsEveryone: Bool
    /// How browsers sign in; nil where they cannot.
    var signIn: SignIn?

    package init(
        authenticate: @escaping @Sendable (_ authorization: String?) async throws -> Principal?,
        permits: @escaping @Sendable (Principal, Permission) async throws -> Bool
    ) {
        self.init(authenticate: authenticate, permits: permits, trustsEveryone: false)
    }

    private init(
        authenticate: @escaping @Sendable (_ authorization: String?) async throws -> Principal?,
        permits: @escaping @Sendable (Principal, Permission) async throws -> Bool, trustsEveryone: Bool
    ) {
        self.authenticate = authenticate
        self.permits = permits
        self.trustsEveryone = trustsEveryone
    }

    /// Everyone is the local principal and may do everything: a single-user tool on a loopback address.
    package static let local = Authoriser(
        authenticate: { _ in .local }, permits: { _, _ in true }, trustsEveryone: true)
}
