import Statistics
import Testing

struct BoxSummaryTests {
    /// The quartiles are those of `numpy.percentile`, the whiskers and outliers those of `matplotlib.cbook.boxplot_stats`.
    @Test func isThatOfOthers() throws {
        let box = try #require(BoxSummary([9, 20, 1, 2, 3, 4, 5, 6, 7, 8, -40]))
        #expect(box.lowQuartile == 2.5 && box.median == 5 && box.highQuartile == 7.5)
        #expect(box.lowWhisker == 1 && box.highWhisker == 9)
        #expect(box.outliers == [1, 10])
    }

    @Test(arguments: [[3.0], [3, 3, 3, 3]])
    func ofOneValueAllIsThatValue(values: [Double]) throws {
        let box = try #require(BoxSummary(values))
        #expect([box.lowWhisker, box.lowQuartile, box.median, box.highQuartile, box.highWhisker] == [3, 3, 3, 3, 3])
        #expect(box.outliers.isEmpty)
    }

    @Test func aValueOnTheFenceIsNoOutlier() throws {
        // Quartiles 0 and 4 leave fences at -6 and 10.
        let box = try #require(BoxSummary([-6, 0, 0, 2, 4, 4, 10]))
        #expect(box.lowQuartile == 0 && box.highQuartile == 4)
        #expect(box.lowWhisker == -6 && box.highWhisker == 10 && box.outliers.isEmpty)
    }

    @Test func ofNothingThereIsNone() {
        #expect(BoxSummary([]) == nil)
        #expect(BoxSummary([1, .nan]) == nil)
        #expect(BoxSummary([1, -.infinity]) == nil)
        #expect(BoxSummary([-.greatestFiniteMagnitude, .greatestFiniteMagnitude]) == nil)
    }
}
