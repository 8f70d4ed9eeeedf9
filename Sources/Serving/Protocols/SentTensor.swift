import OrderedCollections
import Wire

/// An input tensor of the Open Inference Protocol as it was sent: its elements as JSON.
struct SentTensor {
    let name: String
    let shape: [Int]
    let datatype: Datatype
    let data: JSON

    /// What JSON can say of the protocol's datatypes: 16-bit floats have no form but bytes.
    enum Datatype: String, CaseIterable {
        case bool = "BOOL"
        case uint8 = "UINT8"
        case uint16 = "UINT16"
        case uint32 = "UINT32"
        case uint64 = "UINT64"
        case int8 = "INT8"
        case int16 = "INT16"
        case int32 = "INT32"
        case int64 = "INT64"
        case fp32 = "FP32"
        case fp64 = "FP64"
        case bytes = "BYTES"
    }

    /// - Parameter index: the place among the inputs, which messages name.
    /// - Throws: `FieldProblem` or `ServingError` in a 4xx.
    init(_ fields: Fields, index: Int) throws {
        let place = "inputs[\(index)]"
        name = try fields.string("name")
        let datatype = try fields.string("datatype")
        guard let known = Datatype(rawValue: datatype) else {
            throw ServingError(
                .invalidParameterValue, "Tensor '\(name)': '\(datatype)' cannot be sent as JSON.",
                hint: "Use one of \(Datatype.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        self.datatype = known
        guard try fields.value("shape") != nil else { throw FieldProblem.missing("\(place).shape") }
        shape = try fields.array("shape").map { length in
            guard let value = length.integerValue.flatMap({ Int(exactly: $0) }), value >= 0 else {
                throw FieldProblem.invalid("\(place).shape", length, expected: "whole numbers")
            }
            return value
        }
        guard let data = try fields.value("data") else {
            let isBinary = try fields.optionalObject("parameters")?.value("binary_data_size") != nil
            throw isBinary ? Self.binaryRefusal : FieldProblem.missing("\(place).data")
        }
        self.data = data
    }

    /// Tensors as raw bytes are an extension of the protocol.
    static let binaryRefusal = ServingError(
        .unsupportedMediaType, "Tensors must be sent as JSON; binary tensor data is not taken.",
        hint: "With Triton's client, call set_data_from_numpy(array, binary_data=False).")

    /// The elements, row-major, each of the datatype that the tensor says it has.
    /// - Throws: `ServingError` when they are not as many as the shape says, or names one of another type.
    func cells() throws -> [JSON] {
        var cells: [JSON] = []
        func collect(_ json: JSON) {
            guard let elements = json.arrayValue else { return cells.append(json) }
            for element in elements { collect(element) }
        }
        collect(data)
        var count = 1
        for length in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: length)
            guard !overflow else { throw mismatch(cells.count) }
            count = product
        }
        guard cells.count == count else { throw mismatch(cells.count) }
        if let index = cells.firstIndex(where: { !datatype.holds($0) }) {
            let value = cells[index].excerpt(80)
            throw ServingError(
                .invalidParameterValue,
                "Tensor '\(name)', element \(index): \(value) is not a value of type \(datatype.rawValue).")
        }
        return cells
    }

    private func mismatch(_ count: Int) -> ServingError {
        ServingError(
            .invalidParameterValue, "Tensor '\(name)' has the shape \(shape) but holds \(count) values.")
    }
}

extension SentTensor.Datatype {
    /// Null stands for what is missing where the datatype has a value for that.
    fileprivate func holds(_ cell: JSON) -> Bool {
        if let range = wholeNumbers {
            guard let number = cell.doubleValue else { return false }
            return range.contains(number) && number == number.rounded()
        }
        switch (self, cell) {
        case (.bool, .bool), (.bool, .integer(0...1)), (.bytes, .string): return true
        case (.fp32, .double), (.fp32, .integer), (.fp64, .double), (.fp64, .integer): return true
        case (.bytes, .null), (.fp32, .null), (.fp64, .null): return true
        default: return false
        }
    }

    /// The range of a datatype of whole numbers.
    private var wholeNumbers: ClosedRange<Double>? {
        switch self {
        case .uint8: 0...255
        case .uint16: 0...65_535
        case .uint32: 0...4_294_967_295
        case .uint64: 0...0x1p64
        case .int8: -128...127
        case .int16: -32_768...32_767
        case .int32: -2_147_483_648...2_147_483_647
        case .int64: -0x1p63...0x1p63
        case .bool, .fp32, .fp64, .bytes: nil
        }
    }
}
