/// How a quantity is spread in each of several groups: a table with a box in each row, all over one axis. The numbers stand beside
/// the pictures.
package struct BoxChart: Sendable {
    /// A value that stands alone.
    package struct Outlier: Sendable {
        let name: String
        let path: String
        let value: Double

        package init(_ name: String, to path: String, value: Double) {
            self.name = name
            self.path = path
            self.value = value
        }
    }

    package struct Box: Sendable {
        let name: String
        let count: Int
        /// From whisker over quartile, median and quartile to whisker, in order.
        let marks: [Double]
        let outliers: [Outlier]

        package init(
            _ name: String, count: Int, low: Double, lowQuartile: Double, median: Double, highQuartile: Double,
            high: Double, outliers: [Outlier]
        ) {
            self.name = name
            self.count = count
            marks = [low, lowQuartile, median, highQuartile, high]
            self.outliers = outliers
        }
    }

    private let title: String
    private let groupedBy: String
    private let boxes: [Box]

    package init(_ title: String, by groupedBy: String, _ boxes: [Box]) {
        self.title = title
        self.groupedBy = groupedBy
        self.boxes = boxes
    }

    /// A table; a sentence when there is nothing to draw.
    package var html: HTML {
        let values = boxes.flatMap { $0.marks + $0.outliers.map(\.value) }.filter { abs($0) < 1e300 }
        guard let low = values.min(), let high = values.max() else {
            return "<p class=\"quiet\">No run has a number for \(HTML.name(title)).</p>"
        }
        let scale = ChartScale(numbers: low...high, isRounded: true)
        let rows = boxes.map { box -> HTML in
            """
            <tr><th scope="row">\(HTML.name(box.name))</th><td class="number">\(box.count)</td>\
            <td class="box">\(picture(box, scale))</td><td class="number">\(Quantity.number(box.marks[2]))</td>\
            <td class="number">\(Quantity.number(box.marks[1])) to \(Quantity.number(box.marks[3]))</td></tr>

            """
        }
        let ticks = scale.ticks.map { tick -> HTML in
            "<text x=\"\(percent(scale.fraction(of: tick)))\" y=\"1em\">\(scale.label(of: tick))</text>"
        }
        let runs = HTML.explained("runs", "How many of the group have a number.")
        let median = HTML.explained("median", "Half of them are below it.")
        let quartiles = HTML.explained("quartiles", "A quarter of them is below the first, a quarter above the second.")
        return HTML.framed(
            """
            <thead><tr><th scope="col">\(HTML.name(groupedBy))</th><th scope="col" class="number">\(runs)</th>\
            <th scope="col">\(HTML.name(title))</th><th scope="col" class="number">\(median)</th>\
            <th scope="col" class="number">\(quartiles)</th></tr></thead>
            <tbody>
            \(rows)</tbody>
            <tfoot aria-hidden="true"><tr><td></td><td></td><td class="box"><svg>\(ticks)</svg></td><td></td><td></td></tr></tfoot>
            """, named: "\(title) by \(groupedBy)")
    }

    private func picture(_ box: Box, _ scale: ChartScale) -> HTML {
        let at = box.marks.map { scale.fraction(of: $0) }
        let places = at.map(percent)
        let grid = scale.ticks.map { tick -> HTML in
            let place = percent(scale.fraction(of: tick))
            return "<line class=\"grid\" x1=\"\(place)\" x2=\"\(place)\" y1=\"0\" y2=\"100%\"/>"
        }
        let dots = box.outliers.map { outlier -> HTML in
            """
            <a href="\(outlier.path)"><circle cx="\(percent(scale.fraction(of: outlier.value)))" cy="50%" r="3.5">\
            <title>\(outlier.name): \(Quantity.number(outlier.value))</title></circle></a>
            """
        }
        let said = box.marks.map { Quantity.number($0) }
        let words = "from \(said[0]) to \(said[4]), quartiles \(said[1]) and \(said[3]), median \(said[2])"
        return """
            <svg role="\(dots.isEmpty ? "img" : "group")" aria-label="\(words)">\(grid)\
            <line x1="\(places[0])" x2="\(places[1])" y1="50%" y2="50%"/>\
            <line x1="\(places[3])" x2="\(places[4])" y1="50%" y2="50%"/>\
            <rect x="\(places[1])" y="20%" width="\(percent(at[3] - at[1]))" height="60%"/>\
            <line class="median" x1="\(places[2])" x2="\(places[2])" y1="20%" y2="80%"/>\
            <line x1="\(places[0])" x2="\(places[0])" y1="35%" y2="65%"/>\
            <line x1="\(places[4])" x2="\(places[4])" y1="35%" y2="65%"/>\(dots)</svg>
            """
    }

    private func percent(_ fraction: Double) -> String {
        "\((fraction * 10_000).rounded() / 100)%"
    }
}
