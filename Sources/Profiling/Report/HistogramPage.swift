import Statistics
import Web

/// The histogram of a column, with names as the report shows them.
struct HistogramPage {
    private let histogram: ColumnHistogram
    private let names: NameDisplay
    private let hasCurrent: Bool

    init(_ histogram: ColumnHistogram, _ names: NameDisplay, hasCurrent: Bool) {
        self.histogram = histogram
        self.names = names
        self.hasCurrent = hasCurrent
    }

    var html: HTML {
        let bars = histogram.bars.enumerated().map { index, bar in
            let label = bar.isName ? names.shown(bar.label, index) : bar.label
            return DistributionChart.Bar(label, before: bar.reference, now: bar.current)
        }
        return DistributionChart(bars, hasNow: hasCurrent).html
    }
}
