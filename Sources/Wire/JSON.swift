package import OrderedCollections

/// A JSON value that keeps the order of its members and the exactness of its numbers.
///
/// Integers that fit 64 bits stay integers; every other number is the nearest double. A member that occurs twice
/// keeps its first place and its last value, as Python's decoder does.
package enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case array([JSON])
    case object(Object)

    package typealias Object = OrderedDictionary<String, JSON>

    /// The member `key` of an object; nil for a missing member and for a value that is not an object.
    package subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    package var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The value as a 64-bit integer: an integer, or a double without a fraction.
    package var integerValue: Int64? {
        switch self {
        case .integer(let value): value
        case .double(let value): Int64(exactly: value)
        default: nil
        }
    }

    package var doubleValue: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    package var arrayValue: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    package var objectValue: Object? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The members of an object in their order.
    package var memberList: [(key: String, value: JSON)]? {
        if case .object(let members) = self { Array(members) } else { nil }
    }

    /// What an error message calls this kind of value.
    package var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer, .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// An object without the members whose value is nil: how absent optional fields are left out.
    package static func compact(_ members: KeyValuePairs<String, JSON?>) -> JSON {
        var object = Object(minimumCapacity: members.count)
        for (key, value) in members {
            if let value { object[key] = value }
        }
        return .object(object)
    }

    /// The value itself; nil for null. For members of `compact`: `c ? nil : value` there is not none but null, because `nil` is
    /// a literal of JSON too.
    package var unlessNull: JSON? { self == .null ? Optional<JSON>.none : self }

    /// An object of these members, in this order; of equal names the last one counts.
    package static func members(_ members: some Sequence<(String, JSON)>) -> JSON {
        .object(Object(members, uniquingKeysWith: { _, last in last }))
    }

    package static func strings(_ values: some Sequence<String>) -> JSON {
        .array(values.map(JSON.string))
    }
}

/// A value that has one JSON form.
package protocol JSONRepresentable {
    var json: JSON { get }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(nilLiteral: ()) { self = .null }

    package init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Object(elements, uniquingKeysWith: { _, last in last }))
    }
}
