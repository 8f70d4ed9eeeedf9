/// One quantity over two others: bands of equal height between scattered points, which lie over them. Drawn as SVG by the server.
package struct ContourChart: Sendable {
    package struct Dot: Sendable {
        let name: String
        let path: String
        let x: Double
        let y: Double
        let z: Double

        package init(_ name: String, to path: String, x: Double, y: Double, z: Double) {
            self.name = name
            self.path = path
            self.x = x
            self.y = y
            self.z = z
        }
    }

    private let title: String
    private let dots: [Dot]
    private let xLabel: String
    private let yLabel: String

    /// - Parameters:
    ///   - title: what the height is.
    ///   - dots: those without three numbers are left out.
    package init(_ title: String, _ dots: [Dot], xLabel: String, yLabel: String) {
        self.title = title
        self.dots = dots
        self.xLabel = xLabel
        self.yLabel = yLabel
    }

    private static let grid = (columns: 48, rows: 32)
    /// The colours there are.
    private static let shades = 8

    /// `<figure class="chart contour">`; a sentence when there is nothing to draw.
    package var html: HTML {
        let there = dots.filter { abs($0.x) < 1e300 && abs($0.y) < 1e300 && abs($0.z) < 1e300 }
        if let reason = Self.reason(against: there, title, xLabel, yLabel) {
            return
                "<figure class=\"chart contour\"><figcaption>\(title)</figcaption><p class=\"quiet\">\(reason)</p></figure>"
        }
        let drawing = ChartDrawing(x: Self.axis(there.map(\.x)), y: Self.axis(there.map(\.y)))
        let (low, high) = (there.map(\.z).min() ?? 0, there.map(\.z).max() ?? 0)
        let heights = ChartScale(numbers: low...high, isRounded: true, count: 6)
        let field = ContourField(
            there.map { dot in
                (.init(x: drawing.x.fraction(of: dot.x), y: drawing.y.fraction(of: dot.y)), dot.z)
            }, columns: Self.grid.columns, rows: Self.grid.rows)
        let bands = max(1, heights.ticks.count - 1)
        let shapes = (0..<bands).map { band -> HTML in
            let place = Self.shade(band, of: bands)
            guard band > 0 else { return "<rect class=\"band-\(place)\" width=\"1000\" height=\"1000\"/>" }
            let path = field.loops(above: heights.ticks[band]).map(Self.path).joined()
            return path.isEmpty ? "" : "<path class=\"band-\(place)\" d=\"\(path)\"/>"
        }
        let marks = there.map { dot -> HTML in
            """
            <a href="\(dot.path)"><circle cx="\(percent(drawing.x.fraction(of: dot.x)))" \
            cy="\(percent(1 - drawing.y.fraction(of: dot.y)))" r="5"><title>\(dot.name): \(Quantity.number(dot.z)) \
            at \(Quantity.number(dot.x)), \(Quantity.number(dot.y))</title></circle></a>
            """
        }
        return """
            <figure class="chart contour" data-key="\(title)">
            <figcaption>\(title)</figcaption>
            <p class="above">\(HTML.name(yLabel))</p>
            <svg width="100%" height="300">
            <title>\(title)</title><desc>\(title) over \(xLabel) and \(yLabel), of \(there.count) runs</desc>
            <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" width="100%" height="100%">\(shapes)</svg>
            \(drawing.grid)\(marks)
            </svg>
            <p class="axis">\(HTML.name(xLabel))</p>
            <ul class="legend">\(Self.legend(heights.ticks))</ul>
            </figure>
            """
    }

    /// Why there is no contour, in words.
    private static func reason(against dots: [Dot], _ title: String, _ xLabel: String, _ yLabel: String) -> String? {
        guard dots.count > 2 else {
            let have = dots.isEmpty ? "No run has" : dots.count == 1 ? "One run has" : "Two runs have"
            return "\(have) all three as numbers; a contour needs three runs at least."
        }
        for (name, values) in [(title, dots.map(\.z)), (xLabel, dots.map(\.x)), (yLabel, dots.map(\.y))]
        where Set(values).count == 1 {
            return "All \(dots.count) runs have the same \(name), \(Quantity.number(values[0])): choose another."
        }
        return nil
    }

    /// Hardly further than the points: beyond them there is nothing to go by.
    private static func axis(_ values: [Double]) -> ChartScale {
        let (low, high) = (values.min() ?? 0, values.max() ?? 0)
        let margin = (high - low) * 0.04
        return ChartScale(numbers: low - margin...high + margin, isRounded: false)
    }

    private static func legend(_ ticks: [Double]) -> [HTML] {
        let bands = max(1, ticks.count - 1)
        return (0..<bands).map { band -> HTML in
            let ends = "\(Quantity.number(ticks[band], digits: 6)) to \(Quantity.number(ticks[band + 1], digits: 6))"
            return """
                <li><svg width="12" height="12" aria-hidden="true"><rect class="band-\(shade(band, of: bands))" \
                width="12" height="12"/></svg>\(ends)</li>
                """
        }
    }

    /// However few bands there are, the lowest is the lightest and the highest the darkest.
    private static func shade(_ band: Int, of bands: Int) -> Int {
        bands == 1 ? shades / 2 : 1 + Int((Double(band * (shades - 1)) / Double(bands - 1)).rounded())
    }

    private static func path(_ loop: [ContourField.Place]) -> String {
        let points = loop.map { "\(units($0.x)) \(units(1 - $0.y))" }
        return "M\(points.joined(separator: "L"))Z"
    }

    private static func units(_ part: Double) -> Int { Int((part * 1000).rounded()) }

    private func percent(_ fraction: Double) -> String {
        "\((fraction * 10_000).rounded() / 100)%"
    }
}
