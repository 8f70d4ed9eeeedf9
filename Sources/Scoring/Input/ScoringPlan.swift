import Runtimes
import Tables
import Wire

/// Which columns of the input are read, how they become what the model takes, and which of them are written out.
struct ScoringPlan: Sendable {
    /// A column of the statement that `statement` makes.
    struct OutputColumn: Sendable {
        let name: String
        let value: TableQuery
    }

    let input: InputTable
    /// What the model is given.
    let rows: ModelRows
    /// The input's columns of the output, as expressions over the columns of the statement.
    let kept: [OutputColumn]
    /// The columns of the statement that scoring reads: those of `rows`, then the reason of a refusal if there may be one.
    let readPlaces: [Int]
    /// The place of the reason among `readPlaces`.
    let refusalPlace: Int?
    /// What a failed row is shown as.
    let shownRow: TableQuery
    private let fetched: [Int]
    private let values: [TableQuery]
    private let refusals: [TableQuery]

    /// - Parameter keep: the names of the input's columns that go to the output; nil for all.
    /// - Throws: `ScoringError` that names what is missing or does not fit.
    init(_ input: InputTable, for signature: ModelSignature?, keep: [String]?, output: TableFormat) throws {
        let shape = try ModelShape(signature, input)
        let keptPlaces = try Self.places(keep, input)
        let fetched = Set(keptPlaces).union(shape.columns.map(\.place)).sorted()
        let cells = Dictionary(uniqueKeysWithValues: fetched.enumerated().map { ($1, "i\($0)") })
        var values: [TableQuery] = []
        var refusals: [TableQuery] = []
        var valueOfPlace: [Int: TableQuery] = [:]
        var places: [Int] = []
        for taken in shape.columns {
            let cell: TableQuery = "\(name: cells[taken.place] ?? "")"
            let column = input.columns[taken.place]
            let place = fetched.firstIndex(of: taken.place) ?? 0
            guard let type = taken.type else {
                places.append(place)
                continue
            }
            let isJSON = input.file.format == .ndjson
            let result: TableQuery = "\(name: "v\(values.count)")"
            let cast = try CellCast(column, cell, as: type, named: result, isJSON: isJSON)
            if let value = cast.value {
                places.append(fetched.count + values.count)
                values.append("\(value) AS \(result)")
                valueOfPlace[taken.place] = result
            } else {
                places.append(place)
            }
            if let isRefused = cast.isRefused {
                let reason = CellCast.reason(column, cell, as: type, isJSON: isJSON)
                refusals.append("WHEN \(isRefused) THEN \(reason)")
            }
        }
        self.input = input
        self.fetched = fetched
        self.values = values
        self.refusals = refusals
        rows = ModelRows(shape, input.file.format)
        refusalPlace = refusals.isEmpty ? nil : places.count
        readPlaces = refusals.isEmpty ? places : places + [fetched.count + values.count]
        kept = keptPlaces.map { place in
            let cell: TableQuery = "\(name: cells[place] ?? "")"
            return OutputColumn(
                name: input.columns[place].name,
                value: Self.output(cell, valueOfPlace[place], from: input.file.format, to: output))
        }
        shownRow = Self.structure(
            fetched.map { (name: input.columns[$0].name, value: "\(name: cells[$0] ?? "")") })
    }

    /// A cell of a text goes into a text of its kind as it is. Formats with types get the value that the model was given.
    private static func output(
        _ cell: TableQuery, _ value: TableQuery?, from: TableFormat, to: TableFormat
    ) -> TableQuery {
        if from == .parquet || from == to { return cell }
        return value ?? (from == .ndjson ? "\(cell)->>'$'" : cell)
    }

    private static func structure(_ members: [(name: String, value: TableQuery)]) -> TableQuery {
        guard !members.isEmpty else { return "NULL" }
        let pairs = members.map { "\(name: $0.name) := \($0.value)" as TableQuery }
        return "struct_pack(\(pairs.joined(separator: ", ")))"
    }

    private static func places(_ names: [String]?, _ input: InputTable) throws -> [Int] {
        guard let names else { return Array(input.columns.indices) }
        return try names.map { name in
            guard let place = input.columns.firstIndex(where: { $0.name == name }) else {
                throw ScoringError.invalid(
                    "The input has no column '\(name)' to keep.", hint: "It has \(input.columns.list).")
            }
            return place
        }
    }

    /// Reads the rows after the first so many.
    func statement(after done: Int) -> TableQuery {
        let cells = fetched.enumerated().map { index, place in
            "\(name: input.columns[place].name) AS \(name: "i\(index)")" as TableQuery
        }
        // Also of a model without columns there is a row for each row.
        let list = cells.isEmpty ? "1 AS i0" : cells.joined(separator: ", ")
        let source = input.source(reading: fetched)
        let raw: TableQuery = "SELECT \(list) FROM \(source)\(done == 0 ? "" : " OFFSET \(done)" as TableQuery)"
        guard !values.isEmpty || !refusals.isEmpty else { return raw }
        let cast: TableQuery = "SELECT \((["*"] + values).joined(separator: ", ")) FROM (\(raw))"
        guard !refusals.isEmpty else { return cast }
        return "SELECT *, CASE \(refusals.joined(separator: " ")) END AS refusal FROM (\(cast))"
    }
}

extension [TableColumn] {
    /// Some names, for messages.
    var list: String {
        let names = prefix(20).map { "'\($0.name)'" }.joined(separator: ", ")
        return isEmpty ? "no columns" : count > 20 ? "\(names) and \(count - 20) more" : names
    }
}
