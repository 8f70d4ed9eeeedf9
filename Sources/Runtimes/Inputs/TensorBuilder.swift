package import Wire

extension Tensor {
    /// Makes a tensor of nested or flat arrays.
    /// - Parameters:
    ///   - shape: what the request says; nil to read it off the nesting.
    /// - Throws: `RuntimeError` when the arrays are ragged, do not fit the shape that the model takes, or hold a value of
    ///   another type.
    package init(_ json: JSON, shape sentShape: [Int]? = nil, for spec: TensorSpec) throws {
        let label = spec.name.map { "Tensor '\($0)'" } ?? "The tensor"
        let shape = sentShape ?? Self.nesting(of: json)
        let isFitting =
            shape.count == spec.shape.count && zip(shape, spec.shape).allSatisfy { $1 == -1 || $0 == $1 }
        guard isFitting, shape.allSatisfy({ $0 >= 0 }) else {
            throw RuntimeError.invalidInput("\(label) has shape \(shape); the model takes \(spec.shape).")
        }
        var builder = ColumnBuilder(name: spec.name ?? "", type: spec.type.columnType, tensor: label)
        var count = 0
        try Self.flatten(json) { cell in
            try builder.append(cell, row: count)
            count += 1
        }
        let expected = shape.reduce((1, false)) { product, length in
            let (value, overflow) = product.0.multipliedReportingOverflow(by: length)
            return (value, product.1 || overflow)
        }
        guard !expected.1, count == expected.0 else {
            throw RuntimeError(.badRequest, "\(label) has shape \(shape) but holds \(count) values.")
        }
        self.init(name: spec.name, shape: shape, values: builder.column.values)
    }

    /// The lengths along the first element of each level.
    private static func nesting(of json: JSON) -> [Int] {
        var shape: [Int] = []
        var level = json
        while let elements = level.arrayValue {
            shape.append(elements.count)
            guard let first = elements.first else { break }
            level = first
        }
        return shape
    }

    private static func flatten(_ json: JSON, _ body: (JSON) throws -> Void) throws {
        guard let elements = json.arrayValue else { return try body(json) }
        for element in elements { try flatten(element, body) }
    }
}
