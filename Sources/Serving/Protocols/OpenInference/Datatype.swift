import NIOCore
import Runtimes
import Wire

/// The type of a tensor's elements in the Open Inference Protocol.
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
    case fp16 = "FP16"
    /// The upper half of an FP32.
    case bf16 = "BF16"
    case fp32 = "FP32"
    case fp64 = "FP64"
    case bytes = "BYTES"

    init(_ type: ColumnType) {
        self =
            switch type {
            case .boolean: .bool
            case .integer: .int32
            case .long: .int64
            case .float: .fp32
            case .double: .fp64
            case .string: .bytes
            }
    }

    /// 16-bit floats have no form but bytes.
    var hasJSONForm: Bool { self != .fp16 && self != .bf16 }

    /// What an element takes in raw form; nil for BYTES, each of which says it itself.
    var sizeBytes: Int? {
        switch self {
        case .bool, .uint8, .int8: 1
        case .uint16, .int16, .fp16, .bf16: 2
        case .uint32, .int32, .fp32: 4
        case .uint64, .int64, .fp64: 8
        case .bytes: nil
        }
    }

    /// Whether an element may be written so in JSON. Null stands for what is missing where the datatype has a value for
    /// that.
    func holds(_ cell: JSON) -> Bool {
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
        case .bool, .fp16, .bf16, .fp32, .fp64, .bytes: nil
        }
    }

    // MARK: Raw bytes

    /// Reads elements in raw form: little-endian, row-major, each of BYTES behind its length in 4 bytes. What the server
    /// has no type for is widened.
    /// - Returns: nil for BYTES that do not end where the buffer does, or are not UTF-8.
    func values(of raw: ByteBuffer) -> Values? {
        switch self {
        case .bool: .bools(raw.elements(of: UInt8.self).map { $0 != 0 })
        case .uint8: .int32s(raw.elements(of: UInt8.self).map(Int32.init))
        case .int8: .int32s(raw.elements(of: Int8.self).map(Int32.init))
        case .uint16: .int32s(raw.elements(of: UInt16.self).map(Int32.init))
        case .int16: .int32s(raw.elements(of: Int16.self).map(Int32.init))
        case .int32: .int32s(raw.elements(of: Int32.self))
        case .uint32: .int64s(raw.elements(of: UInt32.self).map(Int64.init))
        case .int64: .int64s(raw.elements(of: Int64.self))
        case .uint64: Self.widened(raw.elements(of: UInt64.self))
        case .fp16: .floats(raw.elements(of: Float16.self).map(Float.init))
        case .bf16: .floats(raw.elements(of: UInt16.self).map { Float(bitPattern: UInt32($0) << 16) })
        case .fp32: .floats(raw.elements(of: Float.self))
        case .fp64: .doubles(raw.elements(of: Double.self))
        case .bytes: Self.strings(raw).map(Values.strings)
        }
    }

    private static func widened(_ numbers: [UInt64]) -> Values {
        let whole = numbers.compactMap(Int64.init(exactly:))
        return whole.count == numbers.count ? .int64s(whole) : .doubles(numbers.map(Double.init))
    }

    private static func strings(_ raw: ByteBuffer) -> [String]? {
        var raw = raw
        var strings: [String] = []
        while raw.readableBytes > 0 {
            guard let length = raw.readInteger(endianness: .little, as: UInt32.self),
                let bytes = raw.readSlice(length: Int(length)),
                let text = String(validating: bytes.readableBytesView, as: UTF8.self)
            else { return nil }
            strings.append(text)
        }
        return strings
    }
}

extension ByteBuffer {
    /// The readable bytes as numbers in the machine's own order, which is little-endian wherever Swift runs. What is left
    /// at the end is no element.
    fileprivate func elements<Element: BitwiseCopyable>(of type: Element.Type) -> [Element] {
        withUnsafeReadableBytes { raw in
            let count = raw.count / MemoryLayout<Element>.stride
            return Array(unsafeUninitializedCapacity: count) { buffer, initialised in
                let whole = UnsafeRawBufferPointer(rebasing: raw[..<(count * MemoryLayout<Element>.stride)])
                UnsafeMutableRawBufferPointer(buffer).copyMemory(from: whole)
                initialised = count
            }
        }
    }

    /// Writes values in raw form.
    mutating func write(raw values: Values) {
        switch values {
        case .bools(let values): writeBytes(values.lazy.map { $0 ? 1 : 0 })
        case .int32s(let values): write(elements: values)
        case .int64s(let values): write(elements: values)
        case .floats(let values): write(elements: values)
        case .doubles(let values): write(elements: values)
        case .strings(let values):
            for value in values {
                writeInteger(UInt32(value.utf8.count), endianness: .little)
                writeString(value)
            }
        }
    }

    private mutating func write(elements: [some BitwiseCopyable]) {
        _ = elements.withUnsafeBytes { writeBytes($0) }
    }
}
