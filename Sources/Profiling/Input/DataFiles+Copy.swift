import Foundation
import Tables
import Wire

extension DataFiles {
    /// The paths as DuckDB takes a list of them.
    var list: TableQuery {
        "[\(paths.map { "\($0)" as TableQuery }.joined(separator: ", "))]"
    }

    /// Reads CSV or NDJSON into a Parquet file. Types are what the beginning of a text looks like; when a later row does not
    /// fit, all cells are read as they are written.
    func copy(to path: String, in database: TableDatabase) async throws {
        try refuseEmpty()
        do {
            try await copy(asWritten: false, to: path, in: database)
        } catch let error as TableError where Self.misfits.contains(where: error.message.contains) {
            try await copy(asWritten: true, to: path, in: database)
        }
    }

    /// What DuckDB says of a cell that is not of its column's type, in CSV and in NDJSON.
    private static let misfits = ["Conversion Error", "JSON transform error"]

    private func copy(asWritten: Bool, to path: String, in database: TableDatabase) async throws {
        let reader = reader(asWritten: asWritten)
        var rows: TableQuery = "SELECT * FROM \(reader)"
        if format == .csv { try await refuseMisfits(rows, in: database) }
        if format == .ndjson {
            // Cells of several types are JSON: their texts lose the quotes.
            let mixed = try await database.rows(
                "SELECT column_name FROM (DESCRIBE \(rows)) WHERE column_type = 'JSON'"
            ).collect(limit: DataTable.maximumColumns)
            let plain = mixed.compactMap { $0.first?.json.stringValue }.map { name in
                "\(name: name)->>'$' AS \(name: name)" as TableQuery
            }
            if !plain.isEmpty { rows = "SELECT * REPLACE (\(plain.joined(separator: ", "))) FROM \(reader)" }
        }
        try await database.run("COPY (\(rows)) TO \(path) (FORMAT parquet, COMPRESSION snappy)")
    }

    private func reader(asWritten: Bool) -> TableQuery {
        let compression: TableQuery = isCompressed ? "'gzip'" : "'none'"
        switch format {
        case .csv:
            let types: TableQuery = asWritten ? "all_varchar = true" : "sample_size = 20480"
            return """
                read_csv(\(list), header = true, skip = 0, \(types), allow_quoted_nulls = false, union_by_name = true, \
                compression = \(compression))
                """
        case .ndjson, .parquet:
            // Keys are columns also where there are many of them, or where each is rare.
            let types: TableQuery = asWritten ? "maximum_depth = 1" : "maximum_depth = 2"
            return """
                read_json(\(list), format = 'newline_delimited', records = 'true', \(types), \
                map_inference_threshold = -1, field_appearance_threshold = 0, union_by_name = true, \
                compression = \(compression))
                """
        }
    }

    /// A CSV whose lines have more or fewer cells than its heading would be read as one column, or without the lines before.
    private func refuseMisfits(_ rows: TableQuery, in database: TableDatabase) async throws {
        let names = try await database.rows("SELECT column_name FROM (DESCRIBE \(rows))")
            .collect(limit: DataTable.maximumColumns).compactMap { $0.first?.json.stringValue }
        guard let heading = names.first(where: MisfitLine.isSuspicious) else { return }
        for path in paths {
            guard !isCompressed else {
                throw ProfilingError.invalid(
                    "The lines of \(title) have not all as many cells as its heading, '\(heading)'.")
            }
            guard let line = try MisfitLine.first(in: path, heading: heading) else { continue }
            throw ProfilingError.invalid(
                "Line \(line.number) of \(path) has \(line.cells) \(line.cells == 1 ? "cell" : "cells"), and its heading \(line.expected).",
                hint: "Put cells that hold the delimiter into double quotes.")
        }
    }

    /// An empty text has no columns; a heading alone is a table without rows.
    private func refuseEmpty() throws {
        for path in paths {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            guard attributes[.size] as? Int == 0 else { continue }
            throw ProfilingError.invalid(
                "\(path) is empty.",
                hint: format == .csv ? "A CSV begins with the names of its columns." : "An NDJSON has a row a line.")
        }
    }
}
