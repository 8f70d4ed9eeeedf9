/// The marks of a chart. Labels and grid stand at percentages of the plot, so that text keeps its size at any width;
/// curves live in a stretched square of 1000 units.
struct ChartDrawing {
    let x: ChartScale
    let y: ChartScale

    var grid: HTML {
        let rows = y.ticks.map { tick -> HTML in
            let place = percent(1 - y.fraction(of: tick))
            return """
                <line x1="0" x2="100%" y1="\(place)" y2="\(place)"/>\
                <text class="y" x="-8" y="\(place)" dy="0.32em">\(y.label(of: tick))</text>
                """
        }
        let columns = x.ticks.map { tick -> HTML in
            "<text class=\"x\" x=\"\(percent(x.fraction(of: tick)))\" y=\"100%\" dy=\"1.5em\">\(x.label(of: tick))</text>"
        }
        return "<g class=\"grid\">\(rows)\(columns)</g>"
    }

    func level(_ level: Chart.Level) -> HTML {
        let place = percent(1 - y.fraction(of: level.y))
        return """
            <g class="level"><line x1="0" x2="100%" y1="\(place)" y2="\(place)"/>\
            <text x="100%" y="\(place)" dy="-0.4em">\(level.name)</text></g>
            """
    }

    /// One polyline for each uninterrupted stretch.
    /// - Parameter kind: further classes, with a space before.
    func curve(_ points: [Chart.Point], colour: Int, kind: String = "") -> HTML {
        let lines = stretches(points).filter { $0.count > 1 }.map { stretch -> HTML in
            "<polyline class=\"series-\(colour)\(kind)\" points=\"\(places(stretch))\"/>"
        }
        return "\(lines)"
    }

    /// What lies behind a curve.
    func ground(_ ground: Chart.Ground, colour: Int) -> HTML {
        switch ground {
        case .curve(let points): return curve(points, colour: colour, kind: " ground")
        case .band(let spans):
            let there = spans.map { (Chart.Point(x: $0.x, y: $0.low), Chart.Point(x: $0.x, y: $0.high)) }
                .filter { has($0.0) && has($0.1) }
            guard there.count > 1 else { return "" }
            let around = there.map(\.1) + there.reversed().map(\.0)
            return "<polygon class=\"series-\(colour)\" points=\"\(places(around))\"/>"
        }
    }

    private func places(_ points: [Chart.Point]) -> String {
        points.map { "\(units(x.fraction(of: $0.x))),\(units(1 - y.fraction(of: $0.y)))" }.joined(separator: " ")
    }

    private func has(_ point: Chart.Point) -> Bool {
        x.holds(point.x) && y.holds(point.y)
    }

    /// A dot for each point that stands alone, which no line would show.
    func dots(_ points: [Chart.Point], colour: Int) -> HTML {
        let dots = stretches(points).filter { $0.count == 1 }.map { stretch -> HTML in
            let cx = percent(x.fraction(of: stretch[0].x))
            let cy = percent(1 - y.fraction(of: stretch[0].y))
            return "<circle class=\"series-\(colour)\" cx=\"\(cx)\" cy=\"\(cy)\" r=\"3\"/>"
        }
        return "\(dots)"
    }

    private func stretches(_ points: [Chart.Point]) -> [[Chart.Point]] {
        points.split { !has($0) }.map(Array.init)
    }

    private func percent(_ fraction: Double) -> String {
        "\((fraction * 10000).rounded() / 100)%"
    }

    private func units(_ fraction: Double) -> Double {
        (fraction * 10000).rounded() / 10
    }
}
