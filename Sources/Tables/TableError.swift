package import Wire

/// What is wrong with a table, or with what is asked of it.
package struct TableError: Problem {
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

    /// The longest part of DuckDB's words that is passed on: behind it come stack traces and whole statements.
    private static let shownCharacters = 400

    /// What DuckDB says, with the kind of problem that its words begin with. None of them is a fault of this server: the
    /// same statement over the same file would fail again.
    init(duckDB words: String) {
        let line = words.split(whereSeparator: \.isNewline).first.map(String.init) ?? "no reason given"
        let shown = String(line.prefix(Self.shownCharacters))
        switch words.prefix(while: { $0 != ":" }) {
        case "Out of Memory Error":
            self.init(.tooLarge, "This needs more memory than it may take. DuckDB: \(shown)")
        case "Permission Error": self.init(.permissionDenied, "DuckDB: \(shown)")
        default: self.init(.invalidParameterValue, "DuckDB: \(shown)")
        }
    }
}
