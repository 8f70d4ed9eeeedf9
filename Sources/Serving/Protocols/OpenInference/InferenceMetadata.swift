import Runtimes
import Wire

/// What the Open Inference Protocol says of a model.
enum InferenceMetadata {
    /// - Parameter versions: all versions that can be asked for.
    static func json(endpoint: String, versions: [Int], runtime: any ModelRuntime) -> JSON {
        let signature = runtime.signature
        return .compact([
            "name": .string(endpoint), "versions": .array(versions.map { .string(String($0)) }),
            "platform": .string("mlflow_\(runtime.name)"),
            "inputs": .array(signature?.inputs.metadata("input") ?? []),
            "outputs": .array(signature?.outputs?.metadata("output") ?? []),
        ])
    }
}

extension ModelSignature.Shape {
    /// What outputs are called in answers; those without a name by their place.
    var names: [String] {
        switch self {
        case .columns(let columns): columns.enumerated().map { $1.name ?? "output-\($0)" }
        case .tensors(let specs): specs.enumerated().map { $1.name ?? "output-\($0)" }
        case .other: []
        }
    }

    /// - Parameter side: `input` or `output`, for what has no name.
    fileprivate func metadata(_ side: String) -> [JSON] {
        switch self {
        case .columns(let columns):
            columns.enumerated().map { index, column in
                tensor(column.name ?? "\(side)-\(index)", Datatype(column.type), [-1])
            }
        case .tensors(let specs):
            specs.enumerated().map { index, spec in
                tensor(spec.name ?? "\(side)-\(index)", Datatype(spec.type.columnType), spec.shape)
            }
        case .other: []
        }
    }

    private func tensor(_ name: String, _ datatype: Datatype, _ shape: [Int]) -> JSON {
        [
            "name": .string(name), "datatype": .string(datatype.rawValue),
            "shape": .array(shape.map { .integer(Int64($0)) }),
        ]
    }
}
