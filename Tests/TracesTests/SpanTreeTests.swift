import Testing
import Tracking

@testable import Traces

/// The order in which the spans of a trace are read.
@Suite struct SpanTreeTests {
    @Test func putsEachSpanBelowItsCallerInTheOrderOfTheirStarts() throws {
        let spans = try [span(3, in: 1, at: 9), span(2, in: 1, at: 5), span(4, in: 2, at: 6), span(1, at: 1)]
        #expect(lines(spans) == ["0:1", "1:2", "2:4", "1:3"])
    }

    @Test func takesASpanWithoutItsCallerForARoot() throws {
        #expect(try lines([span(2, in: 9, at: 5), span(3, in: 2, at: 6), span(1, at: 1)]) == ["0:1", "0:2", "1:3"])
    }

    @Test func showsTheSpansOfACircleOnce() throws {
        #expect(try lines([span(1, in: 2, at: 1), span(2, in: 1, at: 2)]) == ["0:1", "1:2"])
        #expect(try lines([span(1, in: 1, at: 1)]) == ["0:1"])
    }

    @Test func endsWithDeepTraces() throws {
        let spans = try (1...20_000).map { try span(UInt16($0), in: UInt16($0 - 1), at: Int64($0)) }
        #expect(SpanTree(spans).lines.last?.depth == 19_999)
    }

    private func span(_ id: UInt16, in parent: UInt16 = 0, at start: Int64) throws -> Span {
        try Span(
            traceID: [UInt8](repeating: 1, count: 16), id: bytes(id), parentBytes: bytes(parent), traceState: "",
            name: "\(id)", kind: .unspecified, startNanoseconds: start, endNanoseconds: start + 1, attributes: [],
            events: [], links: [], status: SpanStatus(code: .unset, message: ""), flags: 0, droppedAttributes: 0,
            droppedEvents: 0, droppedLinks: 0)
    }

    private func bytes(_ id: UInt16) -> [UInt8] { [0, 0, 0, 0, 0, 0, UInt8(id >> 8), UInt8(id & 255)] }

    private func lines(_ spans: [Span]) -> [String] { SpanTree(spans).lines.map { "\($0.depth):\($0.span.name)" } }
}
