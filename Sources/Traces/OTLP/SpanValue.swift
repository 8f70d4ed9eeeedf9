import Tracking
package import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The value of a span's attribute: OpenTelemetry's `AnyValue`.
package indirect enum SpanValue: Sendable, Hashable {
    case none
    case string(String)
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case bytes([UInt8])
    case array([SpanValue])
    case keyValues([SpanAttribute])
}

/// A named value of a span, an event or a link.
package struct SpanAttribute: Sendable, Hashable {
    package let key: String
    package let value: SpanValue

    package init(_ key: String, _ value: SpanValue) {
        self.key = key
        self.value = value
    }
}

extension SpanAttribute: JSONRepresentable {
    package var json: JSON { ["key": .string(key), "value": value.json] }
}

extension SpanValue: JSONRepresentable {
    /// The form of protobuf's JSON mapping, with the names of fields in snake_case: what MLflow's clients read.
    package var json: JSON {
        switch self {
        case .none: [:]
        case .string(let text): ["string_value": .string(text)]
        case .bool(let value): ["bool_value": .bool(value)]
        case .int(let number): ["int_value": .integer(number)]
        case .double(let number): ["double_value": .double(number)]
        case .bytes(let bytes): ["bytes_value": .string(Data(bytes).base64EncodedString())]
        case .array(let values): ["array_value": .compact(["values": .nonEmpty(values)])]
        case .keyValues(let members): ["kvlist_value": .compact(["values": .nonEmpty(members)])]
        }
    }

    /// As plain JSON, for people and for searching: what the traced code passed.
    package var plain: JSON {
        switch self {
        case .none: .null
        case .string(let text): .string(text)
        case .bool(let value): .bool(value)
        case .int(let number): .integer(number)
        case .double(let number): .double(number)
        case .bytes(let bytes): .string(Data(bytes).base64EncodedString())
        case .array(let values): .array(values.map(\.plain))
        case .keyValues(let members): .members(members.map { ($0.key, $0.value.plain) })
        }
    }

    /// The value that plain JSON says; the opposite of `plain` wherever there is one.
    package init(plain: JSON) {
        self =
            switch plain {
            case .null: .none
            case .bool(let value): .bool(value)
            case .integer(let number): .int(number)
            case .double(let number): .double(number)
            case .string(let text): .string(text)
            case .array(let values): .array(values.map(SpanValue.init(plain:)))
            case .object(let members):
                .keyValues(members.map { SpanAttribute($0.key, SpanValue(plain: $0.value)) })
            }
    }
}

// MARK: - From the wire

extension SpanValue {
    /// - Throws: `FieldProblem` where a member has the wrong type.
    init(_ fields: Fields) throws {
        if let text = try fields.optionalString("string_value") {
            self = .string(text)
        } else if let value = try fields.optionalBool("bool_value") {
            self = .bool(value)
        } else if let number = try fields.optionalInteger("int_value") {
            self = .int(number)
        } else if let number = try fields.optionalDouble("double_value") {
            self = .double(number)
        } else if let array = try fields.optionalObject("array_value") {
            self = .array(try array.objects("values").map(SpanValue.init))
        } else if let list = try fields.optionalObject("kvlist_value") {
            self = .keyValues(try list.objects("values").map(SpanAttribute.init))
        } else if let text = try fields.optionalString("bytes_value") {
            guard let data = Data(base64Encoded: text) else {
                throw FieldProblem("A bytes_value is not base64: '\(text.prefix(40))'.")
            }
            self = .bytes(Array(data))
        } else {
            self = .none
        }
    }

    init(_ reader: ProtobufReader) throws(ProtobufProblem) {
        var reader = reader
        self = .none
        while let field = try reader.next() {
            switch field.number {
            case 1: self = .string(try field.string)
            case 2: self = .bool(try field.varint != 0)
            case 3: self = .int(Int64(bitPattern: try field.varint))
            case 4: self = .double(Double(bitPattern: try field.fixed64))
            case 5:
                self = .array(
                    try Self.values(try field.message) { (reader) throws(ProtobufProblem) in
                        try SpanValue(reader)
                    })
            case 6:
                self = .keyValues(
                    try Self.values(try field.message) { (reader) throws(ProtobufProblem) in
                        try SpanAttribute(reader)
                    })
            case 7: self = .bytes(Array(try field.bytes))
            default: break
            }
        }
    }

    /// The messages of field 1: of `ArrayValue` and of `KeyValueList`.
    private static func values<Value>(
        _ reader: ProtobufReader, _ make: (ProtobufReader) throws(ProtobufProblem) -> Value
    ) throws(ProtobufProblem) -> [Value] {
        var reader = reader
        var values: [Value] = []
        while let field = try reader.next() {
            if field.number == 1 { values.append(try make(try field.message)) }
        }
        return values
    }
}

extension SpanAttribute {
    init(_ fields: Fields) throws {
        key = try fields.optionalString("key") ?? ""
        value = try fields.optionalObject("value").map(SpanValue.init) ?? .none
    }

    init(_ reader: ProtobufReader) throws(ProtobufProblem) {
        var reader = reader
        var key = ""
        var value = SpanValue.none
        while let field = try reader.next() {
            switch field.number {
            case 1: key = try field.string
            case 2: value = try SpanValue(try field.message)
            default: break
            }
        }
        self.key = key
        self.value = value
    }
}
