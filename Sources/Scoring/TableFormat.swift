import Wire

/// The formats of tables that batches are read from and written to.
enum TableFormat: String, Sendable, Hashable, CaseIterable {
    /// With a heading.
    case csv
    /// One JSON object a line.
    case ndjson
    case parquet

    /// What a name ends with, for each format.
    private static let suffixes: [(String, TableFormat)] = [
        ("csv", .csv), ("tsv", .csv), ("ndjson", .ndjson), ("jsonl", .ndjson), ("parquet", .parquet), ("pq", .parquet),
    ]

    /// The format that was named, or the one that a path ends with.
    /// - Throws: `ScoringError` that lists the formats there are.
    init(named name: String?, path: String) throws {
        if let name {
            guard let format = TableFormat(rawValue: name.lowercased()) else {
                throw ScoringError.invalid("There is no format '\(name)' of tables.", hint: Self.list)
            }
            self = format
            return
        }
        let base = path.lowercased().hasSuffix(Self.gzip) ? path.dropLast(Self.gzip.count) : path[...]
        let suffix = base.split(separator: ".").last?.lowercased() ?? ""
        guard let format = Self.suffixes.first(where: { $0.0 == suffix })?.1 else {
            throw ScoringError.invalid("The format of \(path) is not to be told from its name.", hint: Self.list)
        }
        self = format
    }

    private static let gzip = ".gz"
    private static let list = "Formats are csv, ndjson and parquet; csv and ndjson also as .gz."

    /// Whether a file of this name is compressed as a whole.
    func isCompressed(path: String) -> Bool {
        self != .parquet && path.lowercased().hasSuffix(Self.gzip)
    }
}

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
