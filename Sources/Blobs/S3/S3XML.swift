/// An element of the XML that S3 answers with: names and text; attributes mean nothing there and are passed over.
struct S3XML: Sendable {
    let name: String
    /// The text of an element without children.
    private(set) var text = ""
    private(set) var children: [S3XML] = []

    /// The first child of a name.
    subscript(name: String) -> S3XML? {
        children.first { $0.name == name }
    }

    /// All children of a name.
    func all(_ name: String) -> [S3XML] {
        children.filter { $0.name == name }
    }

    /// Nil for text that is not one whole element.
    static func parse(_ text: String) -> S3XML? {
        var reader = Reader(rest: text[...])
        return reader.element(depth: 0)
    }

    /// Reads forwards and never back.
    private struct Reader {
        var rest: Substring

        mutating func element(depth: Int) -> S3XML? {
            skipToElement()
            guard depth < 16, rest.first == "<", let end = rest.firstIndex(of: ">") else { return nil }
            let tag = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            let name = tag.prefix { !$0.isWhitespace && $0 != "/" }
            var element = S3XML(name: String(name))
            if tag.hasSuffix("/") { return element }
            while let start = rest.firstIndex(of: "<") {
                element.text += Self.unescaped(rest[..<start])
                rest = rest[start...]
                if rest.hasPrefix("</") {
                    guard let close = rest.firstIndex(of: ">") else { return nil }
                    let closed = rest[rest.index(rest.startIndex, offsetBy: 2)..<close]
                    rest = rest[rest.index(after: close)...]
                    return closed.prefix { !$0.isWhitespace } == name ? element : nil
                }
                guard let child = self.element(depth: depth + 1) else { return nil }
                element.children.append(child)
            }
            return nil
        }

        /// Passes over blanks, the declaration and comments.
        private mutating func skipToElement() {
            while true {
                rest = rest.drop(while: \.isWhitespace)
                let end = rest.hasPrefix("<?") ? "?>" : rest.hasPrefix("<!--") ? "-->" : nil
                guard let end, let range = rest.firstRange(of: end) else { return }
                rest = rest[range.upperBound...]
            }
        }

        private static func unescaped(_ text: Substring) -> String {
            guard text.contains("&") else { return String(text) }
            var result = ""
            var rest = text
            while let start = rest.firstIndex(of: "&"), let end = rest[start...].firstIndex(of: ";") {
                result += rest[..<start]
                result += character(rest[rest.index(after: start)..<end]) ?? String(rest[start...end])
                rest = rest[rest.index(after: end)...]
            }
            return result + rest
        }

        private static func character(_ entity: Substring) -> String? {
            switch entity {
            case "amp": return "&"
            case "lt": return "<"
            case "gt": return ">"
            case "quot": return "\""
            case "apos": return "'"
            default:
                guard entity.hasPrefix("#") else { return nil }
                let isHex = entity.hasPrefix("#x")
                let code = UInt32(entity.dropFirst(isHex ? 2 : 1), radix: isHex ? 16 : 10)
                return code.flatMap(Unicode.Scalar.init).map { String(Character($0)) }
            }
        }
    }
}

extension String {
    /// The text with what XML gives a meaning written as entities.
    var xmlEscaped: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
