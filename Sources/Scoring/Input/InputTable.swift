import Foundation
import NIOPosix
import Tables
import Wire

/// The rows that are to be scored, as a file has them.
///
/// CSV says nothing of types and NDJSON only of each value, so their cells are read as they are written and held to their
/// types row by row: one that does not fit costs its row, not the file.
struct InputTable: Sendable {
    let file: TableFile
    let columns: [TableColumn]
    /// Nil where only reading all of the file would tell.
    let rowCount: RowCount?

    struct RowCount: Sendable, Hashable {
        let rows: Int
        let isEstimate: Bool
    }

    /// More columns than any model has; a file with so many is broken, or made to harm.
    static let maximumColumns = 10_000
    /// The longest first line of a text.
    private static let maximumHeadBytes = 1 << 20

    /// Reads what the file says of its columns.
    /// - Throws: `ScoringError` or `TableError` for a file that is not there or not of its format.
    init(_ file: TableFile, in database: TableDatabase) async throws {
        self.file = file
        let head = try await NIOThreadPool.singleton.runIfActive { try Self.head(of: file) }
        columns = try await database.rows("SELECT * FROM \(file.detected) LIMIT 0").columns
        guard columns.count <= Self.maximumColumns else {
            throw ScoringError(
                .tooLarge, "\(file.path) has \(columns.count) columns; \(Self.maximumColumns) are the most.")
        }
        if file.format == .parquet {
            let counts = try await database.rows(
                "SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata(\(file.path))")
            rowCount = try await counts.collect(limit: 1).first?.first.flatMap { value in
                if case .integer(let count) = value { RowCount(rows: Int(count), isEstimate: false) } else { nil }
            }
        } else {
            rowCount = head
        }
    }

    /// Looks at the beginning of a text that is not compressed. Blocks.
    /// - Returns: how many rows there are if all lines are as long as the first ones.
    private static func head(of file: TableFile) throws -> RowCount? {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder), !isFolder.boolValue else {
            throw ScoringError(.doesNotExist, "There is no file at \(file.path).")
        }
        guard let handle = FileHandle(forReadingAtPath: file.path) else {
            throw ScoringError.invalid("\(file.path) cannot be read.", hint: "Check its permissions.")
        }
        guard file.format != .parquet, !file.isCompressed else { return nil }
        let head = try handle.read(upToCount: maximumHeadBytes) ?? Data()
        let lineEnd = UInt8(ascii: "\n")
        let lines = head.reduce(0) { $0 + ($1 == lineEnd ? 1 : 0) }
        guard head.count < maximumHeadBytes || lines > 0 else {
            throw ScoringError(
                .tooLarge, "The first line of \(file.path) is longer than \(maximumHeadBytes >> 20) MiB.",
                hint: "It must be \(file.format == .csv ? "the names of the columns" : "one JSON object").")
        }
        let size = Int(clamping: try handle.seekToEnd())
        guard lines > 1 else { return nil }
        let bytesPerLine = Double(head.count) / Double(lines)
        let rows = Int(Double(size) / bytesPerLine)
        return RowCount(rows: max(0, rows - (file.format == .csv ? 1 : 0)), isEstimate: head.count < size)
    }

    /// What a statement reads some columns from.
    func source(reading places: some Sequence<Int>) -> TableQuery {
        guard file.format == .ndjson else { return file.detected }
        let types = places.map { "\(quoted: columns[$0].name): 'JSON'" as TableQuery }.joined(separator: ", ")
        return """
            read_json(\(file.path), format = 'newline_delimited', records = 'true', columns = {\(types)}, \
            compression = \(file.compression))
            """
    }

    /// The type of a column as it is read.
    func type(of place: Int) -> TableType {
        file.format == .ndjson ? .text : columns[place].type
    }
}

extension TableFile {
    fileprivate var compression: TableQuery {
        isCompressed ? "'gzip'" : "'none'"
    }

    /// The file as DuckDB reads it by itself.
    fileprivate var detected: TableQuery {
        switch format {
        case .csv:
            """
            read_csv(\(path), header = true, skip = 0, all_varchar = true, allow_quoted_nulls = false, \
            compression = \(compression))
            """
        case .ndjson:
            // Keys are columns also where there are many of them, or where each is rare.
            """
            read_json(\(path), format = 'newline_delimited', records = 'true', maximum_depth = 1, \
            map_inference_threshold = -1, field_appearance_threshold = 0, compression = \(compression))
            """
        case .parquet: "read_parquet(\(path))"
        }
    }
}
