/// The type of a tensor's elements, by the numbers of ONNX Runtime, as far as answers have a form for it.
enum ONNXElementType: Int32, Sendable {
    case float = 1
    case uint8 = 2
    case int8 = 3
    case uint16 = 4
    case int16 = 5
    case int32 = 6
    case int64 = 7
    case string = 8
    case bool = 9
    case float16 = 10
    case double = 11
    case uint32 = 12
    case uint64 = 13

    /// The type of `Values` that goes in as it is; nil for types that no input has.
    var input: ColumnType? {
        switch self {
        case .float: .float
        case .double: .double
        case .int32: .integer
        case .int64: .long
        case .string: .string
        case .bool: .boolean
        case .uint8, .int8, .uint16, .int16, .float16, .uint32, .uint64: nil
        }
    }
}

extension ColumnType {
    var onnx: ONNXElementType {
        switch self {
        case .boolean: .bool
        case .integer: .int32
        case .long: .int64
        case .float: .float
        case .double: .double
        case .string: .string
        }
    }
}
