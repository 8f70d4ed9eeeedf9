import Incidents
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring

@Suite struct AlarmLevelTests {
    private func level(
        _ falseAlarms: Double = 1, windows: Double = 720, tests: Int = 40, _ persistence: (Int, Int) = (2, 2),
        correlation: Double = 0
    ) -> AlarmLevel {
        AlarmLevel(budget(falseAlarms, windows: windows, tests: tests, persistence, correlation: correlation))
    }

    private func budget(
        _ falseAlarms: Double = 1, windows: Double = 720, tests: Int = 40, _ persistence: (Int, Int) = (2, 3),
        correlation: Double = 0
    ) -> AlarmBudget {
        AlarmBudget(
            falseAlarms: falseAlarms, windows: windows, tests: tests,
            persistence: (windows: persistence.0, of: persistence.1), correlation: correlation)
    }

    @Test func twoInARowWithAnExactReferenceIsARoot() {
        // W·T·α² = 1.
        #expect(abs(level().pValue - (1.0 / (720 * 40)).squareRoot()) < 1e-6)
        // One window: W·T·α = 1.
        #expect(abs(level(1, (1, 1)).pValue - 1.0 / (720 * 40)) < 1e-8)
    }

    @Test func moreWindowsTestsOrAnInexactReferenceAskForMoreCertainty() {
        let base = level().pValue
        #expect(level(windows: 7_200).pValue < base)
        #expect(level(tests: 400).pValue < base)
        #expect(level(correlation: 0.3).pValue < base)
        #expect(level(1, (2, 3)).pValue < base)
        #expect(level(4).pValue > base)
        #expect(level(1, (3, 3)).pValue > base)
    }

    /// Draws windows that share a reference, and counts how often k of n are bad for the first time.
    @Test(arguments: [(2, 2, 0.0), (2, 3, 0.3), (3, 5, 0.1), (1, 1, 0.2)])
    func openingsAreNoMoreThanItSays(k: Int, n: Int, rho: Double) {
        let alpha = 0.05
        let z = -NormalDistribution.quantile(alpha / 2)
        var numbers = SeededNumbers(seed: 7)
        var openings = 0
        let (references, windows) = (2_000, 50)
        for _ in 0..<references {
            let g = numbers.normal() * rho.squareRoot()
            var last: [Bool] = []
            var isOpen = false
            for _ in 0..<windows {
                let isBad = abs(g + (1 - rho).squareRoot() * numbers.normal()) > z
                last = (last + [isBad]).suffix(n)
                let lasts = last.count { $0 } >= k
                if lasts, isBad, !isOpen { openings += 1 }
                isOpen = lasts
            }
        }
        let bound = AlarmLevel.openings(level: alpha, (windows: k, of: n), correlation: rho)
        let seen = Double(openings) / Double(references * windows)
        #expect(seen <= bound * 1.1)
        #expect(seen >= bound * 0.3, "\(seen) of at most \(bound)")
    }

    @Test func theCumulativeSumRunsAsLongAsItSays() {
        let runLength = 200.0
        let level = AlarmLevel(pValue: 0.01, allowance: 0.5, limit: AlarmLevel.limit(runLength: runLength))
        var numbers = SeededNumbers(seed: 8)
        let runs = 300
        var lengths = 0
        for _ in 0..<runs {
            var sum = 0.0
            while sum <= level.limit {
                sum = level.sum(after: sum, pValue: numbers.uniform())
                lengths += 1
            }
        }
        let mean = Double(lengths) / Double(runs)
        #expect(mean > runLength * 0.8 && mean < runLength * 1.3, "\(mean)")
    }

    @Test func aWindowOfFewRowsForgetsNoEvidence() throws {
        var numbers = SeededNumbers(seed: 9)
        let reference = numbers.normals(2_000).map { ColumnValue.number($0) }
        let windows = try Windows(reference: ["x": reference], spec: "{endpoint: a, alarms: {detector: cusum}}")
        let shifted = numbers.normals(200, mean: 0.4).map { ColumnValue.number($0) }
        func window(_ rows: Int, _ number: Int, after history: [MonitorWindow]) -> MonitorWindow {
            windows.window(["x": Array(shifted.prefix(rows))], number: number, history: history)
        }
        func sum(_ window: MonitorWindow) -> Double? { window.columns.first?.details["cumulative_sum"]?.doubleValue }
        let first = window(200, 1, after: [])
        let quiet = window(5, 2, after: [first])
        let next = window(200, 3, after: [first, quiet])
        #expect(try #require(sum(first)) > 0)
        #expect(sum(quiet) == nil)
        #expect(try abs(#require(sum(next)) - 2 * #require(sum(first))) < 1e-9)
    }

    @Test func oneWindowAloneIsNoLastingChange() {
        let level = level()
        #expect(level.sum(after: 0, pValue: 0) < level.limit)
        #expect(level.sum(after: level.sum(after: 0, pValue: 0), pValue: 0) > level.limit)
        #expect(level.sum(after: 3, pValue: 1) == 0)
        #expect(level.sum(after: 1e6, pValue: 0.5) == 2 * level.limit)
    }

    @Test(arguments: [0, 1e-7, 0.0123, 0.31, 0.5, 0.987, 0.99])
    func aRoundedBudgetIsNearlyTheSameAndNeverLooser(correlation: Double) {
        for rate in [0.003, 1, 17.7] {
            let exact = budget(rate, correlation: correlation)
            let rounded = exact.rounded
            #expect(rounded.rounded == rounded)
            #expect(rounded.openings <= exact.openings && rounded.openings > exact.openings * 15 / 16)
            #expect(rounded.correlation >= correlation && rounded.correlation <= min(0.99, correlation * 17 / 16))
            let (level, loosest) = (AlarmLevel(rounded), AlarmLevel(exact))
            #expect(level.pValue <= loosest.pValue * (1 + 1e-9) && level.pValue > loosest.pValue * 0.8)
            #expect(level.limit >= loosest.limit && level.allowance >= loosest.allowance)
        }
    }

    @Test func windowsOfNearlyOneSizeAskOnce() {
        var levels = AlarmLevels()
        var found: Set<AlarmLevel> = []
        for rows in 200..<208 {
            let correlation = Double(rows) / Double(rows + 5_000)
            found.insert(levels.level(for: budget(correlation: correlation)))
        }
        #expect(levels.count == found.count && found.count < 3)
        // What was asked before makes no difference.
        let other = budget(correlation: 0.2)
        let known = levels.level(for: other)
        var empty = AlarmLevels()
        #expect(known == empty.level(for: other))
    }

    @Test func levelsDoNotPileUp() {
        var levels = AlarmLevels(limit: 3)
        for tests in 1...10 { _ = levels.level(for: budget(tests: tests)) }
        #expect((1...3).contains(levels.count))
    }
}
