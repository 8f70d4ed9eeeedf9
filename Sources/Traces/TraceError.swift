package import Wire

/// What is wrong with a question or a change to traces.
package struct TraceError: Problem {
    package let code: ProblemCode
    package let message: String
    package let hint: String?

    package init(_ code: ProblemCode, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    static func unknownTrace(_ id: String) -> TraceError {
        TraceError(.doesNotExist, "Trace with ID '\(id)' not found.")
    }

    /// More spans were announced than have come: a client asks again shortly.
    static func unfinishedTrace(_ id: String) -> TraceError {
        TraceError(.doesNotExist, "Trace with ID \(id) is not fully exported yet, please try again later.")
    }

    static func unknownAssessment(_ id: String, of trace: String) -> TraceError {
        TraceError(.doesNotExist, "Assessment with ID '\(id)' not found for trace '\(trace)'.")
    }

    static func missingTag(_ key: String, of trace: String) -> TraceError {
        TraceError(.doesNotExist, "No trace tag with key '\(key)' for trace with ID '\(trace)'.")
    }

    /// What an exporter sent is well-formed but cannot be taken; it must not send it again.
    static func unprocessable(_ message: String) -> TraceError {
        TraceError(ProblemCode(name: "INVALID_PARAMETER_VALUE", status: 422), message)
    }
}
