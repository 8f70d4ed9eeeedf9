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

    package init(writing value: some JSONWritable) {
        var writer = JSONWriter()
        value.write(to: &writer)
        text = String(decoding: writer.bytes, as: UTF8.self)
    }

    /// A list of values.
    package init(list: [some JSONWritable]) {
        var writer = JSONWriter()
        writer.array(list) { $1.write(to: &$0) }
        text = String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The elements of a list; nil when it is none.
    package var elements: [JSONText]? {
        var text = text
        return text.withUTF8 { bytes in
            var scanner = JSONScanner(bytes: bytes)
            guard scanner.take(UInt8(ascii: "[")) else { return nil }
            guard !scanner.take(UInt8(ascii: "]")) else { return [] }
            var elements: [JSONText] = []
            repeat {
                guard let element = try? scanner.text() else { return nil }
                elements.append(element)
            } while scanner.take(UInt8(ascii: ","))
            return elements
        }
    }

    /// The value.
    package var json: JSON {
        // What has been checked can be parsed.
        (try? JSON.parse(text)) ?? .null
    }
}

extension JSONText: JSONWritable {
    package func write(to writer: inout JSONWriter) { writer.raw(text) }
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
