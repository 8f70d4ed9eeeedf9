import HTTPTypes
import Hummingbird
import Wire

/// Refuses changes that a web page of another site sends through a user's browser.
///
/// Browsers name the page's origin on every such request; programs send none.
struct OriginGuard: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        try Self.check(request.head)
        return try await next(request, context)
    }

    static func check(_ head: HTTPRequest) throws {
        guard head.method != .get, head.method != .head, let origin = head.headerFields[.origin] else { return }
        let host = origin.split(separator: "/").last.map(String.init)
        guard host == head.authority else {
            throw WebError(.permissionDenied, "Cross-origin request blocked: '\(origin)' is not this server.")
        }
    }
}

/// Answers only those who asked for this machine by a name of its own.
///
/// A server without users trusts whoever reaches it from this machine. A web page reaches it too when its site's name is
/// pointed at 127.0.0.1 after the page has loaded (DNS rebinding), and the browser then takes it for the page's own
/// server; but it still sends the site's name as `Host`.
struct HostGuard: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        try Self.check(request.head)
        return try await next(request, context)
    }

    static func check(_ head: HTTPRequest) throws {
        guard let authority = head.authority, !namesThisMachine(authority) else { return }
        throw WebError(
            .permissionDenied, "This server has no token, so it answers only to localhost, not to '\(authority)'.",
            hint: "Use its address on this machine, or start it with --token.")
    }

    /// Whether `host` or `host:port` is localhost or an address of the loopback interface.
    static func namesThisMachine(_ authority: String) -> Bool {
        // What nearly all clients say, told without splitting it.
        if ["127.0.0.1:", "localhost:"].contains(where: { authority.utf8.starts(with: $0.utf8) }) { return true }
        let host =
            authority.hasPrefix("[")
            ? authority.prefix { $0 != "]" }.dropFirst() : authority.prefix { $0 != ":" }
        let bytes = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        let isLoopback = bytes.count == 4 && bytes[0] == 127 && bytes.allSatisfy { $0 != nil }
        return isLoopback || host == "::1" || host.lowercased() == "localhost"
    }
}
