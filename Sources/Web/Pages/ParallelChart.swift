/// Parallel coordinates: an axis for each quantity, a line for each thing through what it has of each. Drawn as SVG by the
/// server; `parallel.js` lets a stretch of an axis be brushed, which leaves the lines through it.
package struct ParallelChart: Sendable {
    package struct Axis: Sendable {
        let name: String
        /// At each line's place; nil where a line has nothing.
        let values: [Double?]

        package init(_ name: String, values: [Double?]) {
            self.name = name
            self.values = values
        }
    }

    /// A line: its name, where it leads, and its colour, counted from 0.
    package struct Line: Sendable {
        let name: String
        let path: String

        package init(_ name: String, to path: String) {
            self.name = name
            self.path = path
        }
    }

    private let title: String
    private let axes: [Axis]
    private let lines: [Line]

    /// - Parameter axes: those of which all values are equal, or none is finite, stand all the same: that is worth seeing.
    package init(_ title: String, axes: [Axis], lines: [Line]) {
        self.title = title
        self.axes = axes
        self.lines = lines
    }

    /// `<figure class="parallel">`; nothing when there are less than two axes.
    package var html: HTML? {
        guard axes.count > 1 else { return nil }
        let scales = axes.map { axis -> ChartScale? in
            let finite = axis.values.compactMap { $0 }.filter { $0.isFinite && abs($0) < 1e300 }
            guard let low = finite.min(), let high = finite.max() else { return nil }
            return ChartScale(numbers: low...high, isRounded: false)
        }
        return """
            <figure class="parallel" data-key="parallel">
            <figcaption>\(title)</figcaption>
            <svg role="img" width="100%" height="260"><title>\(title)</title>
            <desc>\(axes.map(\.name).joined(separator: ", ")) of \(lines.map(\.name).joined(separator: ", "))</desc>
            <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" width="100%" height="100%">\(curves(scales))</svg>
            \(axes.indices.map { axis($0, scales[$0]) })
            </svg>
            </figure>
            """
    }

    private func x(_ place: Int) -> Double {
        (Double(place) / Double(axes.count - 1) * 10_000).rounded() / 10
    }

    private func curves(_ scales: [ChartScale?]) -> [HTML] {
        lines.indices.map { index in
            let places = axes.indices.map { place -> String? in
                guard let scale = scales[place], let value = axes[place].values[index], value.isFinite else {
                    return nil
                }
                return "\(x(place)),\(((1 - scale.fraction(of: value)) * 10_000).rounded() / 10)"
            }
            // A line breaks off where it has nothing.
            return places.split(separator: nil).filter { $0.count > 1 }.map { stretch -> HTML in
                let points = stretch.compactMap(\.self).joined(separator: " ")
                return """
                    <polyline class="series-\(index % 6 + 1)" data-line="\(index)" points="\(points)">\
                    <title>\(lines[index].name)</title></polyline>
                    """
            }.reduce("" as HTML, +)
        }
    }

    private func axis(_ place: Int, _ scale: ChartScale?) -> HTML {
        let at = "\(x(place) / 10)%"
        let anchor = place == 0 ? "start" : place == axes.count - 1 ? "end" : "middle"
        let ends: HTML? = scale.map { scale in
            """
            <text class="\(anchor)" x="\(at)" y="100%" dy="1.3em">\(Quantity.number(scale.domain.lowerBound))</text>\
            <text class="\(anchor)" x="\(at)" y="0" dy="-0.5em">\(Quantity.number(scale.domain.upperBound))</text>
            """
        }
        return """
            <g data-axis="\(place)"><line x1="\(at)" x2="\(at)" y1="0" y2="100%"/>\(ends)\
            <text class="name \(anchor)" x="\(at)" y="0" dy="-1.9em">\(axes[place].name)</text></g>
            """
    }
}
