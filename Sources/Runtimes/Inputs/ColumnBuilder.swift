import Wire

/// Collects the cells of one column, holding each to the column's type.
///
/// The table of what is allowed follows MLflow's scoring server, with these cells refused that it would change silently:
/// a fraction for a whole number (it drops the fraction), a text other than true and false for a boolean (it takes any
/// text as true), null for a boolean (it takes false), a number for a text.
struct ColumnBuilder {
    let name: String
    let type: ColumnType
    /// How messages name the tensor whose elements these are; nil for a column of a table.
    private let tensor: String?
    // One of these is in use. An enum with payloads would be copied at every append.
    private var bools: [Bool] = []
    private var int32s: [Int32] = []
    private var int64s: [Int64] = []
    private var floats: [Float] = []
    private var doubles: [Double] = []
    private var strings: [String] = []
    private var missing: [Int] = []

    init(name: String, type: ColumnType, tensor: String? = nil) {
        self.name = name
        self.type = type
        self.tensor = tensor
    }

    /// - Throws: `RuntimeError` that names the column and the row.
    mutating func append(_ cell: JSON, row: Int) throws {
        switch (type, cell) {
        case (.double, .double(let value)): doubles.append(value)
        case (.double, .integer(let value)): doubles.append(Double(value))
        case (.double, _): doubles.append(try number(cell, row))
        case (.float, _): floats.append(Float(try number(cell, row)))
        case (.long, .integer(let value)): int64s.append(value)
        case (.long, _): int64s.append(try wholeNumber(cell, row))
        case (.integer, _): int32s.append(try wholeNumber(cell, row))
        case (.boolean, _): bools.append(try boolean(cell, row))
        case (.string, .string(let value)): strings.append(value)
        case (.string, .null):
            missing.append(strings.count)
            strings.append("")
        case (.string, _): throw refusal(cell, row)
        }
    }

    var column: Column {
        var validity: [Bool]?
        if !missing.isEmpty {
            validity = Array(repeating: true, count: strings.count)
            for row in missing { validity?[row] = false }
        }
        return Column(name: name, values: values, validity: validity)
    }

    private var values: Values {
        switch type {
        case .boolean: .bools(bools)
        case .integer: .int32s(int32s)
        case .long: .int64s(int64s)
        case .float: .floats(floats)
        case .double: .doubles(doubles)
        case .string: .strings(strings)
        }
    }

    /// Null is missing, which numbers spell NaN; a text is read as the number it spells.
    private func number(_ cell: JSON, _ row: Int) throws -> Double {
        switch cell {
        case .null: return .nan
        case .double(let value): return value
        case .integer(let value): return Double(value)
        case .bool(let value): return value ? 1 : 0
        case .string(let text):
            guard let value = Double(text) else { throw refusal(cell, row) }
            return value
        case .array, .object: throw refusal(cell, row)
        }
    }

    private func wholeNumber<Number: FixedWidthInteger>(_ cell: JSON, _ row: Int) throws -> Number {
        let value: Number?
        switch cell {
        case .integer(let integer): value = Number(exactly: integer)
        case .double(let double): value = Number(exactly: double)
        case .bool(let bool): value = bool ? 1 : 0
        case .string(let text): value = Number(text)
        case .null, .array, .object: value = nil
        }
        guard let value else { throw refusal(cell, row) }
        return value
    }

    private func boolean(_ cell: JSON, _ row: Int) throws -> Bool {
        switch cell {
        case .bool(let value): return value
        case .integer(0), .double(0), .string("false"), .string("False"): return false
        case .integer(1), .double(1), .string("true"), .string("True"): return true
        default: throw refusal(cell, row)
        }
    }

    private func refusal(_ cell: JSON, _ row: Int) -> RuntimeError {
        let place = tensor.map { "\($0), element \(row)" } ?? "Column '\(name)', row \(row)"
        // MLflow calls this a bad request, for its parser converts the cells before the signature is looked at.
        return RuntimeError(
            .badRequest, "\(place): \(cell.excerpt(80)) is not a value of type \(type.rawValue).",
            hint: tensor == nil && (type == .long || type == .integer)
                ? "Where values may be missing, log the model with this column as double." : nil)
    }
}
