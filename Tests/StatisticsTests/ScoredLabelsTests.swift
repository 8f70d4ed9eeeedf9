import Statistics
import Testing

@Suite struct ScoredLabelsTests {
    @Test func ranksAreAllThatCountsForTheArea() {
        let labels = [true, false, true, false]
        let scored = ScoredLabels(labels: labels, scores: [0.9, 0.8, 0.7, 0.1])
        #expect(scored.rocAUC == 0.75)
        #expect(ScoredLabels(labels: labels, scores: [90, 80, 70, 10]).rocAUC == 0.75)
        #expect(ScoredLabels(labels: labels, scores: [1, 1, 1, 1]).rocAUC == 0.5)
    }

    @Test func oneClassAloneHasNoArea() {
        #expect(ScoredLabels(labels: [true, true], scores: [0.1, 0.2]).rocAUC.isNaN)
    }

    @Test func certaintyThatIsWrongCostsMuchButNotEverything() {
        let loss = ScoredLabels(labels: [true], scores: [0]).logLoss
        #expect(loss > 36 && loss < 37)
    }

    @Test func matricesOfPartsAddUp() {
        let labels = [true, false, true, true]
        let scores = [0.7, 0.6, 0.2, 0.9]
        var merged = ScoredLabels(labels: Array(labels[..<2]), scores: Array(scores[..<2])).confusion(threshold: 0.5)
        merged.merge(ScoredLabels(labels: Array(labels[2...]), scores: Array(scores[2...])).confusion(threshold: 0.5))
        #expect(merged == ScoredLabels(labels: labels, scores: scores).confusion(threshold: 0.5))
        #expect(merged.precision == 2.0 / 3)
    }
}
