package import Blobs
import NIOCore
import NIOPosix
import Statistics
package import Tables
import Wire

/// A file with rows that may become a reference: a table as `mlflow.log_table` writes it, CSV, NDJSON or Parquet.
package struct ReferenceFile: Sendable, Hashable {
    package enum Form: Sendable, Hashable {
        /// pandas' split form in JSON.
        case split
        case table(TableFormat)
    }

    package let key: BlobKey
    package let form: Form

    /// - Returns: nil when the name does not end as that of a table does.
    package init?(_ key: BlobKey) {
        self.key = key
        if key.path.lowercased().hasSuffix(".json") {
            form = .split
        } else if let format = try? TableFormat(named: nil, path: key.path) {
            form = .table(format)
        } else {
            return nil
        }
    }

    /// The last component of the key without what says its form, such as `training`.
    package var stem: Substring {
        let name = key.path.split(separator: "/").last ?? ""
        return name.prefix { $0 != "." }
    }
}

/// Reads files of references.
package struct ReferenceReader: Sendable {
    private let blobs: BlobStore
    private let tables: TableEngine

    /// A larger JSON table is refused; a sample of its rows makes as good a reference.
    package static let maximumBytes = 256 << 20
    /// Of a file with more rows so many are drawn, the same ones each time: a reference of a hundred thousand rows is as good
    /// as any to tell what windows of thousands differ in.
    package static let sampleRows = 100_000

    package init(blobs: BlobStore, tables: TableEngine) {
        self.blobs = blobs
        self.tables = tables
    }

    /// - Throws: `MonitorError` or `TableError` that say what is wrong with the file.
    package func table(_ file: ReferenceFile) async throws -> TrainingTable {
        switch file.form {
        case .split:
            let bytes = try await blobs.contents(file.key, limit: Self.maximumBytes)
            // Of a large file it takes seconds.
            return try await NIOThreadPool.singleton.runIfActive {
                try TrainingTable(json: JSON.parse(bytes.readableBytesView))
            }
        case .table(let format):
            let (folder, name) = try await localFile(file.key)
            let table = try await table(path: folder.path + "/" + name, format)
            // The folder may be a copy, which goes with the last who holds on to it.
            withExtendedLifetime(folder) {}
            return table
        }
    }

    /// The folder that the file is in, on this machine.
    private func localFile(_ key: BlobKey) async throws -> (LocalFolder, name: String) {
        let components = key.path.split(separator: "/")
        let folder = try BlobKey(components.dropLast().joined(separator: "/"))
        return (try await blobs.localFolder(folder), String(components.last ?? ""))
    }

    private func table(path: String, _ format: TableFormat) async throws -> TrainingTable {
        let database = try await tables.open(TableSettings(memoryBytes: 1 << 30, threads: 2, files: .only([path])))
        let source: TableQuery =
            switch format {
            case .csv: "read_csv(\(path), header = true, skip = 0, sample_size = -1)"
            case .ndjson: "read_json(\(path), format = 'newline_delimited', sample_size = -1)"
            case .parquet: "read_parquet(\(path), hive_partitioning = false)"
            }
        // The number of rows cannot be bound, and is ours.
        let rows = try await database.rows("SELECT * FROM \(source) USING SAMPLE reservoir(100000 ROWS) REPEATABLE (7)")
        var columns = rows.columns.map { TrainingTable.Column(name: $0.name, values: []) }
        var count = 0
        for try await chunk in rows {
            count += chunk.rowCount
            for (place, vector) in chunk.vectors.enumerated() {
                for row in 0..<chunk.rowCount { columns[place].values.append(ColumnValue(vector[row])) }
            }
        }
        return TrainingTable(columns: columns, rows: count)
    }
}

extension ColumnValue {
    /// A cell of a table, as the same cell of a request would be: truth values are names.
    fileprivate init(_ cell: TableValue) {
        switch cell {
        case .null: self = .missing
        case .integer(let value): self = .number(Double(value))
        case .double(let value): self = .number(value)
        case .number(let digits): self = Double(digits).map { .number($0) } ?? .text(digits)
        default: self.init(cell.json)
        }
    }
}
