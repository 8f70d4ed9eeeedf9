import Testing

@testable import Incidents

@Suite struct LogTailTests {
    @Test func onlyTheEndOfALongLogIsKept() {
        var tail = LogTail()
        for line in 0..<50_000 { tail.append("line \(line)\n".utf8) }
        #expect(tail.text.utf8.count <= LogTail.limitBytes + 4)
        #expect(tail.text.hasPrefix("…\nline "))
        #expect(tail.text.hasSuffix("line 49999\n"))
    }
}
