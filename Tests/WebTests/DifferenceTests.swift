import Testing

@testable import Web

struct DifferenceTests {
    @Test func marksWhatGoesAndWhatComesWhereItStands() {
        let lines = HTML.lineDifference(from: "a\nb\nc\n", to: "a\nx\nc\nd\n")
        #expect(lines == [.kept("a"), .gone("b"), .new("x"), .kept("c"), .new("d")])
    }

    @Test func equalTextsHaveNothingMarked() {
        #expect(HTML.lineDifference(from: "a\nb", to: "a\nb\n") == [.kept("a"), .kept("b")])
        #expect(HTML.lineDifference(from: "", to: "a") == [.new("a")])
        #expect(HTML.lineDifference(from: "a\r\nb", to: "a\nb") == [.kept("a"), .kept("b")])
    }

    /// The product of their lengths would take minutes.
    @Test func longTextsAreNotComparedLineByLine() {
        let lines = HTML.lineDifference(
            from: (0..<2000).map { "a\($0)\n" }.joined(), to: (0..<2000).map { "b\($0)\n" }.joined())
        #expect(lines.count == 4000)
        #expect(lines.first == .gone("a0"))
        #expect(lines.last == .new("b1999"))
    }

    @Test func markupInATextStaysText() {
        let html = HTML.difference(from: "a", to: "<b>").text
        #expect(html.contains("<ins>&lt;b&gt;\n</ins>"))
        #expect(html.contains("<del>a\n</del>"))
    }
}
