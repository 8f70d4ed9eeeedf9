extension Chart {
    /// The chart as a file of its own: SVG that needs no stylesheet, in the light colours of the pages. Nil when there is nothing to
    /// draw.
    package var svg: String? {
        guard let drawn else { return nil }
        let rows = series.enumerated().map { place, series -> HTML in
            let colour = "series-\((series.colour ?? place) % 6 + 1)"
            let y = Self.foot + 20 * place
            return """
                <polyline class="\(colour)" points="\(Self.left),\(y - 4) \(Self.left + 20),\(y - 4)"/>\
                <text x="\(Self.left + 28)" y="\(y)">\(series.name)</text>

                """
        }
        let height = Self.foot + 20 * series.count
        let document: HTML = """
            <svg xmlns="http://www.w3.org/2000/svg" width="800" height="\(height)" viewBox="0 0 800 \(height)">
            <title>\(title)</title><desc>\(drawn.description)</desc>
            <style>\(Self.style)</style>
            <rect width="100%" height="100%" fill="#ffffff"/>
            <text class="heading" x="\(Self.left)" y="24">\(title)</text>
            <svg x="\(Self.left)" y="44" width="704" height="300" overflow="visible">
            \(drawn.marks)
            </svg>
            <text x="416" y="384" text-anchor="middle">\(xLabel)</text>
            \(rows)</svg>

            """
        // XML has no way to write these (XML 1.0, 2.2).
        let scalars = document.text.unicodeScalars.filter { scalar in
            scalar.value >= 0x20
                ? scalar.value != 0xFFFE && scalar.value != 0xFFFF : "\t\n\r".unicodeScalars.contains(scalar)
        }
        return String(String.UnicodeScalarView(scalars))
    }

    private static let left = 72
    private static let foot = 412

    private static let style: HTML = """
        text { font: 11px sans-serif; fill: #5a666d } .heading { font-size: 14px; font-weight: 600; fill: #1b2226 }
        .grid line { stroke: #dfe2e2 } .y { text-anchor: end } .x { text-anchor: middle }
        .level line { stroke: #b3261e; stroke-dasharray: 2 3 } .level text { fill: #b3261e; text-anchor: end }
        polyline { fill: none; stroke: var(--tone); stroke-width: 1.5; stroke-dasharray: var(--dash); vector-effect: non-scaling-stroke }
        polyline.ground { stroke-dasharray: none; opacity: 0.3 }
        polygon { fill: var(--tone); opacity: 0.15 } circle { fill: var(--tone) }
        .series-1 { --tone: #0a6aa8 } .series-2 { --tone: #c2540a; --dash: 6 3 } .series-3 { --tone: #00805c; --dash: 2 2 }
        .series-4 { --tone: #a8558a; --dash: 8 3 2 3 } .series-5 { --tone: #8f6b00; --dash: 12 3 }
        .series-6 { --tone: #5b6bbf; --dash: 4 2 1 2 1 2 }
        """
}
