import Wire

/// The types of PostgreSQL, by their numbers in its catalogue, which never change.
enum PostgresType {
    /// To be found out from where the value stands.
    static let unknown: UInt32 = 0
    static let boolean: UInt32 = 16
    static let bytes: UInt32 = 17
    static let int64: UInt32 = 20
    static let int16: UInt32 = 21
    static let int32: UInt32 = 23
    static let text: UInt32 = 25
    static let double: UInt32 = 701
    static let numeric: UInt32 = 1700
    static let void: UInt32 = 2278
    /// `name`, `unknown`, `bpchar` and `varchar`.
    static let otherTexts: Set<UInt32> = [19, 705, 1042, 1043]
}

extension SQLValue {
    /// The type that it is bound as: integers compare with integers, whatever the statement says.
    var postgresType: UInt32 {
        switch self {
        case .null: PostgresType.unknown
        case .integer: PostgresType.int64
        case .double: PostgresType.double
        case .text: PostgresType.text
        case .bytes: PostgresType.bytes
        }
    }

    /// A column of a result, in the server's binary format.
    /// - Throws: `DatabaseError` for a type that has no counterpart here.
    init(postgres bytes: UnsafeBufferPointer<UInt8>, type: UInt32) throws {
        switch type {
        case PostgresType.int64: self = .integer(Int64(bitPattern: bytes.bigEndian))
        case PostgresType.int32: self = .integer(Int64(Int32(truncatingIfNeeded: bytes.bigEndian)))
        case PostgresType.int16: self = .integer(Int64(Int16(truncatingIfNeeded: bytes.bigEndian)))
        case PostgresType.boolean: self = .integer(bytes.first == 0 ? 0 : 1)
        case PostgresType.double: self = .double(Double(bitPattern: bytes.bigEndian))
        case PostgresType.bytes: self = .bytes(Array(bytes))
        case PostgresType.void: self = .null
        case PostgresType.numeric: self = Self.number(bytes)
        case PostgresType.text,
            _ where PostgresType.otherTexts.contains(type):
            self = .text(String(decoding: bytes, as: UTF8.self))
        default:
            throw DatabaseError(.internalError, "A column of PostgreSQL's type \(type) was read; CAST it in the SQL.")
        }
    }

    /// A decimal number, such as the sum of integers: an integer where it is one, else the nearest double. Its digits
    /// are in base 10 000, the first of weight 10 000 to the power of `weight`.
    private static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> SQLValue {
        let words = stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        guard words.count >= 4 else { return .null }
        switch words[2] {
        case 0xC000: return .null
        case 0xD000: return .double(.infinity)
        case 0xF000: return .double(-.infinity)
        default: break
        }
        let weight = Int(Int16(bitPattern: words[1]))
        let digits = Array(words[4...])
        func place(_ index: Int) -> String {
            let digit = digits.indices.contains(index) ? digits[index] : 0
            return String(String(10_000 + Int(digit)).dropFirst())
        }
        let sign = words[2] == 0x4000 ? "-" : ""
        let whole = sign + (weight < 0 ? "0" : (0...weight).map(place).joined())
        let fraction = (max(weight + 1, 0)..<max(digits.count, weight + 1, 0)).map(place).joined()
        if fraction.allSatisfy({ $0 == "0" }), let integer = Int64(whole) { return .integer(integer) }
        let zeros = String(repeating: "0000", count: max(0, -weight - 1))
        return Double("\(whole).\(zeros)\(fraction)0").map(SQLValue.double) ?? .null
    }
}

extension UnsafeBufferPointer<UInt8> {
    fileprivate var bigEndian: UInt64 {
        reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// The values of a statement in the server's binary format, so that numbers are exact.
struct PostgresParameters {
    let types: [UInt32]
    /// The values one after the other; a byte more, so that an empty one has an address too.
    private var bytes: [UInt8] = [0]
    private var ranges: [Range<Int>?] = []

    /// - Parameter types: what the values are bound as, when their own types do not say enough.
    /// - Throws: `DatabaseError` for a value that no engine can keep.
    init(_ values: [SQLValue], types: [UInt32]? = nil) throws {
        self.types = types ?? values.map(\.postgresType)
        ranges.reserveCapacity(values.count)
        for value in values {
            let start = bytes.count
            switch value {
            case .null: break
            case .integer(let integer): append(UInt64(bitPattern: integer))
            case .double(let double):
                guard !double.isNaN else { throw DatabaseError.unstorableNaN }
                append(double.bitPattern)
            case .text(let text):
                bytes.append(contentsOf: text.utf8)
                guard !bytes[start...].contains(0) else { throw DatabaseError.unstorable(text: text) }
            case .bytes(let more): bytes.append(contentsOf: more)
            }
            ranges.append(value == .null ? nil : start..<bytes.count)
        }
    }

    private mutating func append(_ word: UInt64) {
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }

    /// Hands over what libpq asks for: addresses, lengths, and for each value that it is binary.
    func withPointers<Value>(
        _ body: (CInt, [UnsafePointer<UInt8>?], _ lengths: [CInt], _ formats: [CInt]) throws -> Value
    ) rethrows -> Value {
        try bytes.withUnsafeBufferPointer { buffer in
            let addresses = ranges.map { range in range.flatMap { buffer.baseAddress?.advanced(by: $0.lowerBound) } }
            let lengths = ranges.map { CInt($0?.count ?? 0) }
            return try body(CInt(ranges.count), addresses, lengths, Array(repeating: 1, count: ranges.count))
        }
    }
}
