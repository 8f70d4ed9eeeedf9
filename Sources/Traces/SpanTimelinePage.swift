import Tracking
import Web
import Wire

/// The spans of a trace as an indented list, each with a bar where it lies in the time of the whole. It reads from top
/// to bottom without styles and without scripts.
struct SpanTimeline {
    let spans: [Span]

    /// More spans than this make a page that nobody reads to the end.
    private static let limit = 2000
    private static let valueLength = 4000

    var html: HTML {
        guard !spans.isEmpty else { return .empty("No span of this trace has come yet.") }
        let lines = SpanTree(spans).lines
        let start = spans.map(\.startNanoseconds).min() ?? 0
        let end = spans.map { max($0.endNanoseconds, $0.startNanoseconds) }.max() ?? start
        let length = Double(max(1, end - start))
        let items = lines.prefix(Self.limit).map { line -> HTML in
            let span = line.span
            let offset = Double(span.startNanoseconds - start) / length
            let share = Double(span.durationNanoseconds ?? end - span.startNanoseconds) / length
            return Self.item(span, depth: line.depth, offset: offset, share: share)
        }
        let rest = lines.count - items.count
        let more: HTML? = rest > 0 ? "<p class=\"quiet\">and \(Quantity.count(rest)) more spans</p>" : nil
        return "<h2>Spans</h2>\n<ol class=\"spans\">\n\(items)</ol>\(more)"
    }

    /// - Parameters:
    ///   - offset: where it begins, as a share of the whole time.
    ///   - share: how much of the whole time it took.
    private static func item(_ span: Span, depth: Int, offset: Double, share: Double) -> HTML {
        // Spaces, not styles, so that the tree is one wherever it is read.
        let indent = String(repeating: "\u{2003}", count: min(depth, 20))
        let tone: HTML = span.status.code == .error ? "bad" : "plain"
        let took = span.durationNanoseconds.map { Quantity.latency(microseconds: Double($0) / 1000) } ?? "not ended"
        let x = Self.thousandths(offset)
        let width = Self.thousandths(max(share, 0.002))
        return """
            <li>
            <details>
            <summary>
            <span>\(indent)\(span.name) <small class="quiet">\(span.type)</small></span>
            <svg class="\(tone)" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">
            <rect x="\(x)" y="0" width="\(width)" height="10"/></svg>
            <span>\(took)</span>
            </summary>
            \(particulars(of: span))
            </details>
            </li>

            """
    }

    /// A share of the whole as the bar's coordinates have it, with one decimal.
    private static func thousandths(_ share: Double) -> Double {
        (min(max(share, 0), 1) * 10_000).rounded() / 10
    }

    private static func particulars(of span: Span) -> HTML {
        let attributes = span.attributes.map { attribute -> [HTML] in
            [.name(attribute.key), .code(attribute.value.spelled.cut(to: valueLength))]
        }
        let events = span.events.map { event -> [HTML] in
            let values = event.attributes.map { "\($0.key): \($0.value.spelled)" }.joined(separator: "\n")
            let after = Double(event.nanoseconds - span.startNanoseconds) / 1000
            return [.name(event.name), "\(Quantity.latency(microseconds: after))", .code(values.cut(to: valueLength))]
        }
        let happened: HTML? =
            events.isEmpty
            ? nil
            : "<h3>Events</h3>\(HTML.table(["event", .number("after", "From the beginning of the span."), "particulars"], rows: events))"
        let message: HTML? =
            span.status.message.isEmpty ? nil : .notice(.bad, "<p>\(span.status.message)</p>")
        return """
            \(message)
            \(HTML.table(["attribute", "value"], rows: attributes))
            \(happened)
            """
    }
}
