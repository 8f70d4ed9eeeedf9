/// The type of a column, in MLflow's words, as far as the server takes columns apart itself.
package enum ColumnType: String, Sendable, Hashable, CaseIterable {
    case boolean
    /// 32 bits.
    case integer
    /// 64 bits.
    case long
    /// 32 bits.
    case float
    /// 64 bits.
    case double
    case string
}

/// The type of a tensor's elements, in numpy's words, as far as the server takes tensors apart itself.
package enum TensorType: String, Sendable, Hashable, CaseIterable {
    case bool
    case int32
    case int64
    case float32
    case float64

    /// The column type of the same elements.
    package var columnType: ColumnType {
        switch self {
        case .bool: .boolean
        case .int32: .integer
        case .int64: .long
        case .float32: .float
        case .float64: .double
        }
    }
}
