import Statistics
import Tables

/// Reads one column, some rows at a time and in order.
protocol ColumnReader: Sendable {
    /// - Parameter place: where the column is among those of the cells; of a spelled number the text comes after it.
    mutating func read(_ cells: borrowing TableCells, at place: Int, as form: ColumnReading.Form)
}

/// A reading of some columns of a table at once.
struct ColumnScan<Reader: ColumnReader>: Sendable {
    private let forms: [ColumnReading.Form]
    private let places: [Int]
    var readers: [Reader]
    private var picks: RowPicks
    private var row = 0

    /// - Parameters:
    ///   - readers: one for each reading.
    ///   - rows: the places of the rows whose values are kept, in ascending order.
    init(_ readings: [ColumnReading], _ readers: [Reader], picking rows: [Int]) {
        var place = 0
        var places: [Int] = []
        for reading in readings {
            places.append(place)
            place += reading.expressions.count
        }
        forms = readings.map(\.form)
        self.places = places
        self.readers = readers
        picks = RowPicks(rows, columns: readings.count)
    }

    /// The values of the rows that were to be kept, for each column.
    var picked: [[ColumnValue]] { picks.values }

    mutating func read(_ cells: borrowing TableCells) {
        for index in readers.indices {
            readers[index].read(cells, at: places[index], as: forms[index])
        }
        picks.take(cells, from: row, places, forms)
        row += cells.rowCount
    }
}

/// The values of some rows, told by their places in the table: the same rows of each column, though columns are read
/// apart.
private struct RowPicks: Sendable {
    private let rows: [Int]
    private var next = 0
    private(set) var values: [[ColumnValue]]

    init(_ rows: [Int], columns: Int) {
        self.rows = rows
        values = Array(repeating: [], count: columns)
    }

    mutating func take(
        _ cells: borrowing TableCells, from first: Int, _ places: [Int], _ forms: [ColumnReading.Form]
    ) {
        let end = first + cells.rowCount
        while next < rows.count, rows[next] < end {
            for index in places.indices {
                values[index].append(cells.value(at: places[index], row: rows[next] - first, as: forms[index]))
            }
            next += 1
        }
    }
}

extension TableCells {
    /// One cell as profiles see it; what is no number among numbers counts as missing.
    fileprivate func value(at place: Int, row: Int, as form: ColumnReading.Form) -> ColumnValue {
        guard validity(place)?[row] ?? true else { return .missing }
        switch form {
        case .numbers, .spelledNumbers: return doubles(place).map { .number($0[row]) } ?? .missing
        case .names: return texts(place).map { .text(String(decoding: $0[row], as: UTF8.self)) } ?? .missing
        }
    }
}
