package import Wire

/// What went wrong in storage.
package struct DatabaseError: Problem {
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

    /// A violated UNIQUE, NOT NULL, CHECK or foreign-key rule; slices catch it where it has a meaning.
    package var isConstraintViolation: Bool { code == .constraintViolation }

    static func full(_ place: String) -> DatabaseError {
        DatabaseError(
            .storageFull, "The disk that holds \(place) is full; nothing of this request was stored.",
            hint: "Free some space and send the request again.", retryAfterSeconds: 60)
    }

    static func unstorable(text: String) -> DatabaseError {
        DatabaseError(
            .invalidParameterValue,
            "The text '\(text.prefix(80).replacing("\0", with: "\\u0000"))' contains the character U+0000, which cannot be "
                + "stored.")
    }

    static let unstorableNaN = DatabaseError(.invalidParameterValue, "NaN cannot be stored as a number.")

    static let closed = DatabaseError(.unavailable, "The database is closed.", retryAfterSeconds: 5)

    static func overloaded(waiting: Int) -> DatabaseError {
        DatabaseError(
            .unavailable, "\(waiting) requests are already waiting for the database.", hint: "Try again shortly.",
            retryAfterSeconds: 1)
    }

    static func newerSchema(_ migration: String, place: String) -> DatabaseError {
        DatabaseError(
            .invalidParameterValue,
            "\(place) belongs to a newer version of Martlet: it has the migration '\(migration)', which this version "
                + "does not know. Nothing was changed.",
            hint: "Start that newer version, or name another folder with --data.")
    }
}

extension ProblemCode {
    package static let constraintViolation = ProblemCode(name: "BAD_REQUEST", status: 400, exitCode: 5)
}
