import Incidents
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring

/// Measures by labels at the level of the monitor's alarms.
@Suite struct PerformanceCertaintyTests {
    private static func tally(_ count: Int, _ accuracy: Double, _ numbers: inout SeededNumbers) -> BinaryTally {
        var tally = BinaryTally()
        for _ in 0..<count {
            let decided = numbers.uniform() < 0.5
            let isRight = numbers.uniform() < accuracy
            tally.add(isPositive: decided == isRight, isPredictedPositive: decided, score: nil)
        }
        return tally
    }

    private static func window(_ tally: BinaryTally, rows: Int) -> WindowPerformance {
        WindowPerformance(
            monitor: "a", number: 1, model: "m", version: 1, start: Timestamp(milliseconds: 0),
            end: Timestamp(milliseconds: 60_000), rows: rows,
            parts: [WindowPerformance.Part(slice: .whole, labelled: rows, profile: .binary(tally), troubles: [:])],
            estimates: [], slices: [], isFinal: true, madeAt: Timestamp(milliseconds: 70_000))
    }

    private static func basis(_ tally: BinaryTally, rows: Int) -> PerformanceBasis {
        PerformanceBasis(
            origin: .dataset("the dataset"), task: .binary, classes: [], rows: rows, profile: .binary(tally),
            calibrations: [], forecast: nil)
    }

    private static func certainty(_ openings: Double) -> PerformanceCertainty {
        PerformanceCertainty(
            openings: openings,
            alarms: AlarmRule(detector: .windows, windows: 1, of: 1, falseAlarmsPerMonth: 1))
    }

    /// Windows that are as good as their basis, in streams that each have a basis of their own.
    @Test func aModelThatStaysAsGoodIsNotCalledWorseMoreOftenThanTheBudgetSays() throws {
        var numbers = SeededNumbers(seed: 21)
        var rule = PerformanceRule.standard
        rule.metrics = ["accuracy", "recall", "precision"].compactMap(PerformanceMetric.init)
        rule.minimumChange = 0
        let (streams, windows, openings) = (80, 20, 0.02)
        var bad = 0
        for _ in 0..<streams {
            let basis = Self.basis(Self.tally(600, 0.85, &numbers), rows: 600)
            for _ in 0..<windows {
                let window = Self.window(Self.tally(200, 0.85, &numbers), rows: 200)
                let found = PerformanceFamily.findings(
                    of: window, basis: basis, by: rule, Self.certainty(openings))
                bad += found.count { $0.verdict == .bad }
            }
        }
        let allowed = openings * Double(rule.metrics.count * streams * windows)
        #expect(Double(bad) <= allowed)
        #expect(bad > 0, "Else the level is no test.")
    }

    @Test func aSmallerBudgetAsksForMoreCertainty() throws {
        var numbers = SeededNumbers(seed: 22)
        var rule = PerformanceRule.standard
        rule.metrics = ["accuracy"].compactMap(PerformanceMetric.init)
        let basis = Self.basis(Self.tally(2_000, 0.9, &numbers), rows: 2_000)
        var tally = BinaryTally()
        for row in 0..<100 { tally.add(isPositive: row < 78, isPredictedPositive: true, score: nil) }
        func verdict(_ certainty: PerformanceCertainty, of basis: PerformanceBasis?) -> Finding.Verdict? {
            PerformanceFamily.findings(of: Self.window(tally, rows: 100), basis: basis, by: rule, certainty)
                .first { $0.code == "accuracy" }?.verdict
        }
        #expect(verdict(Self.certainty(0.01), of: basis) == .bad)
        #expect(verdict(Self.certainty(1e-9), of: basis) == .fine)
        // A declared limit, which is exact.
        rule.limits = [
            PerformanceRule.Limit(metric: try #require(PerformanceMetric("accuracy")), value: 0.88, isMinimum: true)
        ]
        #expect(verdict(Self.certainty(0.05), of: nil) == .bad)
        #expect(verdict(Self.certainty(1e-6), of: nil) == .notable)
        #expect(verdict(.standard, of: nil) == .notable, "The level without a limit on false alarms is 1 %.")
    }

    @Test func manyRowsOfASmallBasisAskForMoreThanFew() {
        var certainty = Self.certainty(1e-4)
        let (few, many) = (certainty.level(rows: 50, basis: 500), certainty.level(rows: 5_000, basis: 500))
        var twoOfThree = PerformanceCertainty(openings: 1e-4, alarms: .standard)
        #expect(twoOfThree.level(rows: 50, basis: 500) > twoOfThree.level(rows: 5_000, basis: 500))
        #expect(abs(few - 1e-4) < 1e-5 && abs(many - 1e-4) < 1e-5, "One window alone does not know of the others.")
        var standard = PerformanceCertainty.standard
        #expect(standard.level(rows: 50, basis: 500) == 0.01)
    }
}
