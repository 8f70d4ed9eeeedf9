/// Points that each stand for something of its own, over two quantities. Drawn as SVG by the server.
package struct ScatterChart: Sendable {
    package struct Dot: Sendable {
        let name: String
        let path: String
        let x: Double
        let y: Double

        package init(_ name: String, to path: String, x: Double, y: Double) {
            self.name = name
            self.path = path
            self.x = x
            self.y = y
        }
    }

    private let title: String
    private let dots: [Dot]
    private let xLabel: String

    /// - Parameter dots: in the order of their colours; those that no scale could hold are left out.
    package init(_ title: String, _ dots: [Dot], xLabel: String) {
        self.title = title
        self.dots = dots
        self.xLabel = xLabel
    }

    /// `<figure class="chart">`; a sentence when there is nothing to draw.
    package var html: HTML {
        let places = dots.enumerated().filter { abs($1.x) < 1e300 && abs($1.y) < 1e300 }
        let (xs, ys) = (places.map(\.element.x), places.map(\.element.y))
        guard let left = xs.min(), let right = xs.max(), let low = ys.min(), let high = ys.max() else {
            return
                "<figure class=\"chart\"><figcaption>\(title)</figcaption><p class=\"quiet\">No run has both.</p></figure>"
        }
        let drawing = ChartDrawing(
            x: ChartScale(numbers: left...right, isRounded: true), y: ChartScale(numbers: low...high, isRounded: true))
        let marks = places.map { place, dot -> HTML in
            """
            <a href="\(dot.path)"><circle class="series-\(place % 6 + 1)" cx="\(percent(drawing.x.fraction(of: dot.x)))" \
            cy="\(percent(1 - drawing.y.fraction(of: dot.y)))" r="5"><title>\(dot.name): \(Quantity.number(dot.x)), \
            \(Quantity.number(dot.y))</title></circle></a>
            """
        }
        return """
            <figure class="chart" data-key="\(title)">
            <figcaption>\(title)</figcaption>
            <svg width="100%" height="220">
            <title>\(title)</title><desc>\(dots.count) points</desc>
            \(drawing.grid)\(marks)
            </svg>
            <p class="axis">\(xLabel)</p>
            </figure>
            """
    }

    private func percent(_ fraction: Double) -> String {
        "\((fraction * 10_000).rounded() / 100)%"
    }
}
