/// How values are distributed, as a picture: a filled bar for the share that each had, and one line over all bars for the
/// shares they have now. It needs no script; the numbers are there on hover and for those who do not see it.
package struct DistributionChart: Sendable {
    package struct Bar: Sendable, Hashable {
        /// A name or a range of values.
        package let label: String
        /// Shares from 0 to 1.
        package let before: Double
        package let now: Double

        package init(_ label: String, before: Double, now: Double = 0) {
            self.label = label
            self.before = before
            self.now = now
        }
    }

    private let bars: [Bar]
    /// Whether there is something to compare with, and so a line.
    private let hasNow: Bool

    package init(_ bars: [Bar], hasNow: Bool = true) {
        self.bars = bars
        self.hasNow = hasNow
    }

    private static let height = 48.0
    private static let width = 216.0
    /// The widest that a bar is drawn.
    private static let widest = 27.0

    private var step: Double { min(Self.widest, Self.width / Double(max(1, bars.count))) }

    package var html: HTML {
        let most = bars.map { max($0.before, $0.now) }.max() ?? 0
        guard most > 0 else { return "<span class=\"quiet\">no values</span>" }
        let filled = bars.indices.map { bar($0, bars[$0], most) }
        return """
            <svg class="histogram" viewBox="0 0 \(Self.width) \(Self.height + 1)" role="img" aria-label="\(words)">\
            \(filled)\(hasNow ? line(most) : nil)</svg>
            """
    }

    /// What the bars and the line are, to stand once above the pictures.
    package static func key(before: String, now: String) -> HTML {
        "<p class=\"key\"><span class=\"before\">\(before)</span><span class=\"now\">\(now)</span></p>"
    }

    private func bar(_ index: Int, _ bar: Bar, _ most: Double) -> HTML {
        let height = Self.tenth(bar.before / most * Self.height)
        let x = Self.tenth(Double(index) * step)
        return """
            <g><title>\(words(bar))</title>\
            <rect class="space" x="\(x)" y="0" width="\(Self.tenth(step))" height="\(Self.height)"/>\
            <rect x="\(x + 0.5)" y="\(Self.tenth(Self.height - height))" width="\(Self.tenth(step - 1))" height="\(height)"/></g>
            """
    }

    /// Over all bars, down to the ground at both ends.
    private func line(_ most: Double) -> HTML {
        var path = "M0 \(Self.height)"
        for (index, bar) in bars.enumerated() {
            let y = Self.tenth(Self.height - bar.now / most * Self.height)
            path += "V\(y)H\(Self.tenth(Double(index + 1) * step))"
        }
        return "<path d=\"\(path)V\(Self.height)\"/>"
    }

    private func words(_ bar: Bar) -> String {
        let now = hasNow ? ", now \(Quantity.percent(bar.now))" : ""
        return "\(bar.label): \(Quantity.percent(bar.before))\(now)"
    }

    /// The largest bars, for those who do not see the picture.
    private var words: String {
        bars.sorted { $0.before > $1.before }.prefix(3).map(words).joined(separator: "; ")
    }

    private static func tenth(_ value: Double) -> Double {
        (value * 10).rounded() / 10
    }
}
