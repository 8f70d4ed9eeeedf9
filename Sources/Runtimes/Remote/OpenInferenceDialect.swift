import Wire

/// The Open Inference Protocol as one model speaks it: what its metadata says it takes and gives.
/// https://github.com/kserve/open-inference-protocol
struct OpenInferenceDialect: RemoteDialect {
    /// A tensor as the model's metadata describes it.
    struct Description: Sendable {
        let name: String
        let datatype: String
        /// -1 stands for any length.
        let shape: [Int]
    }

    private let inputs: [Description]
    private let outputs: [Description]

    /// - Throws: `RuntimeError` when the metadata describes no inputs.
    init(metadata: JSON) throws {
        inputs = (metadata["inputs"]?.arrayValue ?? []).compactMap(Description.init)
        outputs = (metadata["outputs"]?.arrayValue ?? []).compactMap(Description.init)
        guard !inputs.isEmpty, inputs.count == metadata["inputs"]?.arrayValue?.count else {
            throw RuntimeError(
                .badRequest, "The metadata of the remote model does not say what it takes.",
                hint: "Use 'protocol: mlflow' if its server has /invocations.")
        }
    }

    /// What the model takes, in MLflow's terms: tensors of one number a row are columns of a table.
    func signature() throws -> ModelSignature? {
        try ModelSignature(
            json: [
                "inputs": .array(inputs.map { isTable ? $0.column : $0.tensor }),
                "outputs": outputs.isEmpty ? .null : .array(outputs.map(\.tensor)),
            ], isTypedByHints: false)
    }

    private var isTable: Bool {
        inputs.allSatisfy { $0.columnType != nil && ($0.shape.count == 1 || ($0.shape.count == 2 && $0.shape[1] == 1)) }
    }

    // MARK: Request

    func request(_ input: ModelInput, parameters: JSON?) throws -> JSON {
        let tensors: [JSON]
        switch input {
        case .table(let batch): tensors = try batch.columns.map { try column($0, rowCount: batch.rowCount) }
        case .tensors(let sent):
            tensors = try sent.map { tensor in
                let cells = (0..<tensor.values.count).map(tensor.values.json)
                return try self.tensor(tensor.name, tensor.shape, cells)
            }
        case .document:
            throw RuntimeError.invalidInput(
                "The remote model takes tensors.", hint: "Send columns or tensors as its signature names them.")
        }
        return .compact(["inputs": .array(tensors), "parameters": parameters])
    }

    private func column(_ column: Column, rowCount: Int) throws -> JSON {
        let rank = inputs.first { $0.name == column.name }?.shape.count ?? 1
        let shape = rank == 2 ? [rowCount, 1] : [rowCount]
        return try tensor(column.name, shape, (0..<rowCount).map(column.json))
    }

    private func tensor(_ name: String?, _ shape: [Int], _ cells: [JSON]) throws -> JSON {
        guard let input = name.map({ name in inputs.first { $0.name == name } }) ?? inputs.first else {
            throw RuntimeError.invalidInput("The remote model takes no '\(name ?? "")'.")
        }
        let data = try cells.map { cell in
            guard case .double(let number) = cell, !number.isFinite else { return cell }
            guard number.isNaN else {
                throw RuntimeError.invalidInput("'\(input.name)' holds an infinite number, which JSON cannot say.")
            }
            return .null
        }
        return [
            "name": .string(input.name), "shape": .array(shape.map { .integer(Int64($0)) }),
            "datatype": .string(input.datatype), "data": .array(data),
        ]
    }

    // MARK: Answer

    func output(_ answer: JSON, for input: ModelInput) throws -> ModelOutput {
        guard let outputs = answer["outputs"]?.arrayValue, !outputs.isEmpty else {
            throw NonsenseAnswer(what: "it has no outputs")
        }
        let tensors = try outputs.map(Self.tensor)
        if tensors.count == 1 { return .tensor(tensors[0]) }
        if case .table = input { return .tensors(tensors, as: .records) }
        return .tensors(tensors, as: .object)
    }

    private static func tensor(_ json: JSON) throws -> Tensor {
        guard let description = Description(json), let data = json["data"], description.shape.allSatisfy({ $0 >= 0 })
        else { throw NonsenseAnswer(what: "an output lacks its name, datatype, shape or data") }
        var cells: [JSON] = []
        func collect(_ json: JSON) {
            guard let elements = json.arrayValue else { return cells.append(json) }
            for element in elements { collect(element) }
        }
        collect(data)
        let count = description.shape.reduce((1, false)) { product, length in
            let (value, overflow) = product.0.multipliedReportingOverflow(by: length)
            return (value, product.1 || overflow)
        }
        guard !count.1, count.0 == cells.count else {
            throw NonsenseAnswer(
                what: "'\(description.name)' of shape \(description.shape) holds \(cells.count) values")
        }
        guard let values = description.columnType.flatMap({ Values(cells, type: $0) }) else {
            throw NonsenseAnswer(what: "'\(description.name)' holds values that are not \(description.datatype)")
        }
        return Tensor(name: description.name, shape: description.shape, values: values)
    }
}

extension OpenInferenceDialect.Description {
    init?(_ json: JSON) {
        guard let name = json["name"]?.stringValue, let datatype = json["datatype"]?.stringValue,
            let lengths = json["shape"]?.arrayValue
        else { return nil }
        let shape = lengths.compactMap { $0.integerValue.flatMap { Int(exactly: $0) } }
        guard shape.count == lengths.count else { return nil }
        self.init(name: name, datatype: datatype, shape: shape)
    }

    /// The type that holds all values of the datatype; nil for 16-bit floats, which JSON has no form for.
    var columnType: ColumnType? {
        switch datatype {
        case "BOOL": .boolean
        case "INT8", "INT16", "INT32", "UINT8", "UINT16": .integer
        case "INT64", "UINT32", "UINT64": .long
        case "FP32": .float
        case "FP64": .double
        case "BYTES": .string
        default: nil
        }
    }

    fileprivate var column: JSON {
        ["type": .string(columnType?.rawValue ?? ""), "name": .string(name), "required": true]
    }

    fileprivate var tensor: JSON {
        let type = TensorType.allCases.first { $0.columnType == columnType }
        return [
            "type": "tensor", "name": .string(name),
            "tensor-spec": [
                "dtype": .string(type?.rawValue ?? datatype), "shape": .array(shape.map { .integer(Int64($0)) }),
            ],
        ]
    }
}

extension Values {
    /// - Returns: nil when a cell is not of the type. A missing number is NaN.
    fileprivate init?(_ cells: [JSON], type: ColumnType) {
        func all<Element>(_ element: (JSON) -> Element?) -> [Element]? {
            let elements = cells.compactMap(element)
            return elements.count == cells.count ? elements : nil
        }
        func number(_ cell: JSON) -> Double? { cell == .null ? .nan : cell.doubleValue }
        let values: Values? =
            switch type {
            case .boolean: all { $0.boolValue ?? $0.integerValue.map { $0 != 0 } }.map(Values.bools)
            case .integer: all { $0.integerValue.flatMap { Int32(exactly: $0) } }.map(Values.int32s)
            case .long: all(\.integerValue).map(Values.int64s)
            case .float: all { number($0).map { Float($0) } }.map(Values.floats)
            case .double: all(number).map(Values.doubles)
            case .string: all { $0 == .null ? "" : $0.stringValue }.map(Values.strings)
            }
        guard let values else { return nil }
        self = values
    }
}
