import Tables
import Wire

/// What the cells of text columns spell in files that say nothing of types: a text whose values are nearly all numbers
/// is a column of numbers with a few odd values, so that one stray word does not make a million names of it.
struct SpelledColumns: Sendable {
    private struct Counts {
        let values: Int
        let numbers: Int
        let times: Int
    }

    private let counts: [String: Counts]

    /// A column of numbers may have one odd value in so many.
    private static let valuesPerOddOne = 100

    init(_ names: [String], in source: TableQuery, of database: TableDatabase) async throws {
        guard !names.isEmpty else {
            counts = [:]
            return
        }
        let asked = names.map { name in
            """
            count(\(name: name)), count(TRY_CAST(\(name: name)::VARCHAR AS DOUBLE)), \
            count(TRY_CAST(\(name: name)::VARCHAR AS TIMESTAMP))
            """ as TableQuery
        }
        let rows = try await database.rows("SELECT \(asked.joined(separator: ", ")) FROM \(source)")
        let cells = try await rows.collect(limit: 1).first ?? []
        let numbers = cells.map { if case .integer(let count) = $0 { Int(count) } else { 0 } }
        var counts: [String: Counts] = [:]
        for (index, name) in names.enumerated() where numbers.count >= 3 * names.count {
            let place = 3 * index
            counts[name] = Counts(values: numbers[place], numbers: numbers[place + 1], times: numbers[place + 2])
        }
        self.counts = counts
    }

    func column(_ column: TableColumn) -> DataColumn {
        guard let counts = counts[column.name] else {
            return DataColumn(name: column.name, type: column.type.name, kind: DataColumn.Kind(column.type))
        }
        let odd = counts.values - counts.numbers
        let kind: DataColumn.Kind =
            if counts.values == 0 {
                .empty
            } else if odd * Self.valuesPerOddOne <= counts.values {
                .number
            } else {
                counts.times == counts.values ? .time : .name
            }
        return DataColumn(
            name: column.name, type: column.type.name, kind: kind, oddValues: kind == .number ? odd : 0)
    }
}

extension DataColumn.Kind {
    init(_ type: TableType) {
        self =
            switch type {
            case .integer, .float, .double, .decimal: .number
            case .date, .timestamp: .time
            case .boolean, .text, .enumeration, .uuid: .name
            case .null: .empty
            case .bytes, .time, .interval, .list, .array, .structure, .map, .other: .other
            }
    }
}
