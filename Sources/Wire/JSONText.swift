/// A JSON value as its text, which is taken apart when somebody asks for what is in it.
package struct JSONText: Sendable, Hashable {
    /// Well formed, with nothing before or after the value.
    package let text: String

    package static let null = JSONText(.null)

    package init(_ json: JSON) {
        text = json.text
    }

    /// - Throws: `JSONSyntaxError` when `text` is no JSON.
    package init(_ text: String) throws(JSONSyntaxError) {
        var text = text
        self = try text.withUTF8 { bytes in
            Result { () throws(JSONSyntaxError) in
                var scanner = JSONScanner(bytes: bytes)
                let value = try scanner.text()
                guard scanner.peek() == nil else { throw scanner.error("unexpected text after the value") }
                return value
            }
        }.get()
    }

    /// - Parameter text: known to be JSON.
    package init(checked text: String) {
        self.text = text
    }

    /// The value.
    package var json: JSON {
        // What has been checked can be parsed.
        (try? JSON.parse(text)) ?? .null
    }
}

extension JSONScanner {
    /// Reads a value as its text.
    package mutating func text() throws(JSONSyntaxError) -> JSONText {
        skipSpace()
        let start = position
        try skip()
        let utf8 = UnsafeBufferPointer(rebasing: bytes[start..<position])
        guard let text = String(validating: utf8, as: UTF8.self) else { throw error("invalid UTF-8", at: start) }
        return JSONText(checked: text)
    }

    /// Passes over a value, which is checked and not built.
    private mutating func skip() throws(JSONSyntaxError) {
        switch peek() {
        case UInt8(ascii: "{"):
            try enter()
            if !take(UInt8(ascii: "}")) {
                repeat {
                    guard peek() == UInt8(ascii: "\"") else { throw error("expected a member name in double quotes") }
                    try skipString()
                    guard take(UInt8(ascii: ":")) else { throw error("expected ':' after the member name") }
                    try skip()
                } while take(UInt8(ascii: ","))
                guard take(UInt8(ascii: "}")) else { throw error("expected ',' or '}'") }
            }
            leave()
        case UInt8(ascii: "["):
            try enter()
            if !take(UInt8(ascii: "]")) {
                repeat { try skip() } while take(UInt8(ascii: ","))
                guard take(UInt8(ascii: "]")) else { throw error("expected ',' or ']'") }
            }
            leave()
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): try skipNumber()
        default: _ = try value()
        }
    }

    private mutating func skipString() throws(JSONSyntaxError) {
        let start = position
        position += 1
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") { return }
            if byte == UInt8(ascii: "\\") || byte < 0x20 {
                // Escapes are checked where they are understood.
                position = start
                _ = try string()
                return
            }
        }
        throw error("the string does not end", at: start)
    }
}
