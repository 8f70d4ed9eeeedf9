import Wire

/// A value of ONNX Runtime: one that goes in or one that came out. Owns it.
final class ONNXValue {
    let handle: ONNXLibrary.Handle
    private let library: ONNXLibrary

    static let tensorType: Int32 = 1
    private static let sequenceType: Int32 = 2
    private static let mapType: Int32 = 3

    /// - Parameter handle: 0 for a value that a failed run did not make.
    init(owning handle: ONNXLibrary.Handle, _ library: ONNXLibrary) {
        self.handle = handle
        self.library = library
    }

    /// Copies a tensor in.
    convenience init(_ tensor: Tensor, _ library: ONNXLibrary) throws {
        let shape = tensor.shape.map(Int64.init)
        let type = tensor.values.type.onnx.rawValue
        self.init(
            owning: try library.make { library.createTensor(library.allocator, shape, shape.count, type, $0) }, library)
        switch tensor.values {
        case .bools(let values): try fill(values)
        case .int32s(let values): try fill(values)
        case .int64s(let values): try fill(values)
        case .floats(let values): try fill(values)
        case .doubles(let values): try fill(values)
        case .strings(let values):
            for (index, text) in values.enumerated() { try library.check(library.fillText(handle, text, index)) }
        }
    }

    deinit { if handle != 0 { library.releaseValue(handle) } }

    private func fill(_ values: [some BitwiseCopyable]) throws {
        guard !values.isEmpty else { return }
        var memory: UnsafeMutableRawPointer?
        try library.check(library.tensorData(handle, &memory))
        values.withUnsafeBytes { bytes in
            if let source = bytes.baseAddress { memory?.copyMemory(from: source, byteCount: bytes.count) }
        }
    }

    // MARK: Reading

    /// Copies the value out.
    func output() throws -> ONNXOutput {
        switch try kind() {
        case Self.tensorType: return .tensor(try tensor())
        case Self.sequenceType: return .sequence(try elements())
        case Self.mapType: return .map(try members())
        case let other: throw ONNXFailure.unanswerable("a value of ONNX's type \(other)")
        }
    }

    private func kind() throws -> Int32 {
        try library.number { library.valueType(handle, $0) }
    }

    private func element(_ index: Int) throws -> ONNXValue {
        ONNXValue(
            owning: try library.make { library.element(handle, Int32(index), library.allocator, $0) }, library)
    }

    private func elements() throws -> [ONNXOutput] {
        try (0..<library.number { library.valueCount(handle, $0) }).map { try element($0).output() }
    }

    private func members() throws -> [(name: String, values: Values, index: Int)] {
        let keys = try element(0).tensor().values
        let values = try element(1).tensor().values
        return (0..<keys.count).map { index in
            let key = keys.json(at: index)
            return (key.stringValue ?? key.text, values, index)
        }
    }

    private func tensor() throws -> Tensor {
        let info = try library.make { library.valueTensorInfo(handle, $0) }
        defer { library.releaseTensorInfo(info) }
        let number = try library.number { library.elementType(info, $0) }
        guard let type = ONNXElementType(rawValue: number) else {
            throw ONNXFailure.unanswerable("elements of ONNX's type \(number)")
        }
        var dimensions = [Int64](repeating: 0, count: try library.number { library.rank(info, $0) })
        try library.check(library.dimensions(info, &dimensions, dimensions.count))
        let shape = dimensions.map { Int($0) }
        return Tensor(shape: shape, values: try values(of: type, count: shape.reduce(1, *)))
    }

    private func values(of type: ONNXElementType, count: Int) throws -> Values {
        switch type {
        case .float: .floats(try copy(count))
        case .double: .doubles(try copy(count))
        case .int32: .int32s(try copy(count))
        case .int64: .int64s(try copy(count))
        case .int8: .int32s(try copy(count, as: Int8.self).map(Int32.init))
        case .uint8: .int32s(try copy(count, as: UInt8.self).map(Int32.init))
        case .int16: .int32s(try copy(count, as: Int16.self).map(Int32.init))
        case .uint16: .int32s(try copy(count, as: UInt16.self).map(Int32.init))
        case .uint32: .int64s(try copy(count, as: UInt32.self).map(Int64.init))
        case .uint64: .int64s(try copy(count, as: UInt64.self).map(Self.signed))
        case .bool: .bools(try copy(count, as: UInt8.self).map { $0 != 0 })
        case .float16: .floats(try copy(count, as: UInt16.self).map(Float.init(halfBits:)))
        case .string: .strings(try strings(count))
        }
    }

    private static func signed(_ value: UInt64) throws -> Int64 {
        guard let signed = Int64(exactly: value) else { throw ONNXFailure.unanswerable("\(value), above 2^63") }
        return signed
    }

    private func copy<Element: BitwiseCopyable>(_ count: Int, as type: Element.Type = Element.self) throws -> [Element]
    {
        guard count > 0 else { return [] }
        var memory: UnsafeMutableRawPointer?
        try library.check(library.tensorData(handle, &memory))
        guard let memory else { return [] }
        return Array(UnsafeBufferPointer(start: memory.assumingMemoryBound(to: type), count: count))
    }

    private func strings(_ count: Int) throws -> [String] {
        guard count > 0 else { return [] }
        let length = try library.number { library.textLength(handle, $0) }
        var bytes = [UInt8](repeating: 0, count: length)
        var starts = [Int](repeating: 0, count: count)
        try library.check(
            bytes.withUnsafeMutableBytes { buffer in
                // All texts may be empty, and the library wants a place for them all the same.
                var nowhere: UInt8 = 0
                return withUnsafeMutableBytes(of: &nowhere) { spare in
                    guard let place = buffer.baseAddress ?? spare.baseAddress else { return 0 }
                    return library.texts(handle, place, length, &starts, count)
                }
            })
        let ends = starts.dropFirst() + [length]
        return zip(starts, ends).map { start, end in String(decoding: bytes[start..<end], as: UTF8.self) }
    }
}

extension ONNXFailure {
    fileprivate static func unanswerable(_ what: String) -> ONNXFailure {
        ONNXFailure(code: 9, message: "The model answers \(what), for which answers have no form.")
    }
}

extension Float {
    /// A number of IEEE 754's binary16, which not every machine's Swift has.
    fileprivate init(halfBits bits: UInt16) {
        let magnitude = UInt32(bits & 0x7FFF)
        let sign = UInt32(bits & 0x8000) << 16
        let scaled: UInt32
        if magnitude >= 0x7C00 {
            scaled = 0x7F80_0000 | (magnitude & 0x3FF) << 13
        } else {
            // Moves the exponent's bias with a multiplication, which is right for subnormal numbers too.
            scaled = (Float(bitPattern: magnitude << 13) * 0x1p112).bitPattern
        }
        self.init(bitPattern: sign | scaled)
    }
}
