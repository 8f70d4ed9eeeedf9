import Runtimes
import Wire

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
        let lengths = Set(tensors.map(\.shape.first))
        let hasRows = lengths.count == 1 && lengths.first != .some(nil)
        return .members(
            tensors.flatMap { tensor -> [(String, JSON)] in
                let json = hasRows ? tensor.json(row: row) : tensor.json
                if let name = tensor.name { return [(name, json)] }
                guard let cells = json.arrayValue else { return [("0", json)] }
                return cells.enumerated().map { (String($0), $1) }
            })
    }
}
