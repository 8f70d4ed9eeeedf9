import NIOCore

/// The first lines of a text.
struct TextHead: Sendable, Hashable {
    let text: String
    /// Whether there is more of it.
    let isCut: Bool

    static let maximumLines = 500

    init(text: String, isCut: Bool) {
        let lines = text.split(
            maxSplits: Self.maximumLines, omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let hasMore = lines.count > Self.maximumLines && !(lines.last?.isEmpty ?? true)
        self.text = lines.prefix(Self.maximumLines).joined(separator: "\n")
        self.isCut = isCut || hasMore
    }

    /// Nil for bytes that are not UTF-8 text.
    /// - Parameter isCut: whether the file goes on after them; its last character may then be cut too.
    init?(head: ByteBuffer, isCut: Bool) {
        var bytes = head.readableBytesView[...]
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if bytes.starts(with: mark) { bytes = bytes.dropFirst(mark.count) }
        if isCut {
            // At most three bytes of a character may be there without its last.
            let tail = bytes.suffix(4)
            if let start = tail.lastIndex(where: { $0 & 0xC0 != 0x80 }), bytes[start] >= 0xC0 {
                bytes = bytes[..<start]
            }
        }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else { return nil }
        self.init(text: text, isCut: isCut)
    }
}
