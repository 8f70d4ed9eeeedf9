package import Wire

extension YAMLText {
    /// A JSON value as YAML that people read: blocks of two spaces, short lists on one line, words without quotation marks where
    /// nothing else could be meant. Read back by the rules of manifests it is the same value.
    package static func text(of json: JSON) -> String {
        var text = ""
        write(json, indent: 0, to: &text)
        return text
    }

    /// A list of plain values goes on one line up to this length.
    private static let shortList = 80

    private static func write(_ json: JSON, indent: Int, to text: inout String) {
        let margin = String(repeating: "  ", count: indent)
        if let members = json.memberList, !members.isEmpty {
            for (name, value) in members {
                text += "\(margin)\(scalar(.string(name))):"
                write(member: value, indent: indent, to: &text)
            }
        } else if let elements = json.arrayValue, !elements.isEmpty {
            for element in elements { write(element: element, indent: indent, to: &text) }
        } else {
            text += "\(margin)\(inline(json))\n"
        }
    }

    /// What comes after `name:`.
    private static func write(member value: JSON, indent: Int, to text: inout String) {
        if isInline(value) {
            text += " \(inline(value))\n"
        } else {
            text += "\n"
            write(value, indent: indent + 1, to: &text)
        }
    }

    /// `- name: main`, the other members below the first.
    private static func write(element: JSON, indent: Int, to text: inout String) {
        let margin = String(repeating: "  ", count: indent)
        if isInline(element) {
            text += "\(margin)- \(inline(element))\n"
            return
        }
        var block = ""
        write(element, indent: indent + 1, to: &block)
        text += "\(margin)- \(block.dropFirst(margin.utf8.count + 2))"
    }

    /// Whether a value has room on the line of its name.
    private static func isInline(_ json: JSON) -> Bool {
        switch json {
        case .object: return json.memberList?.isEmpty ?? true
        case .array(let elements):
            let isPlain = elements.allSatisfy { $0.arrayValue == nil && $0.objectValue == nil }
            return elements.isEmpty || (isPlain && inline(json).utf8.count <= shortList)
        default: return true
        }
    }

    private static func inline(_ json: JSON) -> String {
        switch json {
        case .object: "{}"
        case .array(let elements): "[\(elements.map(scalar).joined(separator: ", "))]"
        default: scalar(json)
        }
    }

    private static func scalar(_ json: JSON) -> String {
        guard let text = json.stringValue else { return json.text }
        return isPlain(text) ? text : quoted(text)
    }

    /// Words that some reader of YAML takes for something else than a word (YAML 1.1 has `no` and `off`).
    private static let others: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]

    /// Whether a text means itself without quotation marks, in a block as well as in a list on one line.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first), text.utf8.count <= 200, text.utf8.last != UInt8(ascii: ":")
        else { return false }
        return text.utf8.allSatisfy(isPlainByte) && !others.contains(text.lowercased())
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isPlainByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "_-./@:".utf8.contains(byte)
    }

    /// In double quotation marks, with escapes for what YAML's readers refuse or fold (YAML 1.2.2, section 5.7).
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x22: quoted += "\\\""
            case 0x5C: quoted += "\\\\"
            case 0x0A: quoted += "\\n"
            case 0x09: quoted += "\\t"
            case 0..<0x20, 0x7F...0x9F: quoted += "\\x\(hexadecimal(scalar.value, digits: 2))"
            case 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: quoted += "\\u\(hexadecimal(scalar.value, digits: 4))"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}
