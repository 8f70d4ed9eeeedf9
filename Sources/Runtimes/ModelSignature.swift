package import Wire

/// What a model takes and gives, as its MLmodel file declares it.
package struct ModelSignature: Sendable, Hashable {
    package enum Shape: Sendable, Hashable {
        case columns([ColumnSpec])
        case tensors([TensorSpec])
        /// Lists, objects, maps, dates, bytes: types that only MLflow's own code takes apart.
        case other
    }

    package let inputs: Shape
    /// Nil when the model does not say.
    package let outputs: Shape?
    /// Whether the model takes parameters beside its input.
    package let hasParameters: Bool
    /// The three parts as MLflow writes them.
    package let json: JSON

    /// - Parameters:
    ///   - json: `inputs`, `outputs` and `params`, each null or a JSON text.
    ///   - isTypedByHints: whether the model takes its input by Python type hints, which only MLflow's code understands.
    /// - Returns: nil when the signature says nothing of the inputs.
    package init?(json: JSON, isTypedByHints: Bool) throws {
        guard let inputs = try Self.part("inputs", of: json) else { return nil }
        let outputs = try Self.part("outputs", of: json)
        let params = try Self.part("params", of: json)
        self.inputs = isTypedByHints ? .other : Shape(inputs)
        self.outputs = outputs.map(Shape.init)
        hasParameters = params?.arrayValue?.isEmpty == false
        self.json = .compact(["inputs": inputs, "outputs": outputs, "params": params])
    }

    /// The signature that a model's description, its file `MLmodel`, has; nil when it has none.
    package init?(description: JSON) throws {
        let isTypedByHints = ["is_signature_from_type_hint", "type_hint_from_example"].contains {
            description[$0]?.boolValue == true
        }
        guard let json = description["signature"] else { return nil }
        try self.init(json: json, isTypedByHints: isTypedByHints)
    }

    private static func part(_ name: String, of json: JSON) throws -> JSON? {
        guard let part = json[name], part != .null else { return nil }
        guard let text = part.stringValue else { return part }
        return try JSON.parse(text)
    }
}

extension ModelSignature.Shape {
    init(_ json: JSON) {
        let parts = json.arrayValue ?? []
        let columns = parts.compactMap(ColumnSpec.init(json:))
        let tensors = parts.compactMap(TensorSpec.init(json:))
        if parts.isEmpty {
            self = .other
        } else if columns.count == parts.count {
            self = .columns(columns)
        } else if tensors.count == parts.count {
            self = .tensors(tensors)
        } else {
            self = .other
        }
    }
}

/// A column that a model takes or gives.
package struct ColumnSpec: Sendable, Hashable {
    /// Nil when the signature goes by position.
    package let name: String?
    package let type: ColumnType
    package let isRequired: Bool

    package init(name: String?, type: ColumnType, isRequired: Bool = true) {
        self.name = name
        self.type = type
        self.isRequired = isRequired
    }

    init?(json: JSON) {
        guard let type = json["type"]?.stringValue.flatMap(ColumnType.init(rawValue:)) else { return nil }
        self.init(name: json["name"]?.stringValue, type: type, isRequired: json["required"]?.boolValue ?? true)
    }
}

/// A tensor that a model takes or gives.
package struct TensorSpec: Sendable, Hashable {
    /// Nil when it is the only one and has no name.
    package let name: String?
    package let type: TensorType
    /// -1 stands for any length.
    package let shape: [Int]

    package init(name: String?, type: TensorType, shape: [Int]) {
        self.name = name
        self.type = type
        self.shape = shape
    }

    init?(json: JSON) {
        guard json["type"]?.stringValue == "tensor", let spec = json["tensor-spec"],
            let type = spec["dtype"]?.stringValue.flatMap(TensorType.init(rawValue:)),
            let shape = spec["shape"]?.arrayValue?.compactMap({ $0.integerValue.flatMap { Int(exactly: $0) } })
        else { return nil }
        self.init(name: json["name"]?.stringValue, type: type, shape: shape)
    }
}
