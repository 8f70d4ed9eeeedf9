import Wire

/// What requests must have in common to be predicted together.
struct BatchKind: Sendable, Equatable {
    private enum Part: Sendable, Equatable {
        /// Whether cells are missing counts: Python gives a column another type for it.
        case column(String, ColumnType, hasGaps: Bool)
        /// Without the first length, which is the number of rows.
        case tensor(String?, ColumnType, [Int])
    }

    private let parts: [Part]
    private let parameters: JSON?

    /// Nil for an input that goes alone.
    init?(_ input: ModelInput, parameters: JSON?) {
        self.parameters = parameters
        switch input {
        case .table(let batch):
            parts = batch.columns.map { .column($0.name, $0.values.type, hasGaps: $0.validity != nil) }
        case .tensors(let tensors):
            guard let rows = tensors.first?.shape.first, tensors.allSatisfy({ $0.shape.first == rows }) else {
                return nil
            }
            parts = tensors.map { .tensor($0.name, $0.values.type, Array($0.shape.dropFirst())) }
        case .document: return nil
        }
    }
}

extension ModelInput {
    /// How many rows it has; nil when it is not known to have any.
    var rowCount: Int? {
        switch self {
        case .table(let batch): batch.rowCount
        case .tensors(let tensors): tensors.first?.shape.first
        case .document: nil
        }
    }

    /// The rows of inputs of one kind, one after the other. There must be one at least.
    static func joined(_ inputs: [ModelInput]) -> ModelInput {
        switch inputs[0] {
        case .document: return inputs[0]
        case .table(let first):
            let batches = inputs.compactMap { input -> Batch? in
                if case .table(let batch) = input { batch } else { nil }
            }
            let columns = first.columns.indices.map { index in
                Column(
                    name: first.columns[index].name, values: .joined(batches.map { $0.columns[index].values }),
                    validity: first.columns[index].validity == nil
                        ? nil : batches.flatMap { $0.columns[index].validity ?? [] })
            }
            return .table(Batch(rowCount: batches.reduce(0) { $0 + $1.rowCount }, columns: columns))
        case .tensors(let first):
            let all = inputs.compactMap { input -> [Tensor]? in
                if case .tensors(let tensors) = input { tensors } else { nil }
            }
            let rows = all.reduce(0) { $0 + ($1.first?.shape.first ?? 0) }
            let tensors = first.indices.map { index in
                Tensor(
                    name: first[index].name, shape: [rows] + first[index].shape.dropFirst(),
                    values: .joined(all.map { $0[index].values }))
            }
            return .tensors(tensors)
        }
    }
}

extension Values {
    /// All of one type, one after the other. There must be one at least.
    fileprivate static func joined(_ parts: [Values]) -> Values {
        switch parts[0] {
        case .bools:
            .bools(parts.flatMap { part -> [Bool] in if case .bools(let values) = part { values } else { [] } })
        case .int32s:
            .int32s(parts.flatMap { part -> [Int32] in if case .int32s(let values) = part { values } else { [] } })
        case .int64s:
            .int64s(parts.flatMap { part -> [Int64] in if case .int64s(let values) = part { values } else { [] } })
        case .floats:
            .floats(parts.flatMap { part -> [Float] in if case .floats(let values) = part { values } else { [] } })
        case .doubles:
            .doubles(parts.flatMap { part -> [Double] in if case .doubles(let values) = part { values } else { [] } })
        case .strings:
            .strings(parts.flatMap { part -> [String] in if case .strings(let values) = part { values } else { [] } })
        }
    }

    fileprivate subscript(range: Range<Int>) -> Values {
        switch self {
        case .bools(let values): .bools(Array(values[range]))
        case .int32s(let values): .int32s(Array(values[range]))
        case .int64s(let values): .int64s(Array(values[range]))
        case .floats(let values): .floats(Array(values[range]))
        case .doubles(let values): .doubles(Array(values[range]))
        case .strings(let values): .strings(Array(values[range]))
        }
    }
}

extension ModelOutput {
    /// Takes an answer apart into answers of so many rows each; nil when it does not have one for each row.
    func split(rows counts: [Int]) -> [ModelOutput]? {
        let total = counts.reduce(0, +)
        var start = 0
        let ranges = counts.map { count in
            defer { start += count }
            return start..<(start + count)
        }
        switch self {
        case .tensor(let tensor):
            guard tensor.shape.first == total else { return nil }
            return ranges.map { .tensor(tensor.rows($0)) }
        case .tensors(let tensors, let layout):
            guard tensors.allSatisfy({ $0.shape.first == total }) else { return nil }
            return ranges.map { range in .tensors(tensors.map { $0.rows(range) }, as: layout) }
        case .json(let json):
            guard let rows = json.arrayValue, rows.count == total else { return nil }
            return ranges.map { .json(.array(Array(rows[$0]))) }
        case .document: return nil
        }
    }
}

extension Tensor {
    /// The elements of a range of the first dimension.
    fileprivate func rows(_ range: Range<Int>) -> Tensor {
        let stride = shape.dropFirst().reduce(1, *)
        return Tensor(
            name: name, shape: [range.count] + shape.dropFirst(),
            values: values[(range.lowerBound * stride)..<(range.upperBound * stride)])
    }
}
