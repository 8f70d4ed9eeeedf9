package import Wire

/// What is wrong with a filter or an ordering, and where in its text.
package struct FilterProblem: Problem, Hashable {
    package let reason: String
    /// 1 for the first character.
    package let position: Int
    /// What the text is, such as `filter` or `order_by`.
    package let subject: String
    package let hint: String?

    package init(_ reason: String, at position: Int, of subject: String = "filter", hint: String? = nil) {
        self.reason = reason
        self.position = position
        self.subject = subject
        self.hint = hint
    }

    package var code: ProblemCode { .invalidParameterValue }
    package var message: String { "\(reason.cut(to: 1000)) (character \(position) of the \(subject))." }

    /// The same problem in a text that is something else, such as an ordering.
    func of(_ subject: String) -> FilterProblem {
        FilterProblem(reason, at: position, of: subject, hint: hint)
    }
}
