import Blobs
import NIOCore
import Tables
import Wire

/// Reads the beginning of a Parquet file: its columns, how many rows it has, and the first of them.
///
/// Of a file in a bucket only the description at its end is fetched, and the parts that hold the first rows. What DuckDB
/// takes of memory is bounded; of the file itself it sees nothing but this one.
struct ParquetHead: Sendable {
    let blobs: BlobStore
    let tables: TableEngine

    /// The longest description of a file that is read.
    static let descriptionBytes = 64 << 20
    /// How much is fetched of a file in a bucket for its first rows.
    static let fetchedBytes = 256 << 20
    /// The memory for a preview.
    static let memoryBytes = 256 << 20

    static let mark = Array("PAR1".utf8)
    static let suffixes: Set<String> = ["parquet", "parq", "pq"]

    /// - Throws: `TableError` for what is not a Parquet file, or cannot be read within the bounds; `NativesError` when
    ///   there is no DuckDB; `BlobError`.
    func table(of key: BlobKey) async throws -> TableHead {
        let file = try await blobs.sparseFile(key)
        try await fetchDescription(of: file)
        do {
            return try await read(file)
        } catch let error as TableError {
            // The name that it has here means nothing to anybody.
            throw TableError(
                error.code, error.message.replacing(file.path, with: key.name), hint: error.hint,
                retryAfterSeconds: error.retryAfterSeconds)
        }
    }

    /// A Parquet file ends with its description, the length of that in four bytes, and the mark (Apache Parquet, "File
    /// Format").
    private func fetchDescription(of file: SparseFile) async throws {
        let total = file.content.totalBytes
        let end = Array(try await file.content.slice(max(0, total - 8)..<total).collect(limit: 8).readableBytesView)
        guard total >= 12, end.suffix(4) == Self.mark else {
            throw TableError(
                .invalidParameterValue,
                "It does not end as a Parquet file does: it is another kind of file, or was cut.")
        }
        let length = end.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= total - 12 else {
            throw TableError(
                .invalidParameterValue, "It is too short for what it says of itself: it was cut, or is damaged.")
        }
        guard length <= Self.descriptionBytes else {
            throw TableError(
                .tooLarge,
                "Its description has \(length) bytes, more than the \(Self.descriptionBytes) that are read.")
        }
        try await file.fetch(0..<4)
        try await file.fetch(total - 8 - length..<total)
    }

    private func read(_ file: SparseFile) async throws -> TableHead {
        let database = try await tables.open(
            TableSettings(memoryBytes: Self.memoryBytes, files: .only([file.path]), readsAhead: false))
        let table: TableQuery = "read_parquet(\(file.path), hive_partitioning = false)"
        let counts = try await database.rows("SELECT num_rows FROM parquet_file_metadata(\(file.path))")
            .collect(limit: 1)
        let columns = try await database.rows("SELECT * FROM \(table) LIMIT 0").columns
        let shown = Array(columns.prefix(TableHead.maximumColumns))
        let missing = try await fetchRows(of: file, database)
        let cells = shown.map(Self.cell).joined(separator: ", ")
        let rows =
            missing != nil
            ? []
            : try await database.rows(
                "SELECT \(cells) FROM (SELECT * FROM \(table) LIMIT \(TableHead.maximumRows))"
            ).collect(limit: TableHead.maximumRows)
        return TableHead(
            columns: shown, columnCount: columns.count, rows: rows.map { row in row.map(TableHead.shortened) },
            rowCount: counts.first?.first?.json.integerValue.map(Int.init(clamping:)), note: missing)
    }

    /// A cell as it is shown, no longer than that: a long one would be copied whole only to be cut.
    private static func cell(_ column: TableColumn) -> TableQuery {
        let length = TableHead.cellCharacters + 1
        let name: TableQuery = "\(name: column.name)"
        return switch column.type {
        case .text, .other, .list, .array, .structure, .map: "left(CAST(\(name) AS VARCHAR), \(length))"
        case .bytes: "left(lower(hex(\(name))), \(length))"
        default: name
        }
    }

    /// Fetches the groups of rows that the first rows are in.
    /// - Returns: a sentence that says why it did not.
    private func fetchRows(of file: SparseFile, _ database: TableDatabase) async throws -> String? {
        guard !file.isWhole else { return nil }
        let groups = try await database.rows(
            """
            SELECT any_value(row_group_num_rows), min(start), max(start + total_compressed_size) FROM (
                SELECT *, least(data_page_offset, nullif(dictionary_page_offset, 0)) AS start
                FROM parquet_metadata(\(file.path)) WHERE row_group_id < \(TableHead.maximumRows))
            GROUP BY row_group_id ORDER BY row_group_id
            """
        ).collect(limit: TableHead.maximumRows)
        var rows = 0
        var bytes = 0
        for group in groups where rows < TableHead.maximumRows {
            let numbers = group.map { $0.json.integerValue.map(Int.init(clamping:)) ?? 0 }
            let range = (numbers[1]..<max(numbers[1], numbers[2])).clamped(to: 0..<file.content.totalBytes)
            rows += min(max(0, numbers[0]), TableHead.maximumRows)
            bytes += range.count
            guard bytes <= Self.fetchedBytes else {
                return "The first rows are not shown: they lie in \(bytes >> 20) MiB, more than the "
                    + "\(Self.fetchedBytes >> 20) MiB that are fetched of a file for its preview."
            }
            try await file.fetch(range)
        }
        return nil
    }
}
