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

    static let tooFarBehind = PredictionError(
        .unavailable, "The prediction log cannot keep up with the requests.",
        hint: "Give the data folder a faster disk, or send fewer requests at once.", retryAfterSeconds: 5)
}
