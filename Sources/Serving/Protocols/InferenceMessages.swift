import OrderedCollections
import Predictions
import Runtimes
import Wire

/// The bodies of the Open Inference Protocol, version 2, with tensors as JSON.
/// https://github.com/kserve/open-inference-protocol
enum InferenceMessages {
    // MARK: Request

    /// - Throws: `ServingError`, `RuntimeError` or `FieldProblem` in a 4xx.
    static func request(json: JSON, signature: ModelSignature?) throws -> PredictionRequest {
        let fields = try Fields(json)
        let sent = try fields.objects("inputs").enumerated().map { index, fields in
            try SentTensor(fields, index: index)
        }
        guard !sent.isEmpty else { throw FieldProblem.missing("inputs") }
        switch signature?.inputs {
        case .columns(let columns): return PredictionRequest(input: .table(try batch(sent, columns)))
        case .tensors(let specs): return PredictionRequest(input: .tensors(try tensors(sent, specs)))
        case .other, nil:
            throw ServingError(
                .invalidParameterValue, "The model's signature does not say which tensors it takes.",
                hint: "POST the input to /endpoints/NAME/invocations, or log the model with a signature.")
        }
    }

    /// A tensor a column; or one tensor of two dimensions whose columns are the model's, in order.
    private static func batch(_ sent: [SentTensor], _ columns: [ColumnSpec]) throws -> Batch {
        if let only = sent.first, sent.count == 1, only.shape.count == 2, only.shape[1] == columns.count,
            columns.count > 1 || only.name != columns[0].name
        {
            let cells = try only.cells()
            var builder = try BatchBuilder(columns: columns.map(\.byPosition), sent: nil)
            for row in 0..<only.shape[0] {
                try builder.append(row: Array(cells[row * columns.count..<(row + 1) * columns.count]))
            }
            let batch = builder.batch
            let named = zip(columns, batch.columns).map { spec, column in
                Column(name: spec.name ?? column.name, values: column.values, validity: column.validity)
            }
            return Batch(rowCount: batch.rowCount, columns: named)
        }
        for tensor in sent where tensor.shape.count != 1 && !(tensor.shape.count == 2 && tensor.shape[1] == 1) {
            throw ServingError(
                .invalidParameterValue,
                "Tensor '\(tensor.name)' has the shape \(tensor.shape); a column has [n] or [n, 1], and a table of all "
                    + "columns [n, \(columns.count)].")
        }
        return try Batch(columns: try sent.map { ($0.name, try $0.cells()) }, signature: columns)
    }

    private static func tensors(_ sent: [SentTensor], _ specs: [TensorSpec]) throws -> [Tensor] {
        if specs.count == 1, specs[0].name == nil {
            guard sent.count == 1 else {
                throw ServingError(
                    .invalidParameterValue, "The model takes one tensor; the request has \(sent.count).")
            }
            return [try Tensor(.array(try sent[0].cells()), shape: sent[0].shape, for: specs[0])]
        }
        return try specs.map { spec in
            guard let tensor = sent.first(where: { $0.name == spec.name }) else {
                throw ServingError(
                    .invalidParameterValue, "The model needs the tensor '\(spec.name ?? "")', which the request lacks.")
            }
            return try Tensor(.array(try tensor.cells()), shape: tensor.shape, for: spec)
        }
    }

    // MARK: Answer

    static func answer(_ answer: Predictor.Answer, endpoint: String, id: String?) -> JSON {
        .compact([
            "model_name": .string(endpoint), "model_version": .string(String(answer.version.version)),
            "id": (id ?? answer.id?.text).map(JSON.string), "outputs": .array(outputs(answer)),
        ])
    }

    private static func outputs(_ answer: Predictor.Answer) -> [JSON] {
        if case .tensor(let tensor) = answer.output {
            let name = tensor.name ?? answer.signature?.outputs?.firstName ?? "output-0"
            let data = (0..<tensor.values.count).map { tensor.values.json(at: $0).finite }
            return [output(name, tensor.values.type.datatype, tensor.shape, data)]
        }
        let rows = answer.output.predictions?.arrayValue ?? [answer.output.predictions ?? .null]
        guard let first = rows.first?.objectValue else {
            return [output("output-0", datatype(of: rows), [rows.count], rows.map(\.element))]
        }
        return first.keys.map { name in
            let cells = rows.map { $0[name] ?? .null }
            return output(name, datatype(of: cells), [cells.count], cells.map(\.element))
        }
    }

    private static func output(_ name: String, _ datatype: String, _ shape: [Int], _ data: [JSON]) -> JSON {
        [
            "name": .string(name), "datatype": .string(datatype),
            "shape": .array(shape.map { .integer(Int64($0)) }), "data": .array(data),
        ]
    }

    /// The narrowest datatype that holds all cells.
    private static func datatype(of cells: [JSON]) -> String {
        let kinds = Set(cells.map(\.kindName))
        if kinds == ["boolean"] { return "BOOL" }
        guard kinds.isSubset(of: ["number", "null"]) else { return "BYTES" }
        let isWhole = cells.allSatisfy { if case .integer = $0 { true } else { false } }
        return isWhole ? "INT64" : "FP64"
    }

    // MARK: Metadata

    static func metadata(endpoint: String, deployment: Deployment) -> JSON {
        let signature = deployment.runtime.signature
        return .compact([
            "name": .string(endpoint), "versions": [.string(String(deployment.version.version))],
            "platform": .string("mlflow_\(deployment.runtime.name)"),
            "inputs": .array(signature?.inputs.metadata ?? []),
            "outputs": .array(signature?.outputs?.metadata ?? []),
        ])
    }
}

extension ColumnSpec {
    fileprivate var byPosition: ColumnSpec { ColumnSpec(name: nil, type: type) }
}

extension ColumnType {
    fileprivate var datatype: String {
        switch self {
        case .boolean: "BOOL"
        case .integer: "INT32"
        case .long: "INT64"
        case .float: "FP32"
        case .double: "FP64"
        case .string: "BYTES"
        }
    }
}

extension ModelSignature.Shape {
    fileprivate var metadata: [JSON] {
        switch self {
        case .columns(let columns):
            columns.enumerated().map { index, column in
                tensor(column.name ?? String(index), column.type.datatype, [-1])
            }
        case .tensors(let tensors):
            tensors.enumerated().map { index, spec in
                tensor(spec.name ?? "tensor-\(index)", spec.type.columnType.datatype, spec.shape)
            }
        case .other: []
        }
    }

    fileprivate var firstName: String? {
        switch self {
        case .columns(let columns): columns.first?.name
        case .tensors(let tensors): tensors.first?.name
        case .other: nil
        }
    }

    private func tensor(_ name: String, _ datatype: String, _ shape: [Int]) -> JSON {
        [
            "name": .string(name), "datatype": .string(datatype),
            "shape": .array(shape.map { .integer(Int64($0)) }),
        ]
    }
}

extension JSON {
    /// An element of a tensor: what is no scalar as its text.
    fileprivate var element: JSON {
        switch self {
        case .array, .object: .string(text)
        default: finite
        }
    }
}
