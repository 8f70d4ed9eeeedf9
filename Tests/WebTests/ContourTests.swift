import Testing

@testable import Web

struct ContourFieldTests {
    private typealias Point = (place: ContourField.Place, value: Double)

    private func point(_ x: Double, _ y: Double, _ value: Double) -> Point {
        (ContourField.Place(x: x, y: y), value)
    }

    /// The area of polygons (Gauss's formula): below 0 for what goes round the other way.
    private func area(_ loops: [[ContourField.Place]]) -> Double {
        var twice = 0.0
        for loop in loops {
            for (index, place) in loop.enumerated() {
                let next = loop[(index + 1) % loop.count]
                twice += place.x * next.y - next.x * place.y
            }
        }
        return twice / 2
    }

    @Test func goesThroughItsPointsAndNoFurther() {
        let field = ContourField([point(0, 0, 1), point(1, 1, 5), point(0.5, 0.5, 2)], columns: 5, rows: 5)
        #expect(field.values[0] == 1 && field.values[24] == 5 && field.values[12] == 2)
        #expect(field.values.allSatisfy { (1...5).contains($0) })
        // At (1, 0) two are 1 away, and the third the root of a half.
        let near = 1 / (0.5 * 0.5.squareRoot())
        #expect(abs(field.values[4] - (1 + 5 + 2 * near) / (2 + near)) < 1e-12)
        // Two at the same place are one of their mean.
        let twice = ContourField([point(0, 0, 1), point(0, 0, 3), point(1, 1, 9)], columns: 2, rows: 2)
        #expect(twice.values[0] == 2 && twice.values[3] == 9)
    }

    @Test func loopsEncloseWhatIsAbove() {
        var points: [Point] = []
        for place in 0..<40 {
            points.append(point(Double(place * 37 % 40) / 39, Double(place * 23 % 40) / 39, Double(place * 29 % 40)))
        }
        let field = ContourField(points, columns: 41, rows: 31)
        #expect(abs(area(field.loops(above: -1)) - 1) < 1e-9)
        #expect(field.loops(above: 40).isEmpty)
        var last = 1.0
        for level in stride(from: 1.0, through: 39, by: 2) {
            let loops = field.loops(above: level)
            let enclosed = area(loops)
            let above = Double(field.values.count { $0 >= level }) / Double(field.values.count)
            #expect(enclosed <= last && abs(enclosed - above) < 0.04, "\(level): \(enclosed), \(above)")
            last = enclosed
            for loop in loops {
                #expect(loop.allSatisfy { (0...1).contains($0.x) && (0...1).contains($0.y) })
            }
        }
    }

    /// A ring around a hollow is two loops, the inner one the other way round.
    @Test func aHollowIsLeftOut() {
        let sides = (0..<8).map { Double($0) / 8 }
        let rim = sides.flatMap { [point($0, 0, 10), point(1, $0, 10), point(1 - $0, 1, 10), point(0, 1 - $0, 10)] }
        let loops = ContourField(rim + [point(0.5, 0.5, 0)], columns: 41, rows: 41).loops(above: 5)
        let areas = loops.map { area([$0]) }.sorted()
        #expect(areas.count == 2 && areas[0] < -0.001 && areas[0] > -0.5 && abs(areas[1] - 1) < 1e-9, "\(areas)")
    }

    @Test(arguments: [(0.4, 1), (0.6, 2)])
    func oppositeCornersMeetWhereTheMiddleIsAbove(level: Double, count: Int) {
        let corners = [point(0, 0, 1), point(1, 1, 1), point(1, 0, 0), point(0, 1, 0)]
        #expect(ContourField(corners, columns: 2, rows: 2).loops(above: level).count == count)
    }
}

struct ContourChartTests {
    private func chart(_ values: [(Double, Double, Double)]) -> String {
        ContourChart(
            "auc <1>", values.enumerated().map { .init("r\($0)", to: "/runs/\($0)", x: $1.0, y: $1.1, z: $1.2) },
            xLabel: "depth", yLabel: "rate"
        ).html.text
    }

    @Test func drawsBandsUnderItsRuns() {
        let svg = chart([(0, 0, 0), (1, 0, 0.5), (0, 1, 0.5), (1, 1, 1), (.nan, 1, 1)])
        #expect(svg.contains("auc &lt;1&gt;") && svg.contains("of 4 runs"))
        #expect(svg.matches(of: /<circle/).count == 4)
        // 0 to 1 in steps of 0.2: five bands, the lightest and the darkest shade among them.
        #expect(svg.matches(of: /<li>/).count == 5)
        #expect(svg.contains("<rect class=\"band-1\" width=\"1000\"") && svg.contains("<path class=\"band-8\" d=\"M"))
        #expect(!svg.contains("nan") && svg.utf8.count < 40_000)
    }

    @Test func saysWhyThereIsNothing() {
        #expect(chart([]).contains("No run has all three as numbers"))
        #expect(chart([(0, 0, 0)]).contains("One run has all three"))
        #expect(chart([(0, 0, 0), (1, 1, 1)]).contains("Two runs have all three"))
        #expect(chart([(0, 0, .nan), (1, 1, .infinity), (2, 2, -1e301)]).contains("No run has"))
        #expect(chart([(0, 0, 3), (1, 1, 3), (2, 0, 3)]).contains("All 3 runs have the same auc &lt;1&gt;, 3"))
        #expect(chart([(0, 0, 1), (0, 1, 2), (0, 2, 3)]).contains("All 3 runs have the same depth, 0"))
        #expect(chart([(0, 5, 1), (1, 5, 2), (2, 5, 3)]).contains("All 3 runs have the same rate, 5"))
    }
}

struct BoxChartTests {
    @Test func putsBoxesOverOneAxis() {
        let html = BoxChart(
            "auc", by: "team <1>",
            [
                .init(
                    "a <b>", count: 9, low: 0, lowQuartile: 2, median: 4, highQuartile: 6, high: 8,
                    outliers: [.init("r <1>", to: "/runs/1", value: 10)]),
                .init("b", count: 1, low: 5, lowQuartile: 5, median: 5, highQuartile: 5, high: 5, outliers: []),
            ]
        ).html.text
        #expect(html.contains("a &lt;b&gt;") && html.contains("team &lt;1&gt;"))
        #expect(html.contains("<rect x=\"20.0%\" y=\"20%\" width=\"40.0%\" height=\"60%\"/>"))
        #expect(html.contains("<a href=\"/runs/1\"><circle cx=\"100.0%\"") && html.contains("r &lt;1&gt;: 10"))
        #expect(html.contains("role=\"group\" aria-label=\"from 0 to 8, quartiles 2 and 6, median 4\""))
        #expect(html.contains("role=\"img\" aria-label=\"from 5 to 5"))
    }

    @Test func saysThatThereIsNothing() {
        #expect(BoxChart("auc", by: "team", []).html.text.contains("No run has a number for auc."))
    }
}
