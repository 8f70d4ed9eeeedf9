import Runtimes
import Wire

/// What a request asks of a model, whatever protocol it came by.
struct PredictionRequest: Sendable {
    let input: ModelInput
    /// What is passed beside the input; an object, or nil.
    var parameters: JSON?

    /// How many predictions it asks for.
    var rowCount: Int {
        switch input {
        case .table(let batch): batch.rowCount
        case .tensors(let tensors): tensors.commonLength ?? 1
        case .document: 1
        }
    }
}

extension [Tensor] {
    /// How many rows all of them have; nil when they differ or one is a scalar, for which a row means nothing.
    fileprivate var commonLength: Int? {
        let lengths = Set(map(\.shape.first))
        return lengths.count == 1 ? lengths.first ?? nil : nil
    }
}

extension JSONWriter {
    /// Writes predictions as MLflow does, numbers that are not finite as bare literals.
    mutating func write(predictions output: ModelOutput) {
        if case .tensor(let tensor) = output, tensor.shape.count == 1, case .doubles(let values) = tensor.values {
            raw("[")
            for (index, value) in values.enumerated() {
                if index > 0 { raw(",") }
                write(value)
            }
            raw("]")
        } else {
            write(output.predictions ?? .null)
        }
    }
}
