import OrderedCollections

/// Where and why a text is not JSON.
package struct JSONSyntaxError: Problem {
    package let reason: String
    /// 0-based offset in bytes.
    package let offset: Int
    package let line: Int
    package let column: Int

    package var code: ProblemCode { .invalidParameterValue }
    package var message: String { "Malformed JSON at line \(line), column \(column): \(reason)" }
    package var hint: String? { nil }
}

extension JSON {
    /// How deep arrays and objects may nest; deeper input is refused rather than risking the stack.
    package static let maximumDepth = 256

    /// Parses UTF-8 text (RFC 8259). Accepts the literals `NaN`, `Infinity` and `-Infinity` as numbers, because Python's
    /// encoder writes them.
    /// - Parameter maximumValues: a text that holds more is refused, for a value takes up to thirty times its text in memory.
    /// - Throws: `JSONSyntaxError` with line and column.
    package static func parse(
        _ text: some Sequence<UInt8>, maximumValues: Int = .max
    ) throws(JSONSyntaxError) -> JSON {
        let parsed = text.withContiguousStorageIfAvailable { bytes in
            Result { () throws(JSONSyntaxError) in try parse(buffer: bytes, maximumValues) }
        }
        if let parsed { return try parsed.get() }
        let copy = Array(text)
        return try copy.withUnsafeBufferPointer { bytes in
            Result { () throws(JSONSyntaxError) in try parse(buffer: bytes, maximumValues) }
        }.get()
    }

    package static func parse(_ text: String) throws(JSONSyntaxError) -> JSON {
        try parse(text.utf8)
    }

    private static func parse(
        buffer: UnsafeBufferPointer<UInt8>, _ maximumValues: Int
    ) throws(JSONSyntaxError) -> JSON {
        var scanner = JSONScanner(bytes: buffer, maximumValues: maximumValues)
        return try scanner.document()
    }
}

/// A recursive-descent parser over a borrowed buffer. Also used by readers that scan rows without building a tree.
package struct JSONScanner {
    package let bytes: UnsafeBufferPointer<UInt8>
    package var position = 0
    private var depth = 0
    private var count = 0
    private let maximumValues: Int

    package init(bytes: UnsafeBufferPointer<UInt8>, maximumValues: Int = .max) {
        self.bytes = bytes
        self.maximumValues = maximumValues
    }

    mutating func document() throws(JSONSyntaxError) -> JSON {
        let value = try value()
        skipSpace()
        guard position == bytes.count else { throw error("unexpected text after the value") }
        return value
    }

    package func error(_ reason: String, at offset: Int? = nil) -> JSONSyntaxError {
        let offset = min(offset ?? position, bytes.count)
        var line = 1
        var column = 1
        for byte in bytes[..<offset] {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return JSONSyntaxError(reason: reason, offset: offset, line: line, column: column)
    }

    package mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    /// The next byte that is not white space, left unread; nil at the end.
    package mutating func peek() -> UInt8? {
        skipSpace()
        return position < bytes.count ? bytes[position] : nil
    }

    /// Reads `byte` if it comes next.
    package mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        position += 1
        return true
    }

    package mutating func value() throws(JSONSyntaxError) -> JSON {
        try countValue()
        switch peek() {
        case nil: throw error(bytes.isEmpty ? "the text is empty" : "the text ends too early")
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "N"): return try literal("NaN", .double(.nan))
        case UInt8(ascii: "I"): return try literal("Infinity", .double(.infinity))
        default: return try number()
        }
    }

    mutating func countValue() throws(JSONSyntaxError) {
        count += 1
        guard count <= maximumValues else { throw error("more than \(maximumValues) values; send fewer at once") }
    }

    private mutating func literal(_ text: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON {
        let matches = text.withUTF8Buffer { expected in
            position + expected.count <= bytes.count
                && expected.indices.allSatisfy { bytes[position + $0] == expected[$0] }
        }
        guard matches else { throw error("expected a value") }
        position += text.utf8CodeUnitCount
        return value
    }

    private mutating func object() throws(JSONSyntaxError) -> JSON.Object {
        try enter()
        var members = JSON.Object()
        if !take(UInt8(ascii: "}")) {
            members.reserveCapacity(4)
            repeat {
                guard peek() == UInt8(ascii: "\"") else { throw error("expected a member name in double quotes") }
                let key = try string()
                guard take(UInt8(ascii: ":")) else { throw error("expected ':' after the member name \"\(key)\"") }
                members[key] = try value()
            } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "}")) else { throw error("expected ',' or '}'") }
        }
        leave()
        return members
    }

    private mutating func array() throws(JSONSyntaxError) -> [JSON] {
        try enter()
        var elements: [JSON] = []
        if !take(UInt8(ascii: "]")) {
            repeat { elements.append(try value()) } while take(UInt8(ascii: ","))
            guard take(UInt8(ascii: "]")) else { throw error("expected ',' or ']'") }
        }
        leave()
        return elements
    }

    /// Reads the bracket of an array or object.
    mutating func enter() throws(JSONSyntaxError) {
        depth += 1
        guard depth <= JSON.maximumDepth else { throw error("nested deeper than \(JSON.maximumDepth) levels") }
        position += 1
    }

    mutating func leave() {
        depth -= 1
    }
}
