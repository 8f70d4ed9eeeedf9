package import Wire

/// What is wrong with a webhook or with delivering to it.
package struct WebhookError: Problem {
    package let code: ProblemCode
    package let message: String
    package let hint: String?

    package init(_ code: ProblemCode, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    static func unknown(_ id: String) -> WebhookError {
        WebhookError(.doesNotExist, "Webhook with ID \(id) not found.")
    }
}
