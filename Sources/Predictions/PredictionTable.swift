package import Blobs
import NIOCore
import NIOPosix
package import Tables
package import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Makes Parquet files of predictions. They go into a file of their own first, so that neither they nor the types of
/// their columns need be known, or held, at once.
package struct PredictionTable: Sendable {
    private let tables: TableEngine
    private let files: BlobStore
    private let folder: String
    private let entropy: Entropy
    private let reserveBytes: Int

    /// What DuckDB takes before it writes to the folder.
    private static let memoryBytes = 512 << 20

    /// - Parameters:
    ///   - folder: one of its own; what an earlier process left there is deleted.
    ///   - reserveBytes: what stays free on its disk, so that predictions can be written.
    package init(folder: String, tables: TableEngine, entropy: Entropy, reserveBytes: Int = 1 << 30) throws {
        self.reserveBytes = reserveBytes
        if FileManager.default.fileExists(atPath: folder) { try FileManager.default.removeItem(atPath: folder) }
        self.folder = folder
        self.tables = tables
        self.entropy = entropy
        files = try BlobStore(folder: folder, entropy: entropy)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// The bytes of a Parquet file, which is gone once they are read or let go.
    /// - Throws: `PredictionError` when the disk has no room for it, `TableError` with DuckDB's words, `NativesError` that
    ///   says what to install when there is no DuckDB.
    package func parquet(_ pages: PredictionPages) async throws -> BlobContent {
        let database = try await tables.open(
            TableSettings(memoryBytes: Self.memoryBytes, temporaryFolder: folder, files: .all))
        let name = entropy.hexID()
        let (rows, table) = ("\(folder)/\(name).ndjson", "\(folder)/\(name).parquet")
        defer {
            for file in [rows, table] { try? FileManager.default.removeItem(atPath: file) }
        }
        let written = try await write(pages, to: rows)
        try await database.run(
            "COPY (\(written.selection(from: rows))) TO \(table) (FORMAT parquet, COMPRESSION zstd)")
        // A file that is open can be read to its end though it has been deleted.
        return try await files.read(try BlobKey("\(name).parquet"))
    }

    /// Rows that were written, and what is needed to read them.
    private struct Rows {
        var columns: PredictionColumns
        var longestBytes = 0

        func selection(from file: String) -> TableQuery {
            let columns = columns.columns
            let types = columns.map { "\(quoted: String($0.place)): \(quoted: $0.column.kind.type)" as TableQuery }
            let values = columns.map { place, column in
                "\(Self.value(of: column, at: "\(name: String(place))")) AS \(name: column.name)" as TableQuery
            }
            return """
                SELECT \(values.joined(separator: ", ")) FROM read_json(\(file), format = 'newline_delimited', \
                maximum_object_size = \(longestBytes + 1024), columns = {\(types.joined(separator: ", "))})
                """
        }

        private static func value(of column: PredictionColumns.Column, at place: TableQuery) -> TableQuery {
            switch column.name {
            case "time", "label_time", "received_time": "make_timestamptz(\(place) * 1000)"
            default: place
            }
        }
    }

    private func write(_ pages: PredictionPages, to file: String) async throws -> Rows {
        let flat = try await write(pages, to: file, isFlat: true)
        return try await flat.columns.isTooWide ? write(pages, to: file, isFlat: false) : flat
    }

    private func write(_ pages: PredictionPages, to file: String, isFlat: Bool) async throws -> Rows {
        let output = try ExportFile(path: file, reserveBytes: reserveBytes)
        var rows = Rows(columns: PredictionColumns(isFlat: isFlat))
        for try await page in pages {
            var writer = JSONWriter()
            for prediction in page {
                let start = writer.bytes.count
                rows.columns.write(prediction, to: &writer)
                writer.raw("\n")
                rows.longestBytes = max(rows.longestBytes, writer.bytes.count - start)
            }
            let bytes = writer.bytes
            try await NIOThreadPool.singleton.runIfActive { try output.append(bytes) }
            if rows.columns.isTooWide { break }
        }
        return rows
    }
}
