package import Wire

/// How MLflow writes an answer of several tensors.
package enum TensorLayout: Sendable, Hashable {
    /// As an object of arrays: what a model answers to tensors.
    case object
    /// As a table, a record for each row: what a model answers to a table. A tensor is a column of all its elements, as
    /// MLflow makes it; where tensors differ in their number, which MLflow refuses, a cell holds a row of its tensor.
    case records

    func json(of tensors: [Tensor]) -> JSON {
        guard self == .records, let first = tensors.first else { return object(tensors) }
        let lengths = Set(tensors.map(\.values.count))
        if lengths.count == 1 {
            return .array(
                (0..<first.values.count).map { index in
                    record(tensors) { $0.values.json(at: index) }
                })
        }
        guard let rowCount = first.shape.first, tensors.allSatisfy({ $0.shape.first == rowCount }) else {
            return object(tensors)
        }
        return .array((0..<rowCount).map { row in record(tensors) { $0.json(row: row) } })
    }

    /// The answer to one row of the input; the whole answer where the tensors do not have as many rows.
    func json(of tensors: [Tensor], row: Int, of count: Int) -> JSON {
        guard tensors.allSatisfy({ $0.shape.first == count }) else { return json(of: tensors) }
        let isFlat = self == .records && tensors.allSatisfy { $0.values.count == count }
        return record(tensors) { isFlat ? $0.values.json(at: row) : $0.json(row: row) }
    }

    private func object(_ tensors: [Tensor]) -> JSON {
        record(tensors, \.json)
    }

    private func record(_ tensors: [Tensor], _ cell: (Tensor) -> JSON) -> JSON {
        .members(tensors.map { ($0.name ?? "", cell($0)) })
    }
}
