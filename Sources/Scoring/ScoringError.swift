import Wire

/// What is wrong with a batch of rows to be scored, or with what was asked of it.
struct ScoringError: Problem {
    let code: ProblemCode
    let message: String
    let hint: String?
    let retryAfterSeconds: Int?

    init(_ code: ProblemCode, _ message: String, hint: String? = nil, retryAfterSeconds: Int? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.retryAfterSeconds = retryAfterSeconds
    }

    /// Something that the same call would run into again.
    static func invalid(_ message: String, hint: String? = nil) -> ScoringError {
        ScoringError(.invalidParameterValue, message, hint: hint)
    }
}
