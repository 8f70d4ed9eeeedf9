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

        package init(_ name: String, points: [Point]) {
            self.name = name
            self.points = points
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
    }

    package let title: String
    package let series: [Series]
    package let xAxis: Axis
    /// What x counts, such as `step`.
    package let xLabel: String
    package let levels: [Level]
    /// Whether the vertical axis begins at 0, as it should for counts and durations.
    package let fromZero: Bool
    /// What the horizontal axis spans; what the points do when nil.
    package let range: ClosedRange<Double>?

    package init(
        _ title: String, _ series: [Series], xAxis: Axis = .number, xLabel: String = "", levels: [Level] = [],
        fromZero: Bool = false, over range: ClosedRange<Double>? = nil
    ) {
        self.title = title
        self.series = series
        self.xAxis = xAxis
        self.xLabel = xLabel
        self.levels = levels.filter { abs($0.y) < 1e300 }
        self.fromZero = fromZero
        self.range = range
    }

    /// How many points a curve keeps: more than a screen has pixels for would only weigh.
    package static let maximumPoints = 800

    /// `<figure class="chart">`, as wide as its place; a sentence when there is nothing to draw.
    package var html: HTML {
        let drawn = series.map {
            Series($0.name, points: Self.sampled($0.points.map(drawable), to: Self.maximumPoints))
        }
        let points = drawn.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
        let ends = points.isEmpty ? [] : [range?.lowerBound, range?.upperBound].compactMap(\.self)
        guard let x = Self.extent(points.map(\.x) + ends), let y = Self.extent(points.map(\.y) + levels.map(\.y)) else {
            return
                "<figure class=\"chart\"><figcaption>\(title)</figcaption><p class=\"quiet\">No values yet.</p></figure>"
        }
        let xScale = xAxis == .time ? ChartScale(times: x) : ChartScale(numbers: x, isRounded: false)
        let low = fromZero ? min(0, y.lowerBound) : y.lowerBound
        // Of nothing but zeros, which counts and durations are not below.
        let high = fromZero && low == 0 && y.upperBound == 0 ? 1 : y.upperBound
        let yScale = ChartScale(numbers: low...high, isRounded: true)
        let drawing = ChartDrawing(x: xScale, y: yScale)
        let legend = series.enumerated().map { index, series -> HTML in
            let last = series.points.last { $0.y.isFinite }.map { Quantity.number($0.y) } ?? "–"
            return "<li class=\"series-\(index % 6 + 1)\">\(series.name) <b>\(last)</b></li>"
        }
        return """
            <figure class="chart">
            <figcaption>\(title)</figcaption>
            <svg role="img" width="100%" height="180">
            <title>\(title)</title><desc>\(description(x, y, xScale))</desc>
            \(drawing.grid)\(levels.map(drawing.level))
            <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" width="100%" height="100%">\
            \(drawn.enumerated().map { drawing.curve($1.points, index: $0) })</svg>
            \(drawn.enumerated().map { drawing.dots($1.points, index: $0) })
            </svg>
            <p class="axis">\(xLabel)</p>
            <ul class="legend">\(legend)</ul>
            </figure>
            """
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
        let times = 0...253_402_300_799_999.0  // To the end of the year 9999.
        let hasPlace = abs(point.y) < 1e300 && (xAxis == .time ? times.contains(point.x) : abs(point.x) < 1e300)
        return hasPlace ? point : Point(x: point.x, y: .nan)
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
