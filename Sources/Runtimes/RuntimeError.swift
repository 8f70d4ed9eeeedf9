package import Wire

/// What is wrong with a model, its input, or what runs it.
package struct RuntimeError: Problem {
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

    /// An input that the model's signature does not allow.
    static func invalidInput(_ message: String, hint: String? = nil) -> RuntimeError {
        RuntimeError(.invalidParameterValue, message, hint: hint)
    }
}
