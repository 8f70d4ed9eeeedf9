import Wire

/// The formats of files of tables.
package enum TableFormat: String, Sendable, Hashable, CaseIterable {
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
    /// - Throws: `TableError` that lists the formats there are.
    package init(named name: String?, path: String) throws {
        if let name {
            guard let format = TableFormat(rawValue: name.lowercased()) else {
                throw TableError(
                    .invalidParameterValue, "There is no format '\(name)' of tables.", hint: Self.list)
            }
            self = format
            return
        }
        let base = path.lowercased().hasSuffix(Self.gzip) ? path.dropLast(Self.gzip.count) : path[...]
        let suffix = base.split(separator: ".").last?.lowercased() ?? ""
        guard let format = Self.suffixes.first(where: { $0.0 == suffix })?.1 else {
            throw TableError(
                .invalidParameterValue, "The format of \(path) is not to be told from its name.", hint: Self.list)
        }
        self = format
    }

    private static let gzip = ".gz"
    private static let list = "Formats are csv, ndjson and parquet; csv and ndjson also as .gz."

    /// Whether a file of this name is compressed as a whole.
    package func isCompressed(path: String) -> Bool {
        self != .parquet && path.lowercased().hasSuffix(Self.gzip)
    }
}
