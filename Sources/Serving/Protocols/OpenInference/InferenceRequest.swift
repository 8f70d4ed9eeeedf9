import NIOCore
import OrderedCollections
import Runtimes
import Wire

/// A request of the Open Inference Protocol, taken apart as far as that needs no model.
struct InferenceRequest {
    /// An output that is asked for.
    struct Output {
        let name: String
        /// Whether its data is wanted as raw bytes; nil to go by the request.
        let isBinary: Bool?
        /// How many of the highest values are wanted, as texts `value:index`; nil for the tensor itself.
        let classes: Int?
    }

    private enum Inputs {
        case tensors([SentTensor])
        /// A body that is nothing but the data of the only input.
        case raw(ByteBuffer)
    }

    let id: String?
    let parameters: JSON.Object
    /// Empty for all there are.
    let outputs: [Output]
    /// Whether outputs are wanted as raw bytes that do not say it themselves.
    let wantsBinary: Bool
    private let inputs: Inputs

    /// - Parameter raw: the bytes behind the JSON; nil when there are none.
    /// - Throws: `ServingError` or `FieldProblem` in a 4xx.
    init(json: JSON, raw: ByteBuffer? = nil) throws {
        let fields = try Fields(json)
        id = try fields.optionalString("id")
        let options = try fields.optionalObject("parameters")
        parameters = options?.members ?? [:]
        wantsBinary = try options?.optionalBool("binary_data_output") ?? false
        outputs = try fields.objects("outputs").map(Output.init)
        var raw = raw
        let sent = try fields.objects("inputs").enumerated().map { index, fields in
            try SentTensor(fields, index: index, raw: &raw)
        }
        guard !sent.isEmpty else { throw FieldProblem.missing("inputs") }
        if let rest = raw?.readableBytes, rest > 0 {
            throw ServingError(.invalidParameterValue, "The body has \(rest) bytes that no input says are its data.")
        }
        inputs = .tensors(sent)
    }

    /// A body that is nothing but the data of the only input.
    init(data: ByteBuffer) {
        id = nil
        parameters = [:]
        outputs = []
        wantsBinary = true
        inputs = .raw(data)
    }

    /// A request of which the rows have been read already.
    init(id: String?) {
        self.id = id
        parameters = [:]
        outputs = []
        wantsBinary = false
        inputs = .tensors([])
    }

    /// - Throws: `ServingError`, `RuntimeError` in a 4xx when it is not what the model takes.
    func request(for signature: ModelSignature?) throws -> PredictionRequest {
        let input = try input(for: signature)
        return PredictionRequest(
            input: input,
            parameters: try ModelParameters(signature)?.values(sent: parameters.isEmpty ? nil : parameters))
    }

    /// Whom the request is about, when one of its tensors says so.
    func unit(named key: String) throws -> String? {
        guard case .tensors(let sent) = inputs, let tensor = sent.first(where: { $0.name == key }) else { return nil }
        return try SentUnits.common(key, try tensor.cells())
    }

    private func input(for signature: ModelSignature?) throws -> ModelInput {
        switch signature?.inputs {
        case .columns(let columns): return .table(try Self.batch(try sent(columns[0], of: columns.count), columns))
        case .tensors(let specs): return .tensors(try Self.tensors(try sent(specs[0], of: specs.count), specs))
        case .other, nil:
            throw ServingError(
                .invalidParameterValue, "The model's signature does not say which tensors it takes.",
                hint: "POST the input to /endpoints/NAME/invocations, or log the model with a signature.")
        }
    }

    // MARK: Raw input

    private func sent(_ column: ColumnSpec, of count: Int) throws -> [SentTensor] {
        try sent(name: column.name, Datatype(column.type), shape: [-1], of: count)
    }

    private func sent(_ spec: TensorSpec, of count: Int) throws -> [SentTensor] {
        try sent(name: spec.name, Datatype(spec.type.columnType), shape: spec.shape, of: count)
    }

    private func sent(name: String?, _ datatype: Datatype, shape: [Int], of count: Int) throws -> [SentTensor] {
        guard case .raw(let data) = inputs else {
            guard case .tensors(let sent) = inputs else { return [] }
            return sent
        }
        guard count == 1 else {
            throw ServingError(
                .invalidParameterValue, "A body without JSON is the data of one input; the model takes \(count).",
                hint: "Say how long the JSON is in the header Inference-Header-Content-Length.")
        }
        let name = name ?? "input-0"
        guard let size = datatype.sizeBytes else {
            let text = String(buffer: data)
            return [SentTensor(name: name, shape: [1], datatype: datatype, elements: .values(.strings([text])))]
        }
        let fixed = shape.filter { $0 != -1 }.reduce(1, *)
        guard shape.count(where: { $0 == -1 }) <= 1, fixed > 0 else {
            throw ServingError(
                .invalidParameterValue, "The shape \(shape) of the input cannot be told from the length of its data.")
        }
        let whole = shape.map { $0 == -1 ? data.readableBytes / size / fixed : $0 }
        let values = try SentTensor.values(name, datatype, whole, data)
        return [SentTensor(name: name, shape: whole, datatype: datatype, elements: .values(values))]
    }

    // MARK: Columns

    /// A tensor a column; or one tensor of two dimensions whose columns are the model's, in order.
    private static func batch(_ sent: [SentTensor], _ columns: [ColumnSpec]) throws -> Batch {
        if let only = sent.first, sent.count == 1, only.shape.count == 2, only.shape[1] == columns.count,
            columns.count > 1 || only.name != columns[0].name
        {
            return try batch(table: only, columns)
        }
        for tensor in sent where tensor.shape.count != 1 && !(tensor.shape.count == 2 && tensor.shape[1] == 1) {
            throw ServingError(
                .invalidParameterValue,
                "Tensor '\(tensor.name)' has the shape \(tensor.shape); a column has [n] or [n, 1], and a table of all "
                    + "columns [n, \(columns.count)].")
        }
        return try Batch(columns: try sent.map { ($0.name, try $0.cells()) }, signature: columns)
    }

    private static func batch(table: SentTensor, _ columns: [ColumnSpec]) throws -> Batch {
        let rowCount = table.shape[0]
        if let batch = typedBatch(table: table, columns) { return batch }
        let cells = try table.cells()
        var builder = try BatchBuilder(columns: columns.map { ColumnSpec(name: nil, type: $0.type) }, sent: nil)
        for row in 0..<rowCount {
            try builder.append(row: Array(cells[row * columns.count..<(row + 1) * columns.count]))
        }
        let named = zip(columns, builder.batch.columns).map { spec, column in
            Column(name: spec.name ?? column.name, values: column.values, validity: column.validity)
        }
        return Batch(rowCount: rowCount, columns: named)
    }

    /// Raw numbers in the type of all columns, without a look at each.
    private static func typedBatch(table: SentTensor, _ columns: [ColumnSpec]) -> Batch? {
        guard let type = columns.first?.type, columns.allSatisfy({ $0.type == type }),
            case .doubles(let values) = table.values(as: type)
        else { return nil }
        let named = columns.enumerated().map { index, spec in
            let column = stride(from: index, to: values.count, by: columns.count).map { values[$0] }
            return Column(name: spec.name ?? String(index), values: .doubles(column))
        }
        return Batch(rowCount: table.shape[0], columns: named)
    }

    // MARK: Tensors

    private static func tensors(_ sent: [SentTensor], _ specs: [TensorSpec]) throws -> [Tensor] {
        if specs.count == 1, specs[0].name == nil {
            guard sent.count == 1 else {
                throw ServingError(
                    .invalidParameterValue, "The model takes one tensor; the request has \(sent.count).")
            }
            return [try tensor(sent[0], specs[0])]
        }
        return try specs.map { spec in
            guard let tensor = sent.first(where: { $0.name == spec.name }) else {
                throw ServingError(
                    .invalidParameterValue, "The model needs the tensor '\(spec.name ?? "")', which the request lacks.")
            }
            return try Self.tensor(tensor, spec)
        }
    }

    private static func tensor(_ sent: SentTensor, _ spec: TensorSpec) throws -> Tensor {
        let isFitting =
            sent.shape.count == spec.shape.count && zip(sent.shape, spec.shape).allSatisfy { $1 == -1 || $0 == $1 }
        if isFitting, let values = sent.values(as: spec.type.columnType) {
            return Tensor(name: spec.name, shape: sent.shape, values: values)
        }
        return try Tensor(.array(try sent.cells()), shape: sent.shape, for: spec)
    }
}

extension InferenceRequest.Output {
    fileprivate init(_ fields: Fields) throws {
        let options = try fields.optionalObject("parameters")
        let classes = try options?.optionalInteger("classification")
        guard classes ?? 0 >= 0, classes ?? 0 <= 1_000_000 else {
            throw FieldProblem.invalid(
                "classification", .integer(classes ?? 0), expected: "number of classes, 0 or more")
        }
        self.init(
            name: try fields.string("name"), isBinary: try options?.optionalBool("binary_data"),
            classes: classes == 0 ? nil : classes.map(Int.init))
    }
}
