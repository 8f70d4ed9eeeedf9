import Foundation
import Statistics
import TestSupport
import Testing

@Suite struct EvidenceTests {
    @Test func countEvidenceIsTheBetaBinomialRatio() {
        // ln B(13, 9) − ln B(1, 1) − 20 ln ½, worked out elsewhere.
        let evidence = CountEvidence([12, 8], shares: [0.5, 0.5])
        #expect(abs(evidence.logEvidence - -0.9253778888708659) < 1e-12)
        #expect(evidence.pValue == 1)
        #expect(CountEvidence([90, 10], shares: [0.5, 0.5]).pValue < 1e-12)
    }

    @Test func sharesAsIntendedAreRarelyRefuted() {
        var refuted = 0
        for seed in 0..<400 {
            var numbers = SeededNumbers(seed: UInt64(seed))
            var counts = [0, 0]
            for _ in 0..<1000 {
                counts[numbers.uniform() < 0.1 ? 1 : 0] += 1
                if CountEvidence(counts, shares: [0.9, 0.1]).logEvidence >= -log(0.05) {
                    refuted += 1
                    break
                }
            }
        }
        #expect(refuted <= 20)
    }

    @Test func sampleRatioAgreesWithChiSquared() {
        #expect(abs(SampleRatio.pValue([5100, 4900], shares: [0.5, 0.5]) - 0.04550026389635857) < 1e-12)
        #expect(SampleRatio.pValue([0, 0], shares: [0.5, 0.5]) == 1)
    }

    @Test func bettingNeedsNoMoreThanCounts() {
        var oneByOne = BettingEvidence()
        for index in 0..<200 { oneByOne.add(index < 9 ? 49 : -1) }
        let atOnce = BettingEvidence.share(above: 0.02, count: 9, of: 200)
        #expect(abs(oneByOne.logEvidence - atOnce.logEvidence) < 1e-9)
        var halves = BettingEvidence.share(above: 0.02, count: 4, of: 120)
        halves.add(.share(above: 0.02, count: 5, of: 80))
        #expect(abs(halves.logEvidence - atOnce.logEvidence) < 1e-9)
    }

    @Test func aShareAtItsBoundIsRarelyRefutedAndOneAboveItSoon() {
        var (refuted, found) = (0, 0)
        for seed in 0..<400 {
            var numbers = SeededNumbers(seed: UInt64(seed))
            var fair = BettingEvidence()
            var bad = BettingEvidence()
            var (wasRefuted, wasFound) = (false, false)
            for _ in 0..<500 {
                fair.add(numbers.uniform() < 0.05 ? 19 : -1)
                bad.add(numbers.uniform() < 0.15 ? 19 : -1)
                wasRefuted = wasRefuted || fair.logEvidence >= -log(0.05)
                wasFound = wasFound || bad.logEvidence >= -log(0.05)
            }
            refuted += wasRefuted ? 1 : 0
            found += wasFound ? 1 : 0
        }
        #expect(refuted <= 20)
        #expect(found >= 396)
    }

    @Test func alphaIsSpentLateAndWhole() {
        #expect(abs(AlphaSpending.lateSpending(alpha: 0.05, share: 0.5) - 0.005574596680784305) < 1e-12)
        #expect(abs(AlphaSpending.lateSpending(alpha: 0.05, share: 1) - 0.05) < 1e-12)
        #expect(abs(AlphaSpending.evenSpending(alpha: 0.05, share: 1) - 0.05) < 1e-12)
    }
}
