package import HTTPTypes
import Hummingbird
import Logging
import NIOHTTP1
import Wire

/// Logs each request once, when it has been answered.
struct RequestLog: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.requestID] = context.requestID
        Self.log(request.head, request.uri.path, response.status, context.logger)
        return response
    }

    static func log(_ head: HTTPRequest, _ path: String, _ status: HTTPResponse.Status, _ logger: Logger) {
        logger.debug("\(head.method.rawValue) \(path)", metadata: ["status": "\(status.code)"])
    }
}

/// Turns every thrown error into an answer: problems into their own status and words, anything else into a 500 that
/// says only where to look.
struct ErrorAnswers: RouterMiddleware {
    let shell: PageShell
    let forms: [ErrorForm]
    /// Whether who is not known is asked to sign in.
    let canSignIn: Bool

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let reply = reply(
                to: error, asked: request.head, path: request.uri.path, requestID: context.requestID, context.logger)
            return request.method == .head ? reply.withoutBody() : reply.response
        }
    }

    /// The answer to a request that failed.
    func reply(
        to error: any Error, asked head: HTTPRequest, path: String, requestID: String, _ logger: Logger
    ) -> Reply {
        let problem: any Problem
        switch error {
        case let known as any Problem:
            if known.code.status >= 500 { logger.error("\(known.message)", metadata: ["path": "\(path)"]) }
            problem = known
        case let error as any HTTPResponseError where error.status == .notFound:
            problem = WebError(.unknownEndpoint, "There is nothing at \(head.method.rawValue) \(path).")
        case let error as any HTTPResponseError where error.status.kind == .clientError:
            problem = WebError(.badRequest, "The request cannot be understood: \(error)")
        case let error as HTTPParserError:
            logger.debug("\(error.debugDescription)", metadata: ["path": "\(path)"])
            problem = WebError.damagedBody(error)
        default:
            logger.error("Unexpected error: \(error)", metadata: ["path": "\(path)"])
            problem = WebError(
                .internalError, "An unexpected error; the server's log has it under request \(requestID).")
        }
        return reply(to: problem, asked: head, path: path, requestID: requestID)
    }

    /// The page of this server that a form was sent from, or a link followed: where `Referer` says, without the host.
    private static func origin(of head: HTTPRequest) -> String? {
        guard let authority = head.authority, let referrer = head.headerFields[.referer] else { return nil }
        for scheme in ["http://", "https://"] where referrer.hasPrefix("\(scheme)\(authority)/") {
            let path = String(referrer.dropFirst(scheme.count + authority.count))
            // Browsers take what begins with two of them for a host.
            return path.hasPrefix("//") || path.hasPrefix("/\\") ? nil : path
        }
        return nil
    }

    private func reply(to problem: any Problem, asked head: HTTPRequest, path: String, requestID: String) -> Reply {
        let status = HTTPResponse.Status(code: problem.code.status)
        // What forms send is a POST; scripts of pages do not ask for HTML.
        let isPage =
            (head.method == .get || head.method == .post)
            && head.headerFields[.accept]?.contains("text/html") == true
        var reply: Reply
        if let form = forms.first(where: { $0.holds(for: path) }) {
            reply = .json(form.body(problem), status: status)
        } else if isPage, canSignIn, status == .unauthorized {
            // After a form the way back is the page with the form.
            let from = head.method == .get ? head.path : Self.origin(of: head)
            let asked = head.method == .get ? nil : "\(head.method.rawValue) \(path)"
            reply = .html(shell.signIn(to: from, asked: asked, isWrong: false), status: status)
        } else if isPage {
            reply = .html(
                shell.page(
                    about: problem, asked: "\(head.method.rawValue) \(path)", back: Self.origin(of: head),
                    requestID: requestID),
                status: status)
        } else {
            reply = .json(problem.errorBody(requestID: requestID), status: status)
        }
        if let error = problem as? WebError { reply.headers.append(contentsOf: error.headers) }
        if let seconds = problem.retryAfterSeconds { reply.headers[.retryAfter] = String(seconds) }
        // Some programs send a password only when they are asked for it. Browsers would ask in a window of their own, also
        // for what scripts wanted; all of them call themselves so.
        if status == .unauthorized {
            let isBrowser = canSignIn && head.headerFields[.userAgent]?.hasPrefix("Mozilla/") == true
            reply.headers[.wwwAuthenticate] = "\(isBrowser ? "Bearer" : "Basic") realm=\"Martlet\""
        }
        return reply
    }
}

/// Tells browsers to trust nothing but what this server sends.
struct SecurityHeaders: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        Self.add(to: &response.headers)
        if request.method == .get, response.headers[.cacheControl] == nil {
            response.headers[.cacheControl] = Self.forReaderAlone
        }
        return response
    }

    /// A browser is let in by its cookie, of which caches on the way know nothing.
    private static let forReaderAlone = "private, no-cache"

    static func add(to headers: inout HTTPFields) {
        headers[.xContentTypeOptions] = "nosniff"
        let type = headers.first { $0.name == .contentType }?.value
        guard type?.hasPrefix("text/html") == true else { return }
        // A route that shows what comes from outside has a stricter one of its own.
        if headers[.contentSecurityPolicy] == nil {
            headers[.contentSecurityPolicy] =
                "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        }
        headers[.referrerPolicy] = "same-origin"
    }
}

extension HTTPField.Name {
    package static let requestID = unchecked("X-Request-Id")
    static let referrerPolicy = unchecked("Referrer-Policy")

    /// A name known to be a valid token.
    private static func unchecked(_ name: String) -> HTTPField.Name {
        HTTPField.Name(name) ?? .server
    }
}
