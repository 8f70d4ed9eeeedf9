import Statistics
import Tables
import Wire

/// Holds all values of a column, for tools that compare rows and not profiles.
struct RawColumnReader: ColumnReader {
    private var numbers: [Double] = []
    private var codes: [Int] = []
    private var names = NameCounts()
    private var hasGaps = false

    mutating func read(_ cells: borrowing TableCells, at place: Int, as form: ColumnReading.Form) {
        let mask = cells.validity(place)
        if form == .names {
            guard let texts = cells.texts(place) else { return }
            for row in 0..<cells.rowCount { codes.append(mask?[row] ?? true ? names.add(texts[row]) : -1) }
        } else if let values = cells.doubles(place) {
            for row in 0..<cells.rowCount {
                let isThere = mask?[row] ?? true
                numbers.append(isThere ? values[row] : .nan)
                if !isThere { hasGaps = true }
            }
        }
    }

    /// - Parameter type: of the column in its file: integers without gaps stay integers, as pandas reads them.
    func column(_ form: ColumnReading.Form, type: String) -> RawColumn {
        guard form != .names else {
            return .categories(codes: codes, names: names.counts.indices.map(names.name))
        }
        return type.contains("INT") && !hasGaps ? .integers(numbers) : .decimals(numbers)
    }
}

extension TableProfiler {
    /// The values of one column in both tables.
    /// - Throws: `ProfilingError` when there are too many to hold.
    func raw(
        _ column: DataColumn, of table: DataTable, as kind: DataColumn.Kind, part: TablePart?
    ) async throws -> RawColumn? {
        guard let reading = ColumnReading(column, as: kind), let database = connections.first else { return nil }
        let rows = part?.rowCount ?? table.rowCount
        guard rows <= Self.rawRows else {
            throw ProfilingError(
                .tooLarge,
                "\(table.title) has \(rows.words) rows; modes that compare values and not profiles take \(Self.rawRows.words).",
                hint: "--mode martlet takes any number of rows.")
        }
        let start = ColumnScan([reading], [RawColumnReader()], picking: [])
        let scan = try await database.rows(table.statement([reading], where: part?.condition))
            .scan(into: start) { $0.read($1) }
        return scan.readers.first?.column(reading.form, type: column.type)
    }

    /// Rows of which all values of one column are held at a time: 400 MB of numbers.
    private static let rawRows = 50_000_000
}
