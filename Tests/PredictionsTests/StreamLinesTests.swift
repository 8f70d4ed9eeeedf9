import NIOCore
import Testing

@testable import Predictions

@Suite struct StreamLinesTests {
    private static func cut(_ chunks: [String], maximumBytes: Int = 20) async throws -> [String] {
        let (stream, feed) = AsyncThrowingStream.makeStream(of: ByteBuffer.self)
        for chunk in chunks { feed.yield(ByteBuffer(string: chunk)) }
        feed.finish()
        var lines: [String] = []
        for try await line in StreamLines(base: stream, maximumBytes: maximumBytes) {
            lines.append("\(line.number):\(line.text.map { String(buffer: $0) } ?? "too long")")
        }
        return lines
    }

    @Test(arguments: [
        (["a\nb\n"], ["1:a", "2:b"]), (["a\nb"], ["1:a", "2:b"]), (["a", "b", "\nc", "\n"], ["1:ab", "2:c"]),
        (["\n \r\na\n"], ["3:a"]), ([], []), ([""], []), (["\n", "\n"], []),
        (["aaaaaaaaaaaaaaaaaaaaa\nb"], ["1:too long", "2:b"]),
        (["aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa", "aaa\nb\n"], ["1:too long", "2:b"]),
        (["aaaaaaaaaaaaaaaaaaaaa"], ["1:too long"]),
    ])
    func cutsBytesIntoLines(chunks: [String], expected: [String]) async throws {
        #expect(try await Self.cut(chunks) == expected)
    }
}
