/// Why bytes are not the protobuf message they should be.
struct ProtobufProblem: Error, Hashable {
    let reason: String
}

/// Reads the wire format of protocol buffers, field by field, without copying
/// (https://protobuf.dev/programming-guides/encoding/). Fields that a message does not know are skipped, as the format
/// asks for; so are groups, which are no longer written.
struct ProtobufReader {
    private var rest: ArraySlice<UInt8>
    /// How deep this message lies inside others.
    private let depth: Int

    /// As protobuf's own parsers have it.
    static let maximumDepth = 100

    init(_ bytes: ArraySlice<UInt8>) {
        self.init(bytes, depth: 0)
    }

    private init(_ bytes: ArraySlice<UInt8>, depth: Int) {
        rest = bytes
        self.depth = depth
    }

    /// One field as it stands on the wire.
    struct Field {
        enum Value {
            /// An integer, a boolean or an enumeration.
            case varint(UInt64)
            case fixed64(UInt64)
            case fixed32(UInt32)
            /// Text, bytes or a message.
            case bytes(ArraySlice<UInt8>)
        }

        let number: UInt64
        let value: Value
        fileprivate let depth: Int
    }

    /// The next field; nil at the end of the message.
    mutating func next() throws(ProtobufProblem) -> Field? {
        while !rest.isEmpty {
            let key = try varint()
            let number = key >> 3
            guard number > 0, number < 1 << 29 else { throw ProtobufProblem(reason: "\(number) is no field number") }
            switch key & 7 {
            case 0: return Field(number: number, value: .varint(try varint()), depth: depth)
            case 1: return Field(number: number, value: .fixed64(try fixed(8)), depth: depth)
            case 2: return Field(number: number, value: .bytes(try take(try varint())), depth: depth)
            case 3: try skipGroup(number, depth: depth + 1)
            case 5:
                return Field(number: number, value: .fixed32(UInt32(truncatingIfNeeded: try fixed(4))), depth: depth)
            default: throw ProtobufProblem(reason: "field \(number) has the unknown wire type \(key & 7)")
            }
        }
        return nil
    }

    private mutating func varint() throws(ProtobufProblem) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { throw ProtobufProblem(reason: "the message ends within a number") }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        throw ProtobufProblem(reason: "a number has more than ten bytes")
    }

    private mutating func fixed(_ count: UInt64) throws(ProtobufProblem) -> UInt64 {
        try take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private mutating func take(_ count: UInt64) throws(ProtobufProblem) -> ArraySlice<UInt8> {
        guard count <= UInt64(rest.count) else {
            throw ProtobufProblem(reason: "a field of \(count) bytes reaches beyond the end of its message")
        }
        let taken = rest.prefix(Int(count))
        rest = rest.dropFirst(Int(count))
        return taken
    }

    private mutating func skipGroup(_ number: UInt64, depth: Int) throws(ProtobufProblem) {
        guard depth <= Self.maximumDepth else { throw ProtobufProblem(reason: "groups are nested too deep") }
        while !rest.isEmpty {
            let key = try varint()
            switch key & 7 {
            case 0: _ = try varint()
            case 1: _ = try take(8)
            case 2: _ = try take(try varint())
            case 3: try skipGroup(key >> 3, depth: depth + 1)
            case 4 where key >> 3 == number: return
            case 5: _ = try take(4)
            default: throw ProtobufProblem(reason: "a group has the unknown wire type \(key & 7)")
            }
        }
        throw ProtobufProblem(reason: "a group does not end")
    }
}

extension ProtobufReader.Field {
    private func mismatch(_ expected: String) -> ProtobufProblem {
        ProtobufProblem(reason: "field \(number) is not \(expected)")
    }

    var bytes: ArraySlice<UInt8> {
        get throws(ProtobufProblem) {
            guard case .bytes(let bytes) = value else { throw mismatch("a piece of bytes") }
            return bytes
        }
    }

    var string: String {
        get throws(ProtobufProblem) {
            guard let text = String(validating: try bytes, as: UTF8.self) else { throw mismatch("UTF-8 text") }
            return text
        }
    }

    /// A message inside this one.
    var message: ProtobufReader {
        get throws(ProtobufProblem) {
            guard depth < ProtobufReader.maximumDepth else {
                throw ProtobufProblem(reason: "messages are nested too deep")
            }
            return ProtobufReader(try bytes, depth: depth + 1)
        }
    }

    var varint: UInt64 {
        get throws(ProtobufProblem) {
            guard case .varint(let number) = value else { throw mismatch("a number of variable length") }
            return number
        }
    }

    var fixed64: UInt64 {
        get throws(ProtobufProblem) {
            guard case .fixed64(let number) = value else { throw mismatch("a number of eight bytes") }
            return number
        }
    }

    var fixed32: UInt32 {
        get throws(ProtobufProblem) {
            guard case .fixed32(let number) = value else { throw mismatch("a number of four bytes") }
            return number
        }
    }
}
