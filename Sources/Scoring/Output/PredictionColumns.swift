import Runtimes
import Tables
import Wire

/// The columns that predictions have in an output: the same from the first answer of a batch to the last.
struct PredictionColumns: Sendable, Hashable {
    enum Kind: String, Sendable {
        case boolean, integer, long, float, double, string
        /// Anything else, as the text of its JSON.
        case json
    }

    struct Column: Sendable, Hashable {
        let name: String
        let kind: Kind
    }

    let columns: [Column]

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// What the first answer shows, under the names that the signature has for it.
    init(_ output: ModelOutput, rowCount: Int, signature: ModelSignature?) throws {
        let cells = try AnswerCells(output, rowCount: rowCount)
        var specs: [ColumnSpec] = []
        if case .columns(let columns) = signature?.outputs, columns.count == cells.names.count { specs = columns }
        columns = cells.names.indices.map { place in
            let declared = specs.isEmpty ? nil : specs[place]
            let fallback = cells.names.count == 1 ? "prediction" : "prediction_\(place)"
            return Column(
                name: cells.names[place] ?? declared?.name ?? fallback,
                kind: cells.kind(place) ?? declared.flatMap { Kind(rawValue: $0.type.rawValue) } ?? .json)
        }
    }

    /// What the signature promises, for a batch without rows.
    init(_ signature: ModelSignature?) {
        guard case .columns(let specs) = signature?.outputs else {
            columns = [Column(name: "prediction", kind: .double)]
            return
        }
        columns = specs.enumerated().map { place, spec in
            let fallback = specs.count == 1 ? "prediction" : "prediction_\(place)"
            return Column(name: spec.name ?? fallback, kind: Kind(rawValue: spec.type.rawValue) ?? .json)
        }
    }

    init(json: JSON) {
        columns = (json.arrayValue ?? []).map { column in
            Column(
                name: column["name"]?.stringValue ?? "",
                kind: column["kind"]?.stringValue.flatMap(Kind.init(rawValue:)) ?? .json)
        }
    }

    var json: JSON {
        .array(columns.map { ["name": .string($0.name), "kind": .string($0.kind.rawValue)] })
    }
}

extension PredictionColumns.Kind {
    /// The type of the column in which answers are gathered.
    var storedType: TableQuery {
        switch self {
        case .boolean: "BOOLEAN"
        case .integer, .long: "BIGINT"
        case .float, .double: "DOUBLE"
        case .string, .json: "VARCHAR"
        }
    }

    /// What goes into an output.
    func output(_ stored: TableQuery, to format: TableFormat) -> TableQuery {
        switch self {
        case .integer: "CAST(\(stored) AS INTEGER)"
        // JSON has no word for what is no number.
        case .float where format == .ndjson: "CASE WHEN isfinite(\(stored)) THEN CAST(\(stored) AS FLOAT) END"
        case .double where format == .ndjson: "CASE WHEN isfinite(\(stored)) THEN \(stored) END"
        case .float: "CAST(\(stored) AS FLOAT)"
        case .json where format == .ndjson: "CAST(\(stored) AS JSON)"
        case .boolean, .long, .double, .string, .json: stored
        }
    }

    /// Values that are not there.
    func missing(_ count: Int) -> TableVector {
        let validity = Array(repeating: false, count: count)
        return switch self {
        case .boolean: TableVector(.bools(validity), validity: validity)
        case .integer, .long: TableVector(.integers(Array(repeating: 0, count: count)), validity: validity)
        case .float, .double: TableVector(.doubles(Array(repeating: 0, count: count)), validity: validity)
        case .string, .json: TableVector(.texts(Array(repeating: "", count: count)), validity: validity)
        }
    }
}
