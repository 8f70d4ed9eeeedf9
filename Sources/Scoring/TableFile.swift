import Tables
import Wire

/// A file of rows on this machine.
struct TableFile: Sendable, Hashable {
    /// Absolute.
    let path: String
    let format: TableFormat
    let isCompressed: Bool

    init(path: String, format: TableFormat, isCompressed: Bool) {
        self.path = path
        self.format = format
        self.isCompressed = isCompressed
    }

    /// A file whose name says what it is, unless the format is named.
    /// - Throws: `ScoringError` for a name that does not, or that DuckDB would take for a pattern.
    init(path: String, format name: String?) throws {
        guard !path.contains(where: { "*?[".contains($0) }) else {
            throw ScoringError.invalid("The path \(path) has one of the characters * ? [ in it, which name many files.")
        }
        format = try TableFormat(named: name, path: path)
        isCompressed = format.isCompressed(path: path)
        self.path = path
    }
}
