import NIOCore
import OrderedCollections
import Runtimes
import Wire

/// An output tensor of the Open Inference Protocol.
struct AnswerTensor {
    enum Elements {
        case values(Values)
        case cells([JSON])
    }

    let name: String
    let datatype: Datatype
    let shape: [Int]
    let elements: Elements

    // MARK: From what a model answers

    /// The answer as tensors: a tensor as it is, a table as one a column, anything else as one.
    /// - Parameter names: what the model's signature calls its outputs.
    static func all(of output: ModelOutput, names: [String]) -> [AnswerTensor] {
        let first = names.first ?? "output-0"
        switch output {
        case .tensor(let tensor): return [AnswerTensor(tensor, name: first)]
        case .tensors(let tensors, _): return tensors.map { AnswerTensor($0, name: first) }
        case .json, .document: break
        }
        let answer = output.predictions ?? .null
        if let members = answer.objectValue, members.values.allSatisfy({ $0.arrayValue != nil }), !members.isEmpty {
            return members.map { AnswerTensor(name: $0, array: $1) }
        }
        let rows = answer.arrayValue ?? [answer]
        guard let record = rows.first?.objectValue else { return [AnswerTensor(name: first, array: .array(rows))] }
        return record.keys.map { name in AnswerTensor(name: name, array: .array(rows.map { $0[name] ?? .null })) }
    }

    /// - Parameter name: for a tensor that has none.
    private init(_ tensor: Tensor, name: String) {
        self.init(
            name: tensor.name ?? name, datatype: Datatype(tensor.values.type), shape: tensor.shape,
            elements: .values(tensor.values))
    }

    /// A list, or lists of equal lengths within it.
    private init(name: String, array: JSON) {
        let rows = array.arrayValue ?? []
        let width = rows.first?.arrayValue?.count
        let cells = rows.compactMap(\.arrayValue).flatMap(\.self)
        let isTable = width.map { width in rows.allSatisfy { $0.arrayValue?.count == width } } ?? false
        if isTable, let width, cells.allSatisfy({ $0.arrayValue == nil && $0.objectValue == nil }) {
            self.init(name: name, shape: [rows.count, width], cells: cells)
        } else {
            self.init(name: name, shape: [rows.count], cells: rows)
        }
    }

    private init(name: String, shape: [Int], cells: [JSON]) {
        self.init(
            name: name, datatype: Datatype(holding: cells), shape: shape, elements: .cells(cells.map(\.element)))
    }

    private init(name: String, datatype: Datatype, shape: [Int], elements: Elements) {
        self.name = name
        self.datatype = datatype
        self.shape = shape
        self.elements = elements
    }

    // MARK: Classes

    /// The `count` highest values of each row as texts `value:index`, highest first.
    /// - Throws: `ServingError` when the output holds no numbers.
    func classification(_ count: Int) throws -> AnswerTensor {
        let numbers = elements.numbers
        guard let numbers else {
            throw ServingError(
                .invalidParameterValue, "Output '\(name)' holds \(datatype.rawValue), of which there are no highest.",
                hint: "Leave the parameter classification out.")
        }
        let rowCount = shape.first ?? 1
        let width = rowCount == 0 ? 0 : numbers.count / rowCount
        let kept = min(count, width)
        let texts = (0..<rowCount).flatMap { row in
            let scores = numbers[row * width..<(row + 1) * width].enumerated().sorted { $0.element > $1.element }
            return scores.prefix(kept).map { "\($0.element):\($0.offset)" }
        }
        return AnswerTensor(name: name, datatype: .bytes, shape: [rowCount, kept], elements: .values(.strings(texts)))
    }

    // MARK: Writing

    func write(into writer: inout JSONWriter, rawBytes: Int?) {
        writer.object { writer in
            writer.member("name", name)
            writer.member("datatype", datatype.rawValue)
            writer.name("shape")
            writer.array(shape) { $0.write(Int64($1)) }
            if let rawBytes {
                writer.name("parameters")
                writer.object { $0.member("binary_data_size", Int64(rawBytes)) }
            } else {
                writer.name("data")
                elements.write(into: &writer)
            }
        }
    }

    /// The elements in raw form; what is missing as NaN or an empty text.
    var raw: ByteBuffer {
        var buffer = ByteBuffer()
        switch elements {
        case .values(let values): buffer.write(raw: values)
        case .cells(let cells):
            switch datatype {
            case .bool: buffer.write(raw: .bools(cells.map { $0.boolValue ?? false }))
            case .int64: buffer.write(raw: .int64s(cells.map { $0.integerValue ?? 0 }))
            case .bytes: buffer.write(raw: .strings(cells.map { $0.stringValue ?? ($0 == .null ? "" : $0.text) }))
            default: buffer.write(raw: .doubles(cells.map { $0.doubleValue ?? .nan }))
            }
        }
        return buffer
    }
}

extension AnswerTensor.Elements {
    fileprivate var numbers: [Double]? {
        switch self {
        case .values(.doubles(let values)): values
        case .values(let values):
            values.type == .string ? nil : (0..<values.count).map { values.json(at: $0).doubleValue ?? 0 }
        case .cells(let cells):
            cells.allSatisfy { $0.doubleValue != nil || $0 == .null } ? cells.map { $0.doubleValue ?? .nan } : nil
        }
    }

    /// As a list, numbers that are not finite as null.
    fileprivate func write(into writer: inout JSONWriter) {
        switch self {
        case .values(.doubles(let values)):
            writer.array(values) { writer, value in value.isFinite ? writer.write(value) : writer.write(.null) }
        case .values(let values):
            writer.array(Array(0..<values.count)) { writer, index in writer.write(values.json(at: index).finite) }
        case .cells(let cells): writer.array(cells) { writer, cell in writer.write(cell) }
        }
    }
}

extension Datatype {
    /// The narrowest datatype that holds all cells.
    fileprivate init(holding cells: [JSON]) {
        let kinds = Set(cells.map(\.kindName))
        if kinds == ["boolean"] {
            self = .bool
        } else if kinds.isSubset(of: ["number", "null"]) {
            self = cells.allSatisfy { if case .integer = $0 { true } else { false } } ? .int64 : .fp64
        } else {
            self = .bytes
        }
    }
}

extension JSON {
    /// An element of a tensor: what is no scalar as its text.
    fileprivate var element: JSON {
        switch self {
        case .array, .object: .string(text)
        default: finite
        }
    }
}
