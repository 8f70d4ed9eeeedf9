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
        context.logger.debug(
            "\(request.method.rawValue) \(request.uri.path)", metadata: ["status": "\(response.status.code)"])
        return response
    }
}

/// Turns every thrown error into an answer: problems into their own status and words, anything else into a 500 that
/// says only where to look.
struct ErrorAnswers: RouterMiddleware {
    let shell: PageShell

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as any Problem {
            if problem.code.status >= 500 {
                context.logger.error("\(problem.message)", metadata: ["path": "\(request.uri.path)"])
            }
            return answer(problem, to: request, context)
        } catch let error as any HTTPResponseError where error.status == .notFound {
            return answer(
                WebError(.unknownEndpoint, "There is nothing at \(request.method.rawValue) \(request.uri.path)."),
                to: request, context)
        } catch let error as any HTTPResponseError where error.status.kind == .clientError {
            return answer(WebError(.badRequest, "The request cannot be understood: \(error)"), to: request, context)
        } catch let error as HTTPParserError {
            context.logger.debug("\(error.debugDescription)", metadata: ["path": "\(request.uri.path)"])
            return answer(WebError.damagedBody(error), to: request, context)
        } catch {
            context.logger.error("Unexpected error: \(error)", metadata: ["path": "\(request.uri.path)"])
            return answer(
                WebError(
                    .internalError, "An unexpected error; the server's log has it under request \(context.requestID)."),
                to: request, context)
        }
    }

    private func answer(_ problem: any Problem, to request: Request, _ context: Context) -> Response {
        let status = HTTPResponse.Status(code: problem.code.status)
        let isPage = request.method == .get && request.headers[.accept]?.contains("text/html") == true
        var reply: Reply
        if isPage {
            reply = .html(
                shell.problem(
                    status: status.code, message: problem.message, hint: problem.hint, requestID: context.requestID),
                status: status)
        } else {
            reply = .json(problem.errorBody(requestID: context.requestID), status: status)
        }
        if let error = problem as? WebError { reply.headers.append(contentsOf: error.headers) }
        if let seconds = problem.retryAfterSeconds { reply.headers[.retryAfter] = String(seconds) }
        // Makes browsers ask for the token; programs read the status.
        if status == .unauthorized { reply.headers[.wwwAuthenticate] = "Basic realm=\"Martlet\"" }
        return request.method == .head ? reply.withoutBody() : reply.response
    }
}

/// Tells browsers to trust nothing but what this server sends.
struct SecurityHeaders: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        response.headers[.xContentTypeOptions] = "nosniff"
        if response.headers[.contentType]?.hasPrefix("text/html") == true {
            // A route that shows what comes from outside has a stricter one of its own.
            if response.headers[.contentSecurityPolicy] == nil {
                response.headers[.contentSecurityPolicy] =
                    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
            }
            response.headers[.referrerPolicy] = "same-origin"
        }
        return response
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
