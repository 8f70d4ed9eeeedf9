import Foundation
import Tables
import Wire

/// A table as it is read: columns with their kinds over one statement that gives its rows in their order.
struct DataTable: Sendable {
    let title: String
    let columns: [DataColumn]
    let rowCount: Int
    /// What stands behind FROM.
    let source: TableQuery
    /// Keeps the copy of a text format as long as somebody reads it.
    private let copy: TemporaryCopy?

    /// More columns than any model has; a file with so many is broken, or made to harm.
    static let maximumColumns = 10_000

    private init(
        title: String, columns: [DataColumn], rowCount: Int, source: TableQuery, copy: TemporaryCopy?
    ) {
        self.title = title
        self.columns = columns
        self.rowCount = rowCount
        self.source = source
        self.copy = copy
    }

    func column(_ name: String) -> DataColumn? {
        columns.first { $0.name == name }
    }

    /// Opens a table. CSV and NDJSON, in which each column would be a reading of the whole file, are read once into a
    /// Parquet file in `folder`.
    /// - Throws: `ProfilingError` or `TableError` that says which files are not what they should be.
    static func open(_ files: DataFiles, in database: TableDatabase, copyingTo folder: String) async throws -> DataTable
    {
        do {
            guard files.format != .parquet else {
                let source: TableQuery = "read_parquet(\(files.list), union_by_name = true)"
                return try await DataTable(files.title, source, isText: false, copy: nil, in: database)
            }
            let copy = TemporaryCopy(folder: folder)
            try await files.copy(to: copy.path, in: database)
            let source: TableQuery = "read_parquet(\(copy.path))"
            return try await DataTable(files.title, source, isText: true, copy: copy, in: database)
        } catch let error as TableError {
            throw ProfilingError(
                error.code, "\(files.title) cannot be read as \(files.format.words). \(error.message)",
                hint: error.hint ?? "--format says what a file is, whatever its name.")
        }
    }

    private init(
        _ title: String, _ source: TableQuery, isText: Bool, copy: TemporaryCopy?, in database: TableDatabase
    ) async throws {
        let found = try await database.rows("SELECT * FROM \(source) LIMIT 0").columns
        guard found.count <= Self.maximumColumns else {
            throw ProfilingError(
                .tooLarge, "\(title) has \(found.count) columns; \(Self.maximumColumns) are the most.")
        }
        let counts = try await database.rows("SELECT count(*) FROM \(source)").collect(limit: 1)
        guard case .integer(let rows)? = counts.first?.first else {
            throw ProfilingError.invalid("The rows of \(title) could not be counted.")
        }
        let texts = isText ? found.filter { $0.type == .text }.map(\.name) : []
        let spelled = try await SpelledColumns(texts, in: source, of: database)
        columns = found.map { spelled.column($0) }
        rowCount = Int(rows)
        self.title = title
        self.source = source
        self.copy = copy
    }
}

/// A file that goes when nobody reads it any more.
final class TemporaryCopy: Sendable {
    let path: String

    init(folder: String) {
        path = "\(folder)/martlet-\(UUID().uuidString).parquet"
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

extension TableFormat {
    var words: String {
        switch self {
        case .csv: "CSV"
        case .ndjson: "NDJSON"
        case .parquet: "Parquet"
        }
    }
}
