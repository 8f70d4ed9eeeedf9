package import HTTPTypes
package import Wire

/// What is wrong with a request before any slice has looked at it.
package struct WebError: Problem {
    package let code: ProblemCode
    package let message: String
    package let hint: String?
    /// What the status obliges the answer to say, such as `Allow` with 405.
    package let headers: HTTPFields

    package init(_ code: ProblemCode, _ message: String, hint: String? = nil, headers: HTTPFields = [:]) {
        self.code = code
        self.message = message
        self.hint = hint
        self.headers = headers
    }
}

extension Problem {
    /// The body of an error answer, in MLflow's form.
    package func errorBody(requestID: String) -> JSON {
        .compact([
            "error_code": .string(code.name),
            "message": .string(hint.map { "\(message) \($0)" } ?? message),
            "request_id": .string(requestID),
        ])
    }
}
