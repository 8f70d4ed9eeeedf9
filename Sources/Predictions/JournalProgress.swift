/// How far lines have come: written, then stored, then told to observers. `observed` ≤ `stored` ≤ `written`.
struct JournalProgress: Sendable {
    private(set) var written: JournalPosition
    private(set) var stored: JournalPosition
    private(set) var observed: JournalPosition
    private(set) var unstoredBytes: Int
    private(set) var unobservedBytes = 0

    /// - Parameters:
    ///   - left: the segments that an earlier process left, in their order.
    ///   - bytes: the size of all of them.
    ///   - current: the segment that grows.
    init(left: [Int], bytes: Int, current: Int) {
        written = JournalPosition(segment: current, offset: 0)
        stored = JournalPosition(segment: left.first ?? current, offset: 0)
        observed = stored
        unstoredBytes = bytes
    }

    /// Bytes that the files of the journal hold and that are still needed.
    var byteCount: Int { unstoredBytes + unobservedBytes }

    mutating func wrote(_ count: Int, upTo end: JournalPosition) {
        written = end
        unstoredBytes += count
    }

    mutating func store(_ count: Int, upTo end: JournalPosition) {
        stored = end
        unstoredBytes -= count
        unobservedBytes += count
    }

    /// - Returns: the segments that nobody needs any more.
    mutating func observe(_ count: Int, upTo end: JournalPosition) -> Range<Int> {
        defer { observed = end }
        unobservedBytes -= count
        return observed.segment..<end.segment
    }
}
