import OrderedCollections
import Runtimes
import Tables
import Wire

/// What a model answers for some rows, taken apart into columns.
struct AnswerCells: Sendable {
    private enum Content: Sendable {
        /// Row-major, so many to a row.
        case values(Values, width: Int)
        /// A list of cells for each column.
        case cells([[JSON]])
    }

    /// Nil where the model does not name a column.
    let names: [String?]
    private let rowCount: Int
    private let content: Content

    /// - Throws: `ScoringError` when there is not one prediction for each row.
    init(_ output: ModelOutput, rowCount: Int) throws {
        self.rowCount = rowCount
        switch output {
        case .tensor(let tensor):
            let isScalar = tensor.shape.isEmpty && rowCount == 1
            guard isScalar || tensor.shape.first == rowCount else {
                throw Self.mismatch(tensor.shape.first ?? 1, rowCount)
            }
            let width = tensor.shape.count == 2 ? tensor.shape[1] : 1
            names = Array(repeating: nil, count: width)
            content =
                tensor.shape.count <= 2
                ? .values(tensor.values, width: width) : .cells([(0..<rowCount).map { tensor.json(row: $0) }])
        case .tensors(let tensors, _):
            if let odd = tensors.first(where: { $0.shape.first != rowCount }) {
                throw Self.mismatch(odd.shape.first ?? 1, rowCount)
            }
            (names, content) = Self.columns(of: (0..<rowCount).map { output.row($0, of: rowCount) })
        case .json(let json):
            guard let rows = json.arrayValue else { throw Self.mismatch(1, rowCount) }
            guard rows.count == rowCount else { throw Self.mismatch(rows.count, rowCount) }
            (names, content) = Self.columns(of: rows)
        case .document:
            throw ScoringError.invalid(
                "The model answers with a document, not with a prediction for each row.",
                hint: "Such a model cannot score batches.")
        }
    }

    private static func mismatch(_ answers: Int, _ rows: Int) -> ScoringError {
        .invalid(
            "The model gives \(answers) predictions for \(rows) rows.",
            hint: "Only a model that predicts each row for itself can score batches.")
    }

    private static func columns(of rows: [JSON]) -> ([String?], Content) {
        if let first = rows.first?.objectValue, rows.allSatisfy({ $0.objectValue != nil }) {
            let names = Array(first.keys)
            return (names, .cells(names.map { name in rows.map { $0[name] ?? .null } }))
        }
        if let width = rows.first?.arrayValue?.count, width > 0, rows.allSatisfy({ $0.arrayValue?.count == width }) {
            let cells = (0..<width).map { place in rows.map { $0.arrayValue?[place] ?? .null } }
            return (Array(repeating: nil, count: width), .cells(cells))
        }
        return ([nil], .cells([rows]))
    }

    /// What the values of a column are; nil when they do not show it.
    func kind(_ place: Int) -> PredictionColumns.Kind? {
        switch content {
        case .values(let values, _): return PredictionColumns.Kind(rawValue: values.type.rawValue)
        case .cells(let columns):
            let cells = columns[place].filter { $0 != .null }
            if cells.isEmpty { return nil }
            if cells.allSatisfy({ $0.stringValue != nil }) { return .string }
            if cells.allSatisfy({ $0.boolValue != nil }) { return .boolean }
            if cells.allSatisfy({ if case .integer = $0 { true } else { false } }) { return .long }
            return cells.allSatisfy { $0.doubleValue != nil } ? .double : .json
        }
    }

    /// The values of a column, as the kind it was found to be.
    /// - Throws: `ScoringError` for a value of another kind.
    func vector(_ place: Int, of column: PredictionColumns.Column) throws -> TableVector {
        switch content {
        case .values(let values, let width):
            guard values.type.rawValue == column.kind.rawValue else { throw Self.changed(column) }
            return TableVector(values.stored(place, width: width))
        case .cells(let columns): return try Self.vector(columns[place], of: column)
        }
    }

    private static func vector(_ cells: [JSON], of column: PredictionColumns.Column) throws -> TableVector {
        let validity = cells.contains(.null) ? cells.map { $0 != .null } : nil
        func values<Value>(_ missing: Value, _ read: (JSON) -> Value?) throws -> [Value] {
            try cells.map { cell in
                if cell == .null { return missing }
                guard let value = read(cell) else { throw changed(column) }
                return value
            }
        }
        let stored: TableVector.Values =
            switch column.kind {
            case .boolean: .bools(try values(false, \.boolValue))
            case .integer, .long: .integers(try values(0, \.integerValue))
            case .float, .double: .doubles(try values(0, \.doubleValue))
            case .string: .texts(try values("", \.stringValue))
            case .json: .texts(try values("", \.text))
            }
        return TableVector(stored, validity: validity)
    }

    private static func changed(_ column: PredictionColumns.Column) -> ScoringError {
        .invalid(
            "The model's answers change their type: '\(column.name)' was \(column.kind.rawValue) in the first ones.",
            hint: "Log the model with a signature of its outputs.")
    }
}

extension Values {
    /// One column of row-major values, as they are stored.
    fileprivate func stored(_ place: Int, width: Int) -> TableVector.Values {
        func column<Element, Stored>(_ elements: [Element], _ convert: (Element) -> Stored) -> [Stored] {
            stride(from: place, to: elements.count, by: width).map { convert(elements[$0]) }
        }
        return switch self {
        case .bools(let values): .bools(column(values, \.self))
        case .int32s(let values): .integers(column(values, Int64.init))
        case .int64s(let values): .integers(width == 1 ? values : column(values, \.self))
        case .floats(let values): .doubles(column(values, Double.init))
        case .doubles(let values): .doubles(width == 1 ? values : column(values, \.self))
        case .strings(let values): .texts(column(values, \.self))
        }
    }
}
