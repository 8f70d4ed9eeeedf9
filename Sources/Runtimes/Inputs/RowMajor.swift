extension ModelInput {
    /// The numbers of a table, or of the only tensor, row after row, as native libraries take them.
    /// - Parameters:
    ///   - featureCount: how many columns the model takes.
    ///   - hasCodes: whether a number may stand for another one; if not, a table of doubles is taken as a whole.
    ///   - cell: the number in a row of a column, which is the model's feature of that place.
    ///   - elements: the numbers of a tensor, or of a table as a whole.
    /// - Throws: `RuntimeError` in a 4xx for an input of another width.
    func rowMajor<Number>(
        featureCount: Int, hasCodes: Bool = false, cell: (_ column: Column, _ row: Int, _ feature: Int) -> Number,
        elements: (Values) -> [Number]
    ) throws -> [Number] {
        switch self {
        case .table(let batch):
            guard batch.columnCount == featureCount else {
                throw RuntimeError.invalidInput(
                    "The model takes \(featureCount) columns; the request has \(batch.columnCount).")
            }
            if !hasCodes, let matrix = batch.matrix { return elements(.doubles(matrix.values)) }
            return batch.rowMajor(cell)
        case .tensors(let tensors):
            guard tensors.count == 1, tensors[0].shape.last == featureCount else {
                throw RuntimeError.invalidInput("The model takes one tensor of \(featureCount) columns.")
            }
            return elements(tensors[0].values)
        case .document: throw RuntimeError.invalidInput("The model takes columns.")
        }
    }
}

extension Batch {
    fileprivate func rowMajor<Number>(_ cell: (Column, Int, Int) -> Number) -> [Number] {
        let columns = columns
        return [Number](unsafeUninitializedCapacity: rowCount * columns.count) { rows, count in
            guard let start = rows.baseAddress else { return }
            for (feature, column) in columns.enumerated() {
                for row in 0..<rowCount {
                    (start + row * columns.count + feature).initialize(to: cell(column, row, feature))
                }
            }
            count = rowCount * columns.count
        }
    }
}
