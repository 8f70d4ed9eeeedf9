import Wire

/// What an output of an ONNX model holds.
enum ONNXOutput {
    case tensor(Tensor)
    case sequence([ONNXOutput])
    /// Names, and where the value of each is. Classes with their probabilities, as converted classifiers answer them.
    case map([(name: String, values: Values, index: Int)])

    var json: JSON {
        switch self {
        case .tensor(let tensor): tensor.json
        case .sequence(let elements): .array(elements.map(\.json))
        case .map(let members): .members(members.map { ($0.name, $0.values.json(at: $0.index)) })
        }
    }

    /// All its elements one after the other, as a column of the table that MLflow makes of answers to tables.
    fileprivate var column: [JSON] {
        switch self {
        case .tensor(let tensor): (0..<tensor.values.count).map(tensor.values.json)
        case .sequence(let elements): elements.flatMap(\.column)
        case .map: [json]
        }
    }

    fileprivate var tensor: Tensor? {
        if case .tensor(let tensor) = self { tensor } else { nil }
    }
}

extension ModelOutput {
    /// What MLflow's `onnx` flavour makes of a model's outputs.
    init(_ outputs: [ONNXOutput], names: [String], layout: TensorLayout) {
        let tensors = zip(names, outputs).compactMap { name, output in
            output.tensor.map { Tensor(name: name, shape: $0.shape, values: $0.values) }
        }
        guard tensors.count < outputs.count else {
            self = .tensors(tensors, as: layout)
            return
        }
        let columns = outputs.map(\.column)
        let length = columns.first?.count ?? 0
        guard layout == .records, columns.allSatisfy({ $0.count == length }) else {
            self = .json(.members(zip(names, outputs).map { ($0, $1.json) }))
            return
        }
        self = .json(
            .array((0..<length).map { row in .members(zip(names, columns).map { ($0, $1[row]) }) }))
    }
}
