/// An error that knows how to present itself to a person and to a client: what happened, where, and what to do next.
///
/// Each slice has one struct that conforms. It is thrown where the knowledge is and caught only at the boundaries: a
/// route turns it into an HTTP answer, a command into a message and an exit code, a job into its recorded failure.
package protocol Problem: Error, Sendable, CustomStringConvertible {
    var code: ProblemCode { get }
    /// What happened and where, as a sentence.
    var message: String { get }
    /// What to do or to type next.
    var hint: String? { get }
    /// When to try again, in seconds; only for codes that a client may retry.
    var retryAfterSeconds: Int? { get }
}

extension Problem {
    package var hint: String? { nil }
    package var retryAfterSeconds: Int? { nil }
    package var description: String { hint.map { "\(message)\n\($0)" } ?? message }
}

/// What kind of problem it is: MLflow's name for it, the HTTP status and the exit code of the command line.
///
/// The names and statuses are those of MLflow's REST API, so that its client raises the exception its users expect.
/// A failure that would happen again for the same request is never a 5xx, because clients retry those for minutes.
package struct ProblemCode: Sendable, Hashable {
    package let name: String
    package let status: Int
    package let exitCode: Int32

    package init(name: String, status: Int, exitCode: Int32 = 1) {
        self.name = name
        self.status = status
        self.exitCode = exitCode
    }

    package static let invalidParameterValue = ProblemCode(name: "INVALID_PARAMETER_VALUE", status: 400)
    package static let badRequest = ProblemCode(name: "BAD_REQUEST", status: 400)
    package static let alreadyExists = ProblemCode(name: "RESOURCE_ALREADY_EXISTS", status: 400, exitCode: 5)
    package static let unauthenticated = ProblemCode(name: "UNAUTHENTICATED", status: 401, exitCode: 4)
    package static let permissionDenied = ProblemCode(name: "PERMISSION_DENIED", status: 403, exitCode: 4)
    package static let doesNotExist = ProblemCode(name: "RESOURCE_DOES_NOT_EXIST", status: 404, exitCode: 3)
    package static let unknownEndpoint = ProblemCode(name: "ENDPOINT_NOT_FOUND", status: 404, exitCode: 3)
    package static let methodNotAllowed = ProblemCode(name: "METHOD_NOT_ALLOWED", status: 405)
    package static let conflict = ProblemCode(name: "RESOURCE_CONFLICT", status: 409, exitCode: 5)
    /// The disk is full. RFC 9110 has 413 for content larger than the server is able to take; a 5xx would be retried.
    package static let storageFull = ProblemCode(name: "STORAGE_FULL", status: 413)
    package static let tooLarge = ProblemCode(name: "REQUEST_TOO_LARGE", status: 413)
    package static let unsupportedMediaType = ProblemCode(name: "UNSUPPORTED_MEDIA_TYPE", status: 415)
    package static let rangeNotSatisfiable = ProblemCode(name: "RANGE_NOT_SATISFIABLE", status: 416)
    package static let tooManyRequests = ProblemCode(name: "REQUEST_LIMIT_EXCEEDED", status: 429)
    package static let internalError = ProblemCode(name: "INTERNAL_ERROR", status: 500)
    package static let notImplemented = ProblemCode(name: "NOT_IMPLEMENTED", status: 501)
    package static let unavailable = ProblemCode(name: "TEMPORARILY_UNAVAILABLE", status: 503, exitCode: 7)
    package static let deadlineExceeded = ProblemCode(name: "DEADLINE_EXCEEDED", status: 504)
    /// A check said no (drift, a broken chain, a dirty status); only the command line has a code for it.
    package static let checkFailed = ProblemCode(name: "CHECK_FAILED", status: 409, exitCode: 6)
}
