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

    @Test func saysSoWhenThereIsNothingToDraw() {
        #expect(chart([]).contains("No values yet."))
        #expect(chart([.nan, .infinity]).contains("No values yet."))
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

    @Test func leavesOutTimesThatNoCalendarHas() {
        let points = [Chart.Point(x: 9.3e18, y: 1), Chart.Point(x: -9.3e18, y: 1), Chart.Point(x: 0, y: 1)]
        let svg = Chart("calls", [Chart.Series("calls", points: points)], xAxis: .time).html.text
        #expect(svg.contains("<circle"))
    }
}
