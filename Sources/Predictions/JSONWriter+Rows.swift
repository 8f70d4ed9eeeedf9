import Runtimes
import Wire

extension JSONWriter {
    /// Writes what a row of the input was, by column name, as it is logged: numbers that are not finite as null, and so what
    /// is masked.
    mutating func write(row: Int, of input: ModelInput, masking mask: ColumnMask) {
        switch input {
        case .table(let batch):
            if let matrix = batch.matrix { return write(row: row, of: matrix, masking: mask) }
            raw("{")
            for (index, column) in batch.columns.enumerated() {
                if index > 0 { mark(",") }
                write(column.name)
                mark(":")
                if mask.hides(column.name) {
                    raw("null")
                } else if case .doubles(let values) = column.values, values[row].isFinite {
                    write(values[row])
                } else {
                    write(column.json(row: row).finite)
                }
            }
            raw("}")
        case .tensors(let tensors):
            let members = Self.row(row, of: tensors)
            write(.members(members.map { ($0, mask.hides($0) ? .null : $1.finite) }))
        case .document(let document): write(mask.applied(to: document).finite)
        }
    }

    private mutating func write(row: Int, of matrix: Batch.Matrix, masking mask: ColumnMask) {
        let start = row * matrix.columns.count
        raw("{")
        for (index, column) in matrix.columns.enumerated() {
            let name = column.name ?? ""
            if index > 0 { mark(",") }
            write(name)
            mark(":")
            let value = matrix.values[start + index]
            if value.isFinite, !mask.hides(name) { write(value) } else { raw("null") }
        }
        raw("}")
    }

    /// A tensor of two dimensions without a name is a table whose columns go by number.
    private static func row(_ row: Int, of tensors: [Tensor]) -> [(String, JSON)] {
        let lengths = Set(tensors.map(\.shape.first))
        let hasRows = lengths.count == 1 && lengths.first != .some(nil)
        return tensors.flatMap { tensor -> [(String, JSON)] in
            let json = hasRows ? tensor.json(row: row) : tensor.json
            if let name = tensor.name { return [(name, json)] }
            guard let cells = json.arrayValue else { return [("0", json)] }
            return cells.enumerated().map { (String($0), $1) }
        }
    }
}
