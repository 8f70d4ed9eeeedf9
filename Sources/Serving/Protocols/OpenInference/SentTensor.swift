import NIOCore
import OrderedCollections
import Runtimes
import Wire

/// An input tensor of the Open Inference Protocol as it was sent.
struct SentTensor {
    enum Elements {
        /// Flat or nested arrays.
        case json(JSON)
        /// What raw bytes said.
        case values(Values)
    }

    let name: String
    let shape: [Int]
    let datatype: Datatype
    let elements: Elements

    init(name: String, shape: [Int], datatype: Datatype, elements: Elements) {
        self.name = name
        self.shape = shape
        self.datatype = datatype
        self.elements = elements
    }

    /// - Parameters:
    ///   - index: the place among the inputs, which messages name.
    ///   - raw: the bytes behind the JSON, off which the tensor takes its own; nil when there are none.
    /// - Throws: `FieldProblem` or `ServingError` in a 4xx.
    init(_ fields: Fields, index: Int, raw: inout ByteBuffer?) throws {
        let place = "inputs[\(index)]"
        name = try fields.string("name")
        let word = try fields.string("datatype")
        guard let datatype = Datatype(rawValue: word) else {
            throw ServingError(
                .invalidParameterValue, "Tensor '\(name)': '\(word)' is not a datatype of the protocol.",
                hint: "Use one of \(Datatype.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        self.datatype = datatype
        guard try fields.value("shape") != nil else { throw FieldProblem.missing("\(place).shape") }
        shape = try fields.array("shape").map { length in
            guard let value = length.integerValue.flatMap({ Int(exactly: $0) }), value >= 0 else {
                throw FieldProblem.invalid("\(place).shape", length, expected: "whole numbers")
            }
            return value
        }
        let rawBytes = try fields.optionalObject("parameters")?.optionalInteger("binary_data_size")
        if let rawBytes {
            elements = .values(try Self.values(name, datatype, shape, rawBytes, &raw))
        } else if let data = try fields.value("data") {
            guard datatype.hasJSONForm else {
                throw ServingError(
                    .invalidParameterValue, "Tensor '\(name)': \(datatype.rawValue) cannot be sent as JSON.",
                    hint: "Send it as binary data, or as FP32.")
            }
            elements = .json(data)
        } else {
            throw FieldProblem.missing("\(place).data")
        }
    }

    private static func values(
        _ name: String, _ datatype: Datatype, _ shape: [Int], _ size: Int64, _ raw: inout ByteBuffer?
    ) throws -> Values {
        guard raw != nil else {
            throw ServingError(
                .invalidParameterValue,
                "Tensor '\(name)' has a binary_data_size, but the request has no binary data.",
                hint:
                    "Say how long the JSON is in the header Inference-Header-Content-Length, and append the data to it."
            )
        }
        guard let length = Int(exactly: size), let own = raw?.readSlice(length: length) else {
            throw ServingError(
                .invalidParameterValue,
                "Tensor '\(name)' has a binary_data_size of \(size); the body has \(raw?.readableBytes ?? 0) bytes left."
            )
        }
        return try Self.values(name, datatype, shape, own)
    }

    /// - Throws: `ServingError` when the bytes are not as many as the shape says, or no text where they should be.
    static func values(_ name: String, _ datatype: Datatype, _ shape: [Int], _ raw: ByteBuffer) throws -> Values {
        let count = shape.elementCount
        if let size = datatype.sizeBytes, raw.readableBytes != count.multipliedReportingOverflow(by: size).partialValue
        {
            throw ServingError(
                .invalidParameterValue,
                "Tensor '\(name)' has the shape \(shape) of \(datatype.rawValue), which is \(size) bytes an element, but "
                    + "\(raw.readableBytes) bytes of data.")
        }
        guard let values = datatype.values(of: raw) else {
            throw ServingError(
                .invalidParameterValue, "Tensor '\(name)': its data is not a sequence of UTF-8 texts.",
                hint: "Each begins with its length in bytes, in 4 bytes, the lowest first.")
        }
        guard values.count == count else { throw mismatch(name, shape, values.count) }
        return values
    }

    /// The elements, row-major, each of the datatype that the tensor says it has.
    /// - Throws: `ServingError` when they are not as many as the shape says, or names one of another type.
    func cells() throws -> [JSON] {
        var cells: [JSON] = []
        switch elements {
        case .values(let values): return (0..<values.count).map { values.json(at: $0) }
        case .json(let data): data.flatten(into: &cells)
        }
        guard cells.count == shape.elementCount else { throw Self.mismatch(name, shape, cells.count) }
        if let index = cells.firstIndex(where: { !datatype.holds($0) }) {
            let value = cells[index].excerpt(80)
            throw ServingError(
                .invalidParameterValue,
                "Tensor '\(name)', element \(index): \(value) is not a value of type \(datatype.rawValue).")
        }
        return cells
    }

    /// The elements in the type of a column, where raw bytes held them and nothing can be lost; else nil.
    func values(as type: ColumnType) -> Values? {
        guard case .values(let values) = elements else { return nil }
        switch (values, type) {
        case _ where values.type == type: return values
        case (.floats(let values), .double): return .doubles(values.map(Double.init))
        case (.int32s(let values), .double): return .doubles(values.map(Double.init))
        case (.int32s(let values), .long): return .int64s(values.map(Int64.init))
        default: return nil
        }
    }

    private static func mismatch(_ name: String, _ shape: [Int], _ count: Int) -> ServingError {
        ServingError(
            .invalidParameterValue, "Tensor '\(name)' has the shape \(shape) but holds \(count) values.")
    }
}

extension [Int] {
    /// How many elements a tensor of this shape has; more than any has when that is no number.
    var elementCount: Int {
        reduce(1) { product, length in
            let (value, overflow) = product.multipliedReportingOverflow(by: length)
            return overflow ? .max : value
        }
    }
}

extension JSON {
    fileprivate func flatten(into cells: inout [JSON]) {
        guard let elements = arrayValue else { return cells.append(self) }
        for element in elements { element.flatten(into: &cells) }
    }
}
