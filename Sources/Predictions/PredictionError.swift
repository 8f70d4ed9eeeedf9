package import Wire

/// What is wrong with the log of predictions, or with what is asked of it.
package struct PredictionError: Problem {
    package let code: ProblemCode
    package let message: String
    package let hint: String?
    package let retryAfterSeconds: Int?

    package init(_ code: ProblemCode, _ message: String, hint: String? = nil, retryAfterSeconds: Int? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.retryAfterSeconds = retryAfterSeconds
    }
}
