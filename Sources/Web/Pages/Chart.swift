/// Curves over numbers or over time, drawn as SVG by the server: a figure that needs no script, in the stylesheet's
/// colours, each curve with its own dash pattern.
///
///     Chart("auc", [Chart.Series("validation", points: metrics.map { .init(x: Double($0.step), y: $0.value) })]).html
package struct Chart: Sendable {
    package struct Point: Sendable, Hashable {
        package let x: Double
        package let y: Double

        package init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }

    package struct Series: Sendable {
        package let name: String
        /// In the order of x. A y that is not finite interrupts the curve.
        package let points: [Point]
        /// What a curve was before it was smoothed, or how far what it stands for is spread; drawn behind the curves.
        package let ground: Ground?
        /// Which of the six colours and dash patterns it has, counted from 0; by its place among the others when nil.
        package let colour: Int?
        /// Whether it may still change, or is an estimate: drawn in dots, whatever its pattern.
        package let isTentative: Bool

        package init(
            _ name: String, points: [Point], ground: Ground? = nil, colour: Int? = nil, isTentative: Bool = false
        ) {
            self.name = name
            self.points = points
            self.ground = ground
            self.colour = colour
            self.isTentative = isTentative
        }
    }

    /// What lies behind a curve, in its colour.
    package enum Ground: Sendable {
        /// Another curve, in the order of x.
        case curve([Point])
        /// From the lowest to the highest value at each x.
        case band([(x: Double, low: Double, high: Double)])

        fileprivate var points: [Point] {
            switch self {
            case .curve(let points): points
            case .band(let spans): spans.flatMap { [Point(x: $0.x, y: $0.low), Point(x: $0.x, y: $0.high)] }
            }
        }
    }

    /// A line across the chart, such as the value from which an alert is raised.
    package struct Level: Sendable {
        package let name: String
        package let y: Double

        package init(_ name: String, at y: Double) {
            self.name = name
            self.y = y
        }
    }

    package enum Axis: Sendable {
        case number
        /// Milliseconds since 1970, shown in UTC.
        case time
        /// Milliseconds since something began.
        case duration
        /// Numbers above 0, each as far from its double as any other; what is not has no place.
        case logarithm
    }

    package let title: String
    package let series: [Series]
    package let xAxis: Axis
    package let yAxis: Axis
    /// What x counts, such as `step`.
    package let xLabel: String
    package let levels: [Level]
    /// Whether the vertical axis begins at 0, as it should for counts and durations.
    package let fromZero: Bool
    /// What the horizontal axis spans; what the points do when nil.
    package let range: ClosedRange<Double>?
    /// What of it may be had as a file.
    package let files: [Link]

    package init(
        _ title: String, _ series: [Series], xAxis: Axis = .number, yAxis: Axis = .number, xLabel: String = "",
        levels: [Level] = [],
        fromZero: Bool = false, over range: ClosedRange<Double>? = nil, files: [Link] = []
    ) {
        self.title = title
        self.series = series
        self.xAxis = xAxis
        self.yAxis = yAxis
        self.xLabel = xLabel
        self.levels = levels.filter { abs($0.y) < 1e300 }
        self.fromZero = fromZero
        self.range = range
        self.files = files
    }

    /// How many points a curve keeps: more than a screen has pixels for would only weigh.
    package static let maximumPoints = 800

    /// `<figure class="chart">`, as wide as its place; a sentence when there is nothing to draw.
    package var html: HTML {
        guard let drawn else {
            return """
                <figure class="chart"><figcaption>\(title)</figcaption><p class="quiet">\(nothing)</p>\(fileLinks)</figure>
                """
        }
        let (x, y) = (drawn.drawing.x, drawn.drawing.y)
        return """
            <figure class="chart" data-key="\(title)" data-x="\(x.words)" data-y="\(y.words)">
            <figcaption>\(title)</figcaption>
            <svg role="img" width="100%" height="180">
            <title>\(title)</title><desc>\(drawn.description)</desc>
            \(drawn.marks)
            </svg>
            <p class="axis">\(xLabel)</p>
            <ul class="legend">\(legend)</ul>
            \(fileLinks)
            </figure>
            """
    }

    /// What is in the box of the plot, whatever surrounds it.
    struct Drawn {
        let drawing: ChartDrawing
        let marks: HTML
        let description: String
    }

    /// Nil when there is nothing to draw.
    var drawn: Drawn? {
        let drawn = series.map {
            Series(
                $0.name, points: Self.sampled($0.points.map(drawable), to: Self.maximumPoints), ground: $0.ground,
                colour: $0.colour, isTentative: $0.isTentative)
        }
        let grounds = drawn.flatMap { $0.ground?.points ?? [] }.map(drawable)
        let points = (drawn.flatMap(\.points) + grounds).filter { $0.x.isFinite && $0.y.isFinite }
        let wanted = [range?.lowerBound, range?.upperBound].compactMap(\.self).filter { xAxis.holds($0) }
        let ends = points.isEmpty ? [] : wanted
        guard let x = Self.extent(points.map(\.x) + ends), let y = Self.extent(points.map(\.y) + levels.map(\.y)) else {
            return nil
        }
        let xScale = ChartScale(x, as: xAxis, isRounded: false)
        let low = fromZero && yAxis == .number ? min(0, y.lowerBound) : y.lowerBound
        // Of nothing but zeros, which counts and durations are not below.
        let high = fromZero && low == 0 && y.upperBound == 0 ? 1 : y.upperBound
        let drawing = ChartDrawing(x: xScale, y: ChartScale(low...high, as: yAxis, isRounded: true))
        let curves = drawn.enumerated().map { place, series -> HTML in
            let colour = (series.colour ?? place) % 6 + 1
            let curve = drawing.curve(series.points, colour: colour, kind: series.isTentative ? " tentative" : "")
            return "\(series.ground.map { drawing.ground($0, colour: colour) })\(curve)"
        }
        let dots = drawn.enumerated().map { drawing.dots($1.points, colour: ($1.colour ?? $0) % 6 + 1) }
        return Drawn(
            drawing: drawing,
            marks: """
                \(drawing.grid)\(levels.map(drawing.level))
                <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" width="100%" height="100%">\(curves)</svg>
                \(dots)
                """, description: description(x, y, xScale))
    }

    private var fileLinks: HTML? {
        let links = files.map { file -> HTML in
            "<a href=\"\(file.path)\" download aria-label=\"\(title) as \(file.title)\">\(file.title)</a>"
        }
        return links.isEmpty ? nil : "<p class=\"files-of\">\(links.joined(by: " "))</p>"
    }

    /// Why there is no curve.
    private var nothing: String {
        let count = series.reduce(0) { $0 + $1.points.count }
        guard count > 0 else { return "No values yet." }
        let isNaN = series.allSatisfy { $0.points.allSatisfy(\.y.isNaN) }
        let why =
            count == 1 ? (isNaN ? "not a number" : "not to be drawn here") : (isNaN ? "a number" : "to be drawn here")
        return count == 1 ? "1 value, which is \(why)." : "\(Quantity.count(count)) values, none of them \(why)."
    }

    private var legend: [HTML] {
        series.enumerated().map { place, series in
            let last = series.points.last { $0.y.isFinite }.map { Quantity.number($0.y) } ?? "–"
            let kind = "series-\((series.colour ?? place) % 6 + 1)\(series.isTentative ? " tentative" : "")"
            return "<li class=\"\(kind)\">\(HTML.name(series.name)) <b>\(last)</b></li>"
        }
    }

    private func description(_ x: ClosedRange<Double>, _ y: ClosedRange<Double>, _ scale: ChartScale) -> String {
        let names = series.map(\.name).joined(separator: ", ")
        let from = scale.label(of: x.lowerBound)
        let to = scale.label(of: x.upperBound)
        return "\(names): from \(Quantity.number(y.lowerBound)) to \(Quantity.number(y.upperBound)), "
            + "\(xLabel.isEmpty ? "x" : xLabel) \(from) to \(to)."
    }

    /// The point, or a gap in its place when no scale could hold it.
    private func drawable(_ point: Point) -> Point {
        xAxis.holds(point.x) && yAxis.holds(point.y) ? point : Point(x: point.x, y: .nan)
    }

    private static func extent(_ values: [Double]) -> ClosedRange<Double>? {
        guard let low = values.min(), let high = values.max() else { return nil }
        return low...high
    }

    /// At most `limit` points that keep every peak: of each stretch of the curve its lowest and its highest point.
    static func sampled(_ points: [Point], to limit: Int) -> [Point] {
        guard points.count > limit, limit >= 2 else { return points }
        let buckets = limit / 2
        return (0..<buckets).flatMap { bucket -> [Point] in
            let stretch = points[bucket * points.count / buckets..<(bucket + 1) * points.count / buckets]
            let finite = stretch.indices.filter { points[$0].y.isFinite }
            guard let low = finite.min(by: { points[$0].y < points[$1].y }),
                let high = finite.max(by: { points[$0].y < points[$1].y })
            else { return Array(stretch.prefix(1)) }
            return low == high ? [points[low]] : [points[min(low, high)], points[max(low, high)]]
        }
    }
}
