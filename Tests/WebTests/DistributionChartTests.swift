import Testing
import Web

@Suite struct DistributionChartTests {
    private static let bars = [
        DistributionChart.Bar("basic", before: 0.5, now: 0.25), DistributionChart.Bar("<pro>", before: 0.5, now: 0.75),
    ]

    @Test func drawsABarForWhatWasAndALineForWhatIs() {
        let picture = DistributionChart(Self.bars).html.text
        // The highest share fills the height of 48: 0.5 of 0.75 are 32, 0.25 are 16 from the top at 32.
        #expect(picture.contains("y=\"16.0\" width=\"26.0\" height=\"32.0\""))
        #expect(picture.contains("<path d=\"M0 48.0V32.0H27.0V0.0H54.0V48.0\"/>"))
        #expect(picture.contains("<title>&lt;pro&gt;: 50 %, now 75 %</title>"))
        #expect(picture.contains("aria-label=\"basic: 50 %, now 25 %; &lt;pro&gt;: 50 %, now 75 %\""))
    }

    @Test func aloneItHasNoLine() {
        let picture = DistributionChart(Self.bars, hasNow: false).html.text
        #expect(!picture.contains("<path") && picture.contains("<title>basic: 50 %</title>"))
        #expect(DistributionChart([]).html.text.contains("no values"))
    }
}
