import Testing
import Web

@Suite struct ChartTests {
    private func chart(_ ys: [Double], xAxis: Chart.Axis = .number) -> String {
        let points = ys.enumerated().map { Chart.Point(x: Double($0), y: $1) }
        return Chart("auc <1>", [Chart.Series("a", points: points)], xAxis: xAxis).html.text
    }

    @Test func drawsOnePolylineThroughAllPoints() {
        let svg = chart([1, 2, 3])
        #expect(svg.contains("points=\"0.0,1000.0 500.0,500.0 1000.0,0.0\""))
        #expect(svg.contains("auc &lt;1&gt;"))
    }

    @Test func interruptsTheCurveWhereAValueIsMissing() {
        let svg = chart([1, 2, .nan, 3, .infinity, 2, 1])
        #expect(svg.split(separator: "<polyline").count - 1 == 2)
        #expect(svg.split(separator: "<circle").count - 1 == 1)
    }

    /// In the colour of what it belongs to, told apart by its dots and its name.
    @Test func whatMayStillChangeIsDrawnApart() {
        let points = [Chart.Point(x: 0, y: 1), Chart.Point(x: 1, y: 2)]
        let html = Chart(
            "auc",
            [
                .init("auc", points: points, colour: 2),
                .init("auc, provisional", points: points, colour: 2, isTentative: true),
            ]
        ).html.text
        #expect(html.contains("<polyline class=\"series-3\""))
        #expect(html.contains("<polyline class=\"series-3 tentative\""))
        #expect(html.contains("<li class=\"series-3 tentative\">auc, provisional"))
    }

    @Test func saysSoWhenThereIsNothingToDraw() {
        #expect(chart([]).contains("No values yet."))
        #expect(chart([.nan]).contains("1 value, which is not a number."))
        #expect(chart([.nan, .nan]).contains("2 values, none of them a number."))
        #expect(chart([.nan, .infinity]).contains("2 values, none of them to be drawn here."))
    }

    /// Equal factors are equally far apart; what is not above 0 has no place, and interrupts the curve.
    @Test func aLogarithmHasNoPlaceForZero() throws {
        let points = [1, 10, 0, 100, 1000].enumerated().map { Chart.Point(x: Double($0), y: $1) }
        let svg = Chart("loss", [.init("loss", points: points)], yAxis: .logarithm).html.text
        #expect(svg.contains("data-y=\"1.0 1000.0 logarithm\""))
        let lines = svg.matches(of: /points="([^"]*)"/).map { String($0.1) }
        #expect(lines == ["0.0,1000.0 250.0,666.7", "750.0,333.3 1000.0,0.0"])
        #expect(svg.contains(">100</text>") && !svg.contains("class=\"y\" x=\"-8\" y=\"100%\" dy=\"0.32em\">0<"))
    }

    @Test(arguments: [[0.0, -1], [5e-324], [1e-300, 1e299], [3, 3], [0.99, 1.01]])
    func everyRangeHasALogarithmOrSaysThatItHasNone(ys: [Double]) {
        let points = ys.enumerated().map { Chart.Point(x: Double($0 + 1), y: $1) }
        let svg = Chart("a", [.init("a", points: points)], xAxis: .logarithm, yAxis: .logarithm).html.text
        #expect(!svg.contains("nan") && !svg.contains("inf"))
        #expect(svg.contains("none of them to be drawn here") == ys.allSatisfy { $0 <= 0 })
    }

    @Test func timeSinceTheBeginningIsToldInItsUnits() {
        let points = [0.0, 900_000].map { Chart.Point(x: $0, y: 1) }
        let svg = Chart("a", [.init("a", points: points)], xAxis: .duration).html.text
        #expect(svg.contains(">5 min</text>") && svg.contains(">10 min</text>") && svg.contains("900000.0 duration"))
    }

    @Test func whatLiesBehindACurveHasItsColour() {
        let points = [0.0, 1, 2].map { Chart.Point(x: $0, y: $0) }
        let band: Chart.Ground = .band([(0, -1, 1), (1, .nan, .nan), (2, 1, 3)])
        let svg = Chart(
            "a",
            [.init("b", points: points, ground: band, colour: 4), .init("c", points: points, ground: .curve(points))]
        ).html.text
        #expect(svg.contains("<polygon class=\"series-5\" points=\"0.0,500.0 1000.0,0.0 1000.0,500.0 0.0,1000.0\"/>"))
        #expect(svg.contains("<polyline class=\"series-2 ground\""))
        #expect(svg.contains("<li class=\"series-5\">b <b>2</b></li>"))
    }

    @Test(
        arguments: [
            [0], [.leastNonzeroMagnitude, 0], [.leastNonzeroMagnitude], [1e299, -1e299],
            [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1],
            [1e15, 1e15 + 1], [1, 1 + 1e-13], [-1e-300, 1e-300], [3, 3, 3],
        ] as [[Double]])
    func survivesEveryRangeOfValues(ys: [Double]) {
        #expect(chart(ys).contains("<svg"))
        #expect(chart(ys, xAxis: .time).contains("<svg"))
    }

    @Test func aSingleMomentStandsInTheMiddleOfAnHourOrOfWhatIsAskedFor() {
        let noon = 1_795_262_400_000.0
        let series = [Chart.Series("a", points: [Chart.Point(x: noon, y: 1)])]
        let hour = Chart("a", series, xAxis: .time).html.text
        #expect(hour.contains("cx=\"50.0%\"") && hour.contains(">12:00</text>") && hour.contains(">12:30</text>"))
        let asked = Chart("a", series, xAxis: .time, over: noon - 4_000_000...noon).html.text
        #expect(asked.contains("cx=\"100.0%\""))
    }

    @Test func nothingButZerosStandsOnTheGround() {
        let points = [0.0, 1, 2].map { Chart.Point(x: $0, y: 0) }
        let svg = Chart("a", [Chart.Series("a", points: points)], fromZero: true).html.text
        #expect(svg.contains("points=\"0.0,1000.0 500.0,1000.0 1000.0,1000.0\""))
    }

    @Test func keepsThePeaksOfALongCurve() {
        var ys = (0..<100_000).map { Double($0 % 7) }
        ys[54_321] = 1000
        let svg = chart(ys)
        #expect(svg.utf8.count < 30_000)
        #expect(svg.contains(",0.0 "))
    }

    @Test func labelsTimesOfTheDay() {
        let start = 1_795_232_843_120.0  // 2026-11-21T03:47:23.120Z
        let points = (0..<60).map { Chart.Point(x: start + 60_000 * Double($0), y: 1) }
        let svg = Chart("calls", [Chart.Series("calls", points: points)], xAxis: .time).html.text
        #expect(svg.contains(">04:00</text>"))
    }

    @Test(arguments: [Chart.Axis.time, .duration, .number, .logarithm])
    func survivesWhateverIsAskedFor(axis: Chart.Axis) {
        let series = [Chart.Series("a", points: [Chart.Point(x: 1, y: 1), Chart.Point(x: 2, y: 2)])]
        for range in [0...1e19, -1e19...1e19, 0...Double.greatestFiniteMagnitude, 1e300...1e305] {
            #expect(Chart("a", series, xAxis: axis, over: range).html.text.contains("<svg"))
        }
        let high = [Chart.Series("a", points: [Chart.Point(x: 1, y: 1), Chart.Point(x: 2, y: 1e20)])]
        #expect(Chart("a", high, yAxis: axis).html.text.contains("<svg"))
    }

    @Test func leavesOutTimesThatNoCalendarHas() {
        let points = [Chart.Point(x: 9.3e18, y: 1), Chart.Point(x: -9.3e18, y: 1), Chart.Point(x: 0, y: 1)]
        let svg = Chart("calls", [Chart.Series("calls", points: points)], xAxis: .time).html.text
        #expect(svg.contains("<circle"))
    }
}
