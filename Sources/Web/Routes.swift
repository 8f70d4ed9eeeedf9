package import HTTPTypes
package import Wire

/// One route: what it answers to, what it needs, what it does.
package struct Route: Sendable {
    package typealias Handler = @Sendable (Call) async throws -> Reply

    package let method: HTTPRequest.Method
    /// Components separated by `/`; `{name}` matches one component, a final `**` matches the rest.
    package let path: String
    package let access: Access
    /// Whether requests with small bodies are answered on the event loop of their connection, before the framework.
    package var isHot = false
    package let handler: Handler
}

extension Route: JSONRepresentable {
    package var json: JSON {
        let need: JSON =
            switch access {
            case .open: .null
            case .needs(let permission): .string("\(permission.action.rawValue) \(permission.resource)")
            }
        return ["method": .string(method.rawValue), "path": .string(path), "needs": need]
    }
}

/// The table of contents of a server. Slices add to it in `routes(into:)`; nothing is registered anywhere else.
package struct Routes: Sendable {
    package private(set) var all: [Route] = []
    var errorForms: [ErrorForm] = []

    package init() {}

    package mutating func add(
        _ method: HTTPRequest.Method, _ path: String, _ access: Access, _ handler: @escaping Route.Handler
    ) {
        all.append(Route(method: method, path: path, access: access, handler: handler))
    }

    /// A GET that everyone may use, also without a token.
    package mutating func open(_ path: String, _ handler: @escaping Route.Handler) {
        add(.get, path, .open, handler)
    }

    package mutating func get(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        add(.get, path, .needs(permission), handler)
    }

    package mutating func post(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        add(.post, path, .needs(permission), handler)
    }

    /// A POST that is asked for so often that the way through the framework would cost more than its answer. It does the
    /// same as one added with `post`, sooner: requests with small bodies are answered on the event loop of their
    /// connection. The handler must therefore not compute for more than about a millisecond before it lets go, and its
    /// answer is in memory.
    package mutating func hot(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        all.append(Route(method: .post, path: path, access: .needs(permission), isHot: true, handler: handler))
    }

    package mutating func put(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        add(.put, path, .needs(permission), handler)
    }

    package mutating func patch(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        add(.patch, path, .needs(permission), handler)
    }

    package mutating func delete(_ path: String, _ permission: Permission, _ handler: @escaping Route.Handler) {
        add(.delete, path, .needs(permission), handler)
    }

    /// A page for people: the shell is drawn around what the handler returns. A page that is live tells those who look at it
    /// when it has changed.
    package mutating func page(
        _ path: String, _ permission: Permission, _ handler: @escaping @Sendable (Call) async throws -> Page
    ) {
        get(path, permission) { call in try await LivePage.reply(to: call, draw: handler) }
    }
}
