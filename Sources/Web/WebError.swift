package import HTTPTypes
import NIOHTTP1
package import Wire

/// What is wrong with a request before any slice has looked at it.
package struct WebError: Problem {
    package let code: ProblemCode
    package let message: String
    package let hint: String?
    package let retryAfterSeconds: Int?
    /// What the status obliges the answer to say, such as `Allow` with 405.
    package let headers: HTTPFields

    package init(
        _ code: ProblemCode, _ message: String, hint: String? = nil, retryAfterSeconds: Int? = nil,
        headers: HTTPFields = [:]
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.retryAfterSeconds = retryAfterSeconds
        self.headers = headers
    }
}

extension WebError {
    /// The body of a request broke off, or is not framed as HTTP frames bodies.
    static func damagedBody(_ error: HTTPParserError) -> WebError {
        WebError(
            .badRequest, "The body cannot be read: \(error.debugDescription).", hint: "Nothing of it was kept.",
            headers: [.connection: "close"])
    }

    /// The requests under way hold as much memory as they may.
    static func busy(heldBytes: Int) -> WebError {
        WebError(
            .unavailable, "The requests under way hold \(heldBytes >> 20) MiB already, which is as much as they may.",
            hint: "Try again shortly, or send less at once.", retryAfterSeconds: 1)
    }

    static func tooManyConnections(_ limit: Int) -> WebError {
        WebError(
            .unavailable, "There are \(limit) connections already, which is as many as there may be.",
            hint: "Try again shortly, and keep connections open between requests.", retryAfterSeconds: 5)
    }
}

extension Problem {
    /// The body of an error answer, in MLflow's form.
    package func errorBody(requestID: String) -> JSON {
        .compact([
            "error_code": .string(code.name),
            "message": .string(hint.map { "\(message) \($0)" } ?? message),
            "request_id": .string(requestID),
        ])
    }
}
