package import Wire

/// Values of one type, one after the other: a column of a table or the elements of a tensor in row-major order.
package enum Values: Sendable, Hashable {
    case bools([Bool])
    case int32s([Int32])
    case int64s([Int64])
    case floats([Float])
    case doubles([Double])
    case strings([String])

    package var count: Int {
        switch self {
        case .bools(let values): values.count
        case .int32s(let values): values.count
        case .int64s(let values): values.count
        case .floats(let values): values.count
        case .doubles(let values): values.count
        case .strings(let values): values.count
        }
    }

    package var type: ColumnType {
        switch self {
        case .bools: .boolean
        case .int32s: .integer
        case .int64s: .long
        case .floats: .float
        case .doubles: .double
        case .strings: .string
        }
    }

    /// The value at `index` as JSON; a float as the double it equals.
    package func json(at index: Int) -> JSON {
        switch self {
        case .bools(let values): .bool(values[index])
        case .int32s(let values): .integer(Int64(values[index]))
        case .int64s(let values): .integer(values[index])
        case .floats(let values): .double(Double(values[index]))
        case .doubles(let values): .double(values[index])
        case .strings(let values): .string(values[index])
        }
    }

    /// The value at `index` as a double; nil for text.
    func double(at index: Int) -> Double? {
        switch self {
        case .bools(let values): values[index] ? 1 : 0
        case .int32s(let values): Double(values[index])
        case .int64s(let values): Double(values[index])
        case .floats(let values): Double(values[index])
        case .doubles(let values): values[index]
        case .strings: nil
        }
    }
}

/// A named column of a batch.
package struct Column: Sendable, Hashable {
    package let name: String
    package let values: Values
    /// Whether each row has a value; nil when every row has. Missing numbers of `float` and `double` are NaN instead.
    package let validity: [Bool]?

    package init(name: String, values: Values, validity: [Bool]? = nil) {
        self.name = name
        self.values = values
        self.validity = validity
    }

    /// The cell of a row as JSON; missing values and NaN as null.
    package func json(row: Int) -> JSON {
        if let validity, !validity[row] { return .null }
        let json = values.json(at: row)
        if case .double(let value) = json, value.isNaN { return .null }
        return json
    }
}

/// Numbers in a rectangular shape.
package struct Tensor: Sendable, Hashable {
    /// Nil when it is the only one.
    package let name: String?
    package let shape: [Int]
    /// Row-major; as many as the product of `shape`.
    package let values: Values

    package init(name: String? = nil, shape: [Int], values: Values) {
        self.name = name
        self.shape = shape
        self.values = values
    }

    /// Nested arrays.
    package var json: JSON { json(dimension: 0, offset: 0) }

    /// The element or sub-array at `index` of the first dimension.
    package func json(row index: Int) -> JSON {
        json(dimension: 1, offset: index * shape.dropFirst().reduce(1, *))
    }

    private func json(dimension: Int, offset: Int) -> JSON {
        guard dimension < shape.count else { return values.json(at: offset) }
        let stride = shape[(dimension + 1)...].reduce(1, *)
        return .array(
            (0..<shape[dimension]).map { json(dimension: dimension + 1, offset: offset + $0 * stride) })
    }
}
