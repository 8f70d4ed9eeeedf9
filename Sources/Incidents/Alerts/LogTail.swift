/// The end of what a command wrote.
struct LogTail: Sendable {
    static let limitBytes = 64 << 10

    private var bytes: [UInt8] = []
    private var isCut = false

    mutating func append(_ more: some Sequence<UInt8>) {
        bytes.append(contentsOf: more)
        // Cut in large steps, so that a chatty command does not move the whole tail for each line.
        if bytes.count > 2 * Self.limitBytes { cut() }
    }

    private mutating func cut() {
        guard bytes.count > Self.limitBytes else { return }
        bytes.removeFirst(bytes.count - Self.limitBytes)
        isCut = true
    }

    /// At most `limitBytes` of it, from the start of a line when something was left out.
    var text: String {
        var tail = self
        tail.cut()
        guard tail.isCut, let lineEnd = tail.bytes.firstIndex(of: UInt8(ascii: "\n")) else {
            return String(decoding: tail.bytes, as: UTF8.self)
        }
        return "…\n" + String(decoding: tail.bytes[(lineEnd + 1)...], as: UTF8.self)
    }
}
