import Crypto
import Foundation
import NIOPosix
import Tables
import Wire

/// A table of predictions that were made elsewhere, read as lines of NDJSON.
struct ImportFile: Sendable {
    let path: String
    let format: TableFormat
    /// The first 16 hexadecimal digits of SHA-256 of the file: its content, whatever it is called.
    let digest: String

    /// Reads the file once, for its digest.
    /// - Throws: `PredictionError` when it cannot be read; `TableError` for a name that tells no format.
    init(path: String, format: String?) async throws {
        guard !path.contains(where: { "*?[".contains($0) }) else {
            throw PredictionError(
                .invalidParameterValue, "The path \(path) has one of the characters * ? [ in it, which name many files."
            )
        }
        self.path = path
        self.format = try TableFormat(named: format, path: path)
        digest = try await NIOThreadPool.singleton.runIfActive { try Self.digest(of: path) }
    }

    private static func digest(of path: String) throws -> String {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw PredictionError(.doesNotExist, "There is no file at \(path) that can be read.")
        }
        defer { try? handle.close() }
        var hash = SHA256()
        while let data = try handle.read(upToCount: 4 << 20), !data.isEmpty { hash.update(data: data) }
        return hash.finalize().prefix(8).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0\(digits)" : digits
        }.joined()
    }

    /// The names of the columns.
    func columns(in database: TableDatabase) async throws -> [String] {
        try await database.rows("SELECT * FROM \(detected) LIMIT 0").columns.map(\.name)
    }

    /// The lines behind the first `skipped` rows, in the order of the file.
    /// - Parameter table: the names of its columns.
    func lines(
        _ columns: ImportColumns, of table: [String], after skipped: Int, in database: TableDatabase
    ) async throws -> TableRows {
        let line = columns.line(format, row: "\(name: Self.rowName)", digest: digest)
        return try await database.rows(
            """
            SELECT \(line) FROM (SELECT *, row_number() OVER () AS \(name: Self.rowName) FROM \(source(table)))
            WHERE \(name: Self.rowName) > \(skipped)
            """)
    }

    private static let rowName = "martlet row"

    private var compression: TableQuery {
        format.isCompressed(path: path) ? "'gzip'" : "'none'"
    }

    /// With the types that the whole of a text suggests: a column is numbers when all of its cells are. Moments stay as they
    /// are written, and booleans are told cell by cell (`ImportColumns`).
    private var detected: TableQuery {
        switch format {
        case .csv:
            """
            read_csv(\(path), header = true, skip = 0, sample_size = -1, auto_type_candidates = ['BIGINT', 'DOUBLE', 'VARCHAR'], \
            compression = \(compression))
            """
        case .ndjson:
            """
            read_json(\(path), format = 'newline_delimited', records = 'true', maximum_depth = 1, \
            map_inference_threshold = -1, field_appearance_threshold = 0, compression = \(compression))
            """
        case .parquet: "read_parquet(\(path))"
        }
    }

    /// Cells of NDJSON stay as they are written.
    private func source(_ table: [String]) -> TableQuery {
        guard format == .ndjson else { return detected }
        let types = table.map { "\(quoted: $0): 'JSON'" as TableQuery }.joined(separator: ", ")
        return """
            read_json(\(path), format = 'newline_delimited', records = 'true', columns = {\(types)}, \
            compression = \(compression))
            """
    }
}
