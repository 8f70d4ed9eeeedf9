import HTTPTypes
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import ServiceLifecycle
package import Wire

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The HTTP server: the routes of all slices behind access control, logging and one way of answering errors.
package struct WebServer: Service {
    private let application: Application<RouterResponder<Context>>
    private let host: String
    private let port: Int

    /// - Parameters:
    ///   - port: 0 picks a free one.
    ///   - clock: tells pages what "now" is.
    ///   - limits: what one client may cost all others.
    ///   - onListening: called once with the port when connections are accepted.
    package init(
        host: String, port: Int, routes: Routes, authoriser: Authoriser, shell: PageShell, clock: WallClock,
        logger: Logger, limits: ServerLimits = ServerLimits(),
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) {
        self.host = host
        self.port = port
        let census = ConnectionGuard.Census()
        let reception = Reception(
            authoriser: authoriser,
            errors: ErrorAnswers(
                shell: shell, forms: routes.errorForms, canSignIn: authoriser.signIn != nil), clock: clock,
            memory: HeldMemory(limit: limits.heldBytes),
            readers: PageReaders(limit: limits.livePages, pause: limits.livePause))
        let hot = HotRoutes(routes)
        application = Application(
            router: Self.router(routes: routes, reception: reception),
            server: .http1(
                configuration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [
                        ConnectionInstaller {
                            [
                                ConnectionGuard(limits: limits, census: census),
                                HotLane(routes: hot, reception: reception, logger: logger),
                            ]
                        }
                    ])),
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: Reception.serverName),
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? port) },
            logger: logger)
    }

    package func run() async throws {
        do {
            try await application.run()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw WebError(
                .invalidParameterValue, "Port \(port) of \(host) is in use.",
                hint: "End the program that uses it, or choose another with --port (0 picks a free one).")
        }
    }

    static func router(routes: Routes, reception: Reception) -> Router<Context> {
        var routes = routes
        AssetTable.routes(into: &routes)
        if let signIn = reception.authoriser.signIn { SignInRoutes(signIn: signIn).routes(into: &routes) }
        let router = Router(context: Context.self)
        router.addMiddleware {
            RequestLog()
            SecurityHeaders()
            reception.errors
            if reception.authoriser.trustsEveryone { HostGuard() }
            OriginGuard()
        }
        for route in routes.all {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                try await reception.answer(SentRequest(request, context), by: route, context.requestID)
                    .packed(accepting: request.headers[.acceptEncoding]).response
            }
            if route.method == .get {
                router.on(RouterPath(route.path), method: .head) { request, context in
                    try await reception.answer(SentRequest(request, context), by: route, context.requestID)
                        .packed(accepting: request.headers[.acceptEncoding]).withoutBody()
                }
            }
        }
        refuseOtherMethods(of: routes, on: router)
        return router
    }

    /// A known path asked with a verb it has no route for is 405 and names the verbs it has.
    private static func refuseOtherMethods(of routes: Routes, on router: Router<Context>) {
        for (path, siblings) in Dictionary(grouping: routes.all, by: \.path) {
            var allowed = Set(siblings.map(\.method))
            if allowed.contains(.get) { allowed.insert(.head) }
            let verbs = allowed.map(\.rawValue).sorted().joined(separator: ", ")
            let all: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete]
            for method in all where !allowed.contains(method) {
                router.on(RouterPath(path), method: method) { _, _ -> Response in
                    throw WebError(
                        .methodNotAllowed, "\(method.rawValue) has no meaning here; use \(verbs).",
                        headers: [.allow: verbs])
                }
            }
        }
    }
}
