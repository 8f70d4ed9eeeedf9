import Wire

/// What is wrong with tables that are to be profiled or compared, or with what was asked of them.
struct ProfilingError: Problem {
    let code: ProblemCode
    let message: String
    let hint: String?

    init(_ code: ProblemCode, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// Something that the same call would run into again.
    static func invalid(_ message: String, hint: String? = nil) -> ProfilingError {
        ProfilingError(.invalidParameterValue, message, hint: hint)
    }
}
