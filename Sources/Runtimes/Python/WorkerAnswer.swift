import NIOCore
import OrderedCollections
import Wire

/// What a worker says of a model that it has loaded.
struct LoadedModel: Sendable, Equatable {
    /// How much memory the process takes, when it is watched.
    let memoryBytes: Int?
    /// Whether the model is known to answer each row by itself.
    let isRowWise: Bool
    /// Whether a table of all columns of the signature, of their types and without gaps, need not be described.
    let takesPlainTables: Bool

    init(_ frame: WorkerFrame) {
        memoryBytes = frame.memoryBytes
        isRowWise = frame.header["row_wise"]?.boolValue == true
        takesPlainTables = frame.header["plain"]?.boolValue == true
    }
}

/// What a worker's frame says.
enum WorkerAnswer: Sendable, Equatable {
    case loaded(LoadedModel)
    case output(ModelOutput)
    /// The model, or Python, refused: the last line of the exception.
    case refused(String)
    /// There was not enough memory.
    case exhausted(String)

    /// - Throws: `RuntimeError` for a frame that is none of these.
    init(_ frame: WorkerFrame) throws {
        let header = frame.header
        guard let ok = header["ok"]?.boolValue else { throw Self.nonsense }
        guard ok else {
            let reason = header["error"]?.stringValue ?? "no reason given"
            self = header["exhausted"]?.boolValue == true ? .exhausted(reason) : .refused(reason)
            return
        }
        switch header["kind"]?.stringValue {
        case nil: self = .loaded(LoadedModel(frame))
        case "tensor": self = .output(.tensor(try Self.tensor(frame)))
        case "json": self = .output(.json(header["predictions"] ?? .null))
        case "document": self = .output(Self.document(header["document"] ?? .null))
        default: throw Self.nonsense
        }
    }

    private static let nonsense = RuntimeError(.unavailable, "The worker sent an answer that makes no sense.")

    /// MLflow wraps what it answers to its own payloads, and only to those.
    private static func document(_ document: JSON) -> ModelOutput {
        if let members = document.objectValue, members.count == 1, let predictions = members["predictions"] {
            return .json(predictions)
        }
        return .document(document)
    }

    private static func tensor(_ frame: WorkerFrame) throws -> Tensor {
        let shape = frame.header["shape"]?.arrayValue?.compactMap { $0.integerValue.flatMap { Int(exactly: $0) } }
        guard let type = frame.header["type"]?.stringValue.flatMap(TensorType.init(rawValue:)), let shape,
            shape.allSatisfy({ $0 >= 0 })
        else { throw nonsense }
        let size = shape.reduce(type.sizeBytes) { $0.multipliedReportingOverflow(by: $1).partialValue }
        guard size == frame.values.readableBytes else { throw nonsense }
        return Tensor(shape: shape, values: frame.values.values(of: type))
    }
}

extension WorkerFrame {
    /// How much memory the worker that sent it takes; nil when it does not say.
    var memoryBytes: Int? {
        header["memory"]?.integerValue.flatMap { Int(exactly: $0) }
    }
}

extension TensorType {
    fileprivate var sizeBytes: Int {
        switch self {
        case .bool: 1
        case .int32, .float32: 4
        case .int64, .float64: 8
        }
    }
}

extension ByteBuffer {
    fileprivate func values(of type: TensorType) -> Values {
        switch type {
        case .bool: .bools(readableBytesView.map { $0 != 0 })
        case .int32: .int32s(littleEndian(0))
        case .int64: .int64s(littleEndian(0))
        case .float32: .floats(littleEndian(0))
        case .float64: .doubles(littleEndian(0))
        }
    }

    private func littleEndian<Element: BitwiseCopyable>(_ zero: Element) -> [Element] {
        withUnsafeReadableBytes { bytes in
            var values = Array(repeating: zero, count: bytes.count / MemoryLayout<Element>.stride)
            values.withUnsafeMutableBytes { $0.copyMemory(from: bytes) }
            return values
        }
    }
}
