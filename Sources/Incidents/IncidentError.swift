package import Wire

/// What is wrong with an alert, an incident or a channel.
package struct IncidentError: Problem {
    package let code: ProblemCode
    package let message: String
    package let hint: String?

    package init(_ code: ProblemCode, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }
}
