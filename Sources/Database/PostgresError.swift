import Wire

extension PostgresLocation {
    /// The server does not let us in, for whatever reason.
    func unreachable(_ reason: String) -> DatabaseError {
        DatabaseError(
            .unavailable, "The database at \(place) cannot be reached: \(plain(reason))",
            hint: "Check that PostgreSQL runs there and that --database names host, port, user and database.",
            retryAfterSeconds: 1)
    }

    /// The connection broke off.
    func lost(_ reason: String) -> DatabaseError {
        DatabaseError(
            .unavailable, "The connection to \(place) was lost, and nothing was stored: \(plain(reason))",
            hint: "Send the request again.", retryAfterSeconds: 1)
    }

    /// The connection broke off between COMMIT and its answer.
    func lostDuringCommit(_ reason: String) -> DatabaseError {
        DatabaseError(
            .unavailable,
            "The connection to \(place) was lost before it said whether the change is stored: \(plain(reason))",
            hint: "Look whether it is, and send the request again if it is not.", retryAfterSeconds: 1)
    }

    func wrongEncoding(_ encoding: String) -> DatabaseError {
        DatabaseError(
            .invalidParameterValue, "The database at \(place) keeps text as \(encoding), which cannot hold every text.",
            hint: "Make one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.")
    }

    /// - Parameter code: five characters, of which the first two are the class;
    ///   <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
    func error(code: String, _ text: String) -> DatabaseError {
        switch (code.prefix(2), code) {
        case ("23", _): DatabaseError(.constraintViolation, "The change breaks a rule: \(text)")
        case (_, "53100"): .full(place)
        case ("08", _), (_, "57P01"), (_, "57P02"), (_, "57P03"), (_, "57P05"), (_, "25P03"): lost(text)
        case (_, "55P03"):
            DatabaseError(
                .unavailable, "Another server has been writing to \(place) for too long.", hint: "Try again shortly.",
                retryAfterSeconds: 5)
        case ("53", _), (_, "57014"), ("40", _), (_, "0A000"), (_, "26000"):
            DatabaseError(.unavailable, "\(place) refused for now: \(text)", retryAfterSeconds: 1)
        case ("22", _), ("54", _):
            DatabaseError(.invalidParameterValue, "\(place) cannot keep a value of this request: \(text)")
        case (_, "42501"):
            DatabaseError(
                .invalidParameterValue, "\(place) does not allow it: \(text)",
                hint: "The user in --database must own the tables: Martlet makes and changes them.")
        case (_, "25006"): DatabaseError(.internalError, "\(place) takes no changes here: \(text)")
        default: DatabaseError(.internalError, "\(text) (PostgreSQL \(code), \(place))")
        }
    }

    /// The first line as a sentence, without the URL, in which there may be a password.
    private func plain(_ reason: String) -> String {
        let line = reason.replacing(url, with: place).prefix { !$0.isNewline }
        return line.hasSuffix(".") ? String(line) : "\(line)."
    }
}
