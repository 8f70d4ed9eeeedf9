/// Cells of one column, one after the other.
package struct TableVector: Sendable, Hashable {
    package enum Values: Sendable, Hashable {
        case bools([Bool])
        /// Integers of at most 64 bits, except unsigned ones of 64.
        case integers([Int64])
        /// Both floats and doubles.
        case doubles([Double])
        case texts([String])
        /// All other types, cell by cell.
        case others([TableValue])
    }

    package let values: Values
    /// Whether each row has a value; nil when every row has. Where there is none, `values` holds any.
    package let validity: [Bool]?

    package init(_ values: Values, validity: [Bool]? = nil) {
        self.values = values
        self.validity = validity
    }

    package subscript(row: Int) -> TableValue {
        if let validity, !validity[row] { return .null }
        return switch values {
        case .bools(let values): .bool(values[row])
        case .integers(let values): .integer(values[row])
        case .doubles(let values): .double(values[row])
        case .texts(let values): .text(values[row])
        case .others(let values): values[row]
        }
    }
}

/// Some rows of a result: a vector for each column.
package struct TableChunk: Sendable, Hashable {
    package let rowCount: Int
    package let vectors: [TableVector]

    package init(rowCount: Int, vectors: [TableVector]) {
        self.rowCount = rowCount
        self.vectors = vectors
    }

    package func row(_ index: Int) -> [TableValue] {
        vectors.map { $0[index] }
    }
}
