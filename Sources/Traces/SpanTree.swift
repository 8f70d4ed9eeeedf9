import Wire

/// The spans of a trace in the order in which they are read: each below the one that called it, with its depth.
struct SpanTree: Sendable, Hashable {
    struct Line: Sendable, Hashable {
        let span: Span
        /// 0 for a root.
        let depth: Int
    }

    let lines: [Line]

    /// A span whose caller is not among them counts as a root, and so does one of a circle.
    init(_ spans: [Span]) {
        let known = Set(spans.map(\.id))
        let children = Dictionary(grouping: spans) { span in span.parentID.flatMap { known.contains($0) ? $0 : nil } }
        var lines: [Line] = []
        var seen: Set<[UInt8]> = []
        // A list of what is yet to be shown in place of recursion: a trace may be deeper than the stack.
        func show(_ roots: [Span]) {
            var waiting = Self.ordered(roots).map { Line(span: $0, depth: 0) }
            while let line = waiting.popLast() {
                guard seen.insert(line.span.id).inserted else { continue }
                lines.append(line)
                waiting += Self.ordered(children[line.span.id] ?? []).map { Line(span: $0, depth: line.depth + 1) }
            }
        }
        show(children[nil] ?? [])
        for span in spans where !seen.contains(span.id) { show([span]) }
        self.lines = lines
    }

    /// Latest first, because they are taken from the end.
    private static func ordered(_ spans: [Span]) -> [Span] {
        spans.sorted { ($0.startNanoseconds, $0.id.hexadecimal) > ($1.startNanoseconds, $1.id.hexadecimal) }
    }
}
