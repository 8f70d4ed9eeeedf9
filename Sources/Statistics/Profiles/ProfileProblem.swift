package import Wire

/// Stored bytes that are no profile, or one with other anchors.
package struct ProfileProblem: Problem {
    package let message: String
    package var code: ProblemCode { .invalidParameterValue }
    package var hint: String? { "Make the profile again from its rows." }

    init(_ what: String, at position: Int) {
        message = "The stored profile is damaged at byte \(position): \(what)."
    }
}
