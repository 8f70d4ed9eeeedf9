import Wire

extension Manifest {
    /// The manifest as people write it. Read again, it is the same.
    package var yaml: String {
        var lines: [String] = []
        ManifestText.write(json, indent: 0, into: &lines)
        return lines.joined(separator: "\n")
    }
}

/// Writes what `ManifestNode` reads: blocks of mappings and lists, words plain where they stay words, all else as JSON writes
/// it, which is YAML, too (YAML 1.2.2, section 1.2).
private enum ManifestText {
    static func write(_ json: JSON, indent: Int, into lines: inout [String]) {
        let space = String(repeating: " ", count: indent)
        for (key, value) in json.memberList ?? [] {
            if isBlock(value) {
                lines.append("\(space)\(word(key)):")
                // A list stands below its key as far out as that does.
                value.arrayValue == nil
                    ? write(value, indent: indent + 2, into: &lines) : write(list: value, indent: indent, into: &lines)
            } else {
                lines.append("\(space)\(word(key)): \(inline(value))")
            }
        }
    }

    private static func write(list: JSON, indent: Int, into lines: inout [String]) {
        let space = String(repeating: " ", count: indent)
        for element in list.arrayValue ?? [] {
            guard isBlock(element), element.arrayValue == nil else {
                lines.append("\(space)- \(inline(element))")
                continue
            }
            var inner: [String] = []
            write(element, indent: 0, into: &inner)
            for (place, line) in inner.enumerated() { lines.append("\(space)\(place == 0 ? "-" : " ") \(line)") }
        }
    }

    /// What goes on lines of its own.
    private static func isBlock(_ json: JSON) -> Bool {
        if let elements = json.arrayValue {
            return elements.contains(where: isBlock) || json.text.count > 60 && !elements.isEmpty
        }
        return json.memberList?.isEmpty == false
    }

    private static func inline(_ json: JSON) -> String {
        if let text = json.stringValue { return word(text) }
        guard let elements = json.arrayValue else { return json.text }
        return "[\(elements.map(inline).joined(separator: ", "))]"
    }

    private static func word(_ text: String) -> String {
        let isWord = text.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_.\/-]*/) != nil
        return isWord && !["null", "true", "false"].contains(text) ? text : JSON.string(text).text
    }
}
