import OrderedCollections

/// A request field that is missing or has the wrong type or value. The wording is MLflow's, which its clients match.
package struct FieldProblem: Problem {
    package let message: String
    package let hint: String?
    package var code: ProblemCode { .invalidParameterValue }

    package init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    package static func missing(_ name: String) -> FieldProblem {
        FieldProblem("Missing value for required parameter '\(name)'. \(reference)")
    }

    package static func invalid(_ name: String, _ value: JSON, expected: String) -> FieldProblem {
        FieldProblem(
            "Invalid value \(value.excerpt()) for parameter '\(name)' supplied: expected \(expected), got "
                + "\(value.kindName). \(reference)")
    }

    private static var reference: String { "See the API docs for more information about request parameters." }
}

/// Reads the members of a JSON object by name and type.
///
/// A member may be spelt in snake_case or in camelCase, not both; `null` counts as absent; 64-bit integers may come as
/// numeric strings, as protobuf's JSON mapping allows.
package struct Fields: Sendable {
    package let members: JSON.Object
    /// Whether any name could be the camelCase spelling of another.
    private let hasCapitals: Bool
    /// How messages name this object, such as `metrics[3].`; empty at the top.
    private let prefix: String

    package init(_ json: JSON, prefix: String = "") throws {
        guard case .object(let members) = json else {
            throw FieldProblem.invalid(prefix.isEmpty ? "body" : String(prefix.dropLast()), json, expected: "object")
        }
        self.members = members
        hasCapitals = members.keys.contains {
            $0.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        }
        self.prefix = prefix
    }

    package func value(_ name: String) throws -> JSON? {
        let snake = members[name]
        guard hasCapitals, name.utf8.contains(UInt8(ascii: "_")) else { return snake == .null ? nil : snake }
        let camel = members[Self.camelCase(name)]
        if snake != nil, camel != nil {
            throw FieldProblem("Parameter '\(prefix)\(name)' is given twice, in snake_case and in camelCase.")
        }
        let value = snake ?? camel
        return value == .null ? nil : value
    }

    private static func camelCase(_ name: String) -> String {
        let words = name.split(separator: "_", omittingEmptySubsequences: false)
        return (words.first.map(String.init) ?? "")
            + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private func typed<Value>(_ name: String, _ expected: String, _ read: (JSON) -> Value?) throws -> Value? {
        guard let json = try value(name) else { return nil }
        guard let value = read(json) else { throw FieldProblem.invalid(prefix + name, json, expected: expected) }
        return value
    }

    private func required<Value>(_ name: String, _ value: Value?) throws -> Value {
        guard let value else { throw FieldProblem.missing(prefix + name) }
        return value
    }

    package func optionalString(_ name: String) throws -> String? {
        try typed(name, "string", \.stringValue)
    }

    /// A string that must be there and not be empty.
    package func string(_ name: String) throws -> String {
        let value = try required(name, optionalString(name))
        guard !value.isEmpty else { throw FieldProblem.missing(prefix + name) }
        return value
    }

    package func optionalInteger(_ name: String) throws -> Int64? {
        try typed(name, "64-bit integer") { json in json.integerValue ?? json.stringValue.flatMap { Int64($0) } }
    }

    package func integer(_ name: String) throws -> Int64 {
        try required(name, optionalInteger(name))
    }

    package func optionalBool(_ name: String) throws -> Bool? {
        try typed(name, "boolean") { json in
            json.boolValue ?? json.stringValue.flatMap { Bool($0.lowercased()) }
        }
    }

    /// A number, a numeric string, or one of the strings `NaN`, `Infinity`, `-Infinity`; true and false count as 1 and 0.
    package func optionalDouble(_ name: String) throws -> Double? {
        try typed(name, "number") { json in
            json.doubleValue ?? json.boolValue.map { $0 ? 1 : 0 } ?? json.stringValue.flatMap(Self.number)
        }
    }

    /// `Double` also reads hexadecimal digits and numbered NaNs, which are no numbers to anybody else.
    private static func number(_ text: String) -> Double? {
        text.utf8.contains { "xX(".utf8.contains($0) } ? nil : Double(text)
    }

    package func double(_ name: String) throws -> Double {
        try required(name, optionalDouble(name))
    }

    package func array(_ name: String) throws -> [JSON] {
        try typed(name, "array", \.arrayValue) ?? []
    }

    package func strings(_ name: String) throws -> [String] {
        try array(name).enumerated().map { index, json in
            guard let text = json.stringValue else {
                throw FieldProblem.invalid("\(prefix)\(name)[\(index)]", json, expected: "string")
            }
            return text
        }
    }

    /// The objects of an array member; messages name each by its index.
    package func objects(_ name: String) throws -> [Fields] {
        try array(name).enumerated().map { index, json in try Fields(json, prefix: "\(prefix)\(name)[\(index)].") }
    }

    package func optionalObject(_ name: String) throws -> Fields? {
        try typed(name, "object") { json in json.objectValue.map { _ in json } }
            .map { try Fields($0, prefix: "\(prefix)\(name).") }
    }

    package func object(_ name: String) throws -> Fields {
        try required(name, optionalObject(name))
    }
}
