/// How the inputs of a request become those of an ONNX model, as MLflow's `onnx` flavour maps them: a table is the one
/// input of a model that has one, and a column an input of a model that has several; 64-bit floats become 32-bit ones
/// where the model takes those, and nothing else is converted.
struct ONNXFeeds: Sendable {
    private enum Plan: Sendable {
        /// All columns of a table side by side, as elements of `type`.
        case matrix(name: String, type: ColumnType)
        /// A column an input, each [rows] or [rows, 1].
        case columns([ONNXSession.Input])
        /// The one tensor of a request, whatever its name.
        case only(ONNXSession.Input)
        case named([ONNXSession.Input])
    }

    private let plan: Plan

    /// - Returns: nil where MLflow's own code should decide: the types do not fit, or a table holds texts beside numbers.
    init?(inputs: [ONNXSession.Input], signature: ModelSignature) {
        guard !signature.hasParameters, let first = inputs.first else { return nil }
        switch signature.inputs {
        case .columns(let columns) where inputs.count == 1:
            let types = columns.map(\.type)
            guard let type = ColumnType.common(types), first.rank == 2, Self.takes(first, type) else { return nil }
            plan = .matrix(name: first.name, type: type == .double && first.type == .float ? .float : type)
        case .columns(let columns):
            let fits = inputs.allSatisfy { input in
                columns.contains { $0.name == input.name && Self.takes(input, $0.type) } && [1, 2].contains(input.rank)
            }
            guard fits else { return nil }
            plan = .columns(inputs)
        case .tensors(let specs) where specs.count == 1 && specs[0].name == nil:
            guard inputs.count == 1, Self.takes(first, specs[0].type.columnType) else { return nil }
            plan = .only(first)
        case .tensors(let specs):
            let fits = inputs.allSatisfy { input in
                specs.contains { $0.name == input.name && Self.takes(input, $0.type.columnType) }
            }
            // MLflow hands every tensor on, and the library refuses names that it does not know.
            guard fits, specs.count == inputs.count else { return nil }
            plan = .named(inputs)
        case .other: return nil
        }
    }

    private static func takes(_ input: ONNXSession.Input, _ type: ColumnType) -> Bool {
        input.type == type.onnx || (type == .double && input.type == .float)
    }

    /// How MLflow lays the answer to such an input out.
    var layout: TensorLayout {
        switch plan {
        case .matrix, .columns: .records
        case .only, .named: .object
        }
    }

    /// - Throws: `RuntimeError` in a 4xx when the request lacks an input or a text.
    func tensors(of input: ModelInput) throws -> [Tensor] {
        switch (plan, input) {
        case (.matrix(let name, let type), .table(let batch)):
            for column in batch.columns { try Self.requireTexts(column) }
            return [
                Tensor(
                    name: name, shape: [batch.rowCount, batch.columns.count],
                    values: Values(rowMajor: batch.columns.map(\.values), rowCount: batch.rowCount, as: type))
            ]
        case (.columns(let inputs), .table(let batch)): return try inputs.map { try Self.column($0, of: batch) }
        case (.only(let input), .tensors(let tensors)) where tensors.count == 1:
            return [Self.tensor(tensors[0], for: input)]
        case (.named(let inputs), .tensors(let tensors)):
            return try inputs.map { input in
                guard let tensor = tensors.first(where: { $0.name == input.name }) else {
                    throw Self.missing(input, kind: "tensor")
                }
                return Self.tensor(tensor, for: input)
            }
        default: throw RuntimeError.invalidInput("The model takes its input in the form that its signature says.")
        }
    }

    private static func column(_ input: ONNXSession.Input, of batch: Batch) throws -> Tensor {
        guard let column = batch.columns.first(where: { $0.name == input.name }) else {
            throw missing(input, kind: "column")
        }
        try requireTexts(column)
        // Converted scikit-learn pipelines take [rows, 1], which MLflow's own [rows] does not fit.
        let shape = input.rank == 2 ? [batch.rowCount, 1] : [batch.rowCount]
        return tensor(Tensor(shape: shape, values: column.values), for: input)
    }

    private static func tensor(_ tensor: Tensor, for input: ONNXSession.Input) -> Tensor {
        var values = tensor.values
        if case .doubles(let doubles) = values, input.type == .float { values = .floats(doubles.map(Float.init)) }
        return Tensor(name: input.name, shape: tensor.shape, values: values)
    }

    private static func missing(_ input: ONNXSession.Input, kind: String) -> RuntimeError {
        .invalidInput("The model needs the \(kind) '\(input.name)', which the request lacks.")
    }

    /// A tensor of ONNX has a text in every place.
    private static func requireTexts(_ column: Column) throws {
        guard let row = column.validity?.firstIndex(of: false) else { return }
        throw RuntimeError.invalidInput(
            "Column '\(column.name)', row \(row): the text is missing, and the model cannot take a missing one.",
            hint: "Send the text that stood for missing ones in training, such as an empty one.")
    }
}

extension ColumnType {
    /// The type that numpy gives an array of all these columns; nil where it falls back to arrays of objects.
    fileprivate static func common(_ types: [ColumnType]) -> ColumnType? {
        let kinds = Set(types)
        if kinds.count == 1 { return kinds.first }
        guard !kinds.isEmpty, kinds.isDisjoint(with: [.string, .boolean]) else { return nil }
        return kinds == [.integer, .long] ? .long : .double
    }
}

extension Values {
    /// Columns side by side, row after row, as elements of one type that holds them all.
    fileprivate init(rowMajor columns: [Values], rowCount: Int, as type: ColumnType) {
        func elements<Element>(_ element: (Values, Int) -> Element?) -> [Element] {
            var elements: [Element] = []
            elements.reserveCapacity(rowCount * columns.count)
            for row in 0..<rowCount {
                for column in columns { if let value = element(column, row) { elements.append(value) } }
            }
            return elements
        }
        switch type {
        case .float: self = .floats(elements { $0.double(at: $1).map(Float.init) })
        case .double: self = .doubles(elements { $0.double(at: $1) })
        case .long: self = .int64s(elements { $0.integer(at: $1) })
        case .integer: self = .int32s(elements { $0.integer(at: $1).map(Int32.init(truncatingIfNeeded:)) })
        case .boolean: self = .bools(elements { $0.double(at: $1).map { $0 != 0 } })
        case .string: self = .strings(elements { if case .strings(let texts) = $0 { texts[$1] } else { nil } })
        }
    }

    private func integer(at index: Int) -> Int64? {
        switch self {
        case .int32s(let values): Int64(values[index])
        case .int64s(let values): values[index]
        case .bools, .floats, .doubles, .strings: nil
        }
    }
}
