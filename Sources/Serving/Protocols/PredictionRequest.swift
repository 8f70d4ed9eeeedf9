import Runtimes
import Wire

/// What a request asks of a model, whatever protocol it came by.
struct PredictionRequest: Sendable {
    let input: ModelInput
    /// What is passed beside the input; an object, or nil.
    var parameters: JSON?

    /// How many predictions it asks for.
    var rowCount: Int {
        switch input {
        case .table(let batch): batch.rowCount
        case .tensors(let tensors): tensors.commonLength ?? 1
        case .document: 1
        }
    }
}

extension [Tensor] {
    /// How many rows all of them have; nil when they differ or one is a scalar, for which a row means nothing.
    fileprivate var commonLength: Int? {
        let lengths = Set(map(\.shape.first))
        return lengths.count == 1 ? lengths.first ?? nil : nil
    }
}

extension JSONWriter {
    /// Writes what a row of the input was, by column name, as it is logged: numbers that are not finite as null.
    mutating func write(row: Int, of input: ModelInput) {
        switch input {
        case .table(let batch):
            raw("{")
            for (index, column) in batch.columns.enumerated() {
                if index > 0 { raw(",") }
                write(column.name)
                raw(":")
                write(column.json(row: row).finite)
            }
            raw("}")
        case .tensors(let tensors): write(Self.row(row, of: tensors).finite)
        case .document(let document): write(document.finite)
        }
    }

    /// A tensor of two dimensions without a name is a table whose columns go by number.
    private static func row(_ row: Int, of tensors: [Tensor]) -> JSON {
        let hasRows = tensors.commonLength != nil
        return .members(
            tensors.flatMap { tensor -> [(String, JSON)] in
                let json = hasRows ? tensor.json(row: row) : tensor.json
                if let name = tensor.name { return [(name, json)] }
                guard let cells = json.arrayValue else { return [("0", json)] }
                return cells.enumerated().map { (String($0), $1) }
            })
    }

    /// Writes predictions as MLflow does, numbers that are not finite as bare literals.
    mutating func write(predictions output: ModelOutput) {
        if case .tensor(let tensor) = output, tensor.shape.count == 1, case .doubles(let values) = tensor.values {
            raw("[")
            for (index, value) in values.enumerated() {
                if index > 0 { raw(",") }
                write(value)
            }
            raw("]")
        } else {
            write(output.predictions ?? .null)
        }
    }
}

extension JSON {
    /// The value with null for numbers that are not finite, for which JSON has no word.
    var finite: JSON {
        switch self {
        case .double(let value): value.isFinite ? self : .null
        case .array(let elements): .array(elements.map(\.finite))
        case .object(let members): .members(members.map { ($0.key, $0.value.finite) })
        case .null, .bool, .integer, .string: self
        }
    }
}
