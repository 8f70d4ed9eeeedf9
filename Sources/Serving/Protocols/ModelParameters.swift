import OrderedCollections
import Runtimes
import Wire

/// What a model takes beside its input, as its signature declares it.
struct ModelParameters {
    fileprivate struct Spec {
        let name: String
        let type: String
        let defaultValue: JSON
        /// Whether it takes a list.
        let isList: Bool
    }

    private let specs: [Spec]

    /// - Returns: nil when the model takes none.
    init?(_ signature: ModelSignature?) {
        let parts = signature?.json["params"]?.arrayValue ?? []
        specs = parts.compactMap { part in
            guard let name = part["name"]?.stringValue, let type = part["type"]?.stringValue else { return nil }
            return Spec(
                name: name, type: type, defaultValue: part["default"] ?? .null,
                isList: part["shape"]?.arrayValue != nil)
        }
        // Types of which this code knows nothing are Python's business.
        guard !specs.isEmpty, specs.count == parts.count else { return nil }
    }

    /// Every parameter of the model with its value: what was sent, else its default. Others are left out, as MLflow does.
    /// - Throws: `ServingError` that names the one that has another type.
    func values(sent: JSON.Object?) throws -> JSON {
        .members(
            try specs.map { spec in
                guard let value = sent?[spec.name] else { return (spec.name, spec.defaultValue) }
                guard spec.isList else { return (spec.name, try spec.scalar(value)) }
                guard let elements = value.arrayValue else { throw spec.refusal(value) }
                return (spec.name, .array(try elements.map(spec.scalar)))
            })
    }
}

extension ModelParameters.Spec {
    /// Whole numbers widen to those with a fraction; nothing else is converted.
    fileprivate func scalar(_ value: JSON) throws -> JSON {
        switch (type, value) {
        case ("double", .double), ("float", .double), ("long", .integer), ("boolean", .bool), ("string", .string):
            return value
        case ("double", .integer(let number)), ("float", .integer(let number)): return .double(Double(number))
        case ("integer", .integer(let number)) where Int32(exactly: number) != nil: return value
        case ("datetime", .string),
            (_, .null):
            return value
        case ("boolean", _), ("integer", _), ("long", _), ("double", _), ("float", _), ("string", _):
            throw refusal(value)
        default: return value
        }
    }

    fileprivate func refusal(_ value: JSON) -> ServingError {
        ServingError(
            .invalidParameterValue,
            "Parameter '\(name)': \(value.excerpt(80)) is not \(isList ? "a list of values" : "a value") of type \(type)."
        )
    }
}
