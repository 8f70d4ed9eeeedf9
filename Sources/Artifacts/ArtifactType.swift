/// What kind of file an artifact is, told by its name.
enum ArtifactType {
    private static let text: Set<String> = [
        "txt", "json", "yaml", "yml", "csv", "xml", "md", "py", "js", "log", "ipynb", "cfg", "conf", "ini", "toml",
        "sql",
        "sh", "rst", "tsv", "jsonnet", "mlmodel", "mlproject",
    ]
    private static let others = [
        "html": "text/html", "htm": "text/html", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
        "gif": "image/gif", "svg": "image/svg+xml", "webp": "image/webp", "pdf": "application/pdf",
    ]

    static func mediaType(of name: String) -> String {
        let suffix = name.split(separator: ".").last?.lowercased() ?? ""
        if text.contains(suffix) { return "text/plain" }
        return others[suffix] ?? "application/octet-stream"
    }

    /// `Content-Disposition` for a download (RFC 6266): an ASCII name, and the exact one when it differs.
    static func disposition(of name: String) -> String {
        let plain = String(
            name.unicodeScalars.map { scalar in
                scalar.isASCII && scalar != "\"" && scalar != "\\" && scalar.value >= 0x20 ? Character(scalar) : "_"
            })
        let isToken = plain.utf8.allSatisfy(isUnreserved)
        let ascii = isToken ? plain : "\"\(plain)\""
        guard plain != name else { return "attachment; filename=\(ascii)" }
        let exact = name.utf8.map { isUnreserved($0) ? String(UnicodeScalar($0)) : "%" + hexadecimal($0) }
        return "attachment; filename=\(ascii); filename*=UTF-8''\(exact.joined())"
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count == 1 ? "0" + digits : digits
    }
}
