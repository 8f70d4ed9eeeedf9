import Incidents
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring

@Suite struct PerformanceFamilyTests {
    private static func profile(_ count: Int, accuracy: Double, seed: UInt64) -> PerformanceProfile {
        var numbers = SeededNumbers(seed: seed)
        var tally = BinaryTally()
        for _ in 0..<count {
            let decided = numbers.uniform() < 0.5
            let isRight = numbers.uniform() < accuracy
            tally.add(isPositive: decided == isRight, isPredictedPositive: decided, score: decided ? 0.9 : 0.1)
        }
        return .binary(tally)
    }

    private static func window(
        _ profile: PerformanceProfile, labelled: Int, estimates: [PerformanceEstimate] = [], slices: [WeakSlice] = []
    ) -> WindowPerformance {
        WindowPerformance(
            monitor: "a", number: 3, model: "m", version: 1, start: Timestamp(milliseconds: 0),
            end: Timestamp(milliseconds: 60_000), rows: 2 * labelled,
            parts: [
                WindowPerformance.Part(
                    slice: .whole, labelled: labelled, profile: profile, troubles: [.type: 2])
            ],
            estimates: estimates, slices: slices, isFinal: false, madeAt: Timestamp(milliseconds: 70_000))
    }

    private static func basis(accuracy: Double) -> PerformanceBasis {
        PerformanceBasis(
            origin: .dataset("the dataset"), task: .binary, classes: [], rows: 1000,
            profile: profile(1000, accuracy: accuracy, seed: 99), calibrations: [], forecast: nil)
    }

    private static func rule(_ metrics: [String]) -> PerformanceRule {
        var rule = PerformanceRule.standard
        rule.metrics = metrics.compactMap(PerformanceMetric.init)
        return rule
    }

    private static func finding(_ code: String, _ findings: [Finding]) -> Finding? {
        findings.first { $0.code == code }
    }

    @Test func worseThanTheBasisIsBadOnlyWithEffectAndSignificance() throws {
        let rule = Self.rule(["accuracy"])
        let basis = Self.basis(accuracy: 0.9)
        func verdict(_ count: Int, _ accuracy: Double) -> Finding.Verdict? {
            let window = Self.window(Self.profile(count, accuracy: accuracy, seed: 5), labelled: count)
            return Self.finding("accuracy", PerformanceFamily.findings(of: window, basis: basis, by: rule))?.verdict
        }
        #expect(verdict(400, 0.9) == .fine)
        #expect(verdict(400, 0.75) == .bad)
        // Large enough, yet by chance as well.
        #expect(verdict(25, 0.85) == .fine)
        // Sure enough, yet too little to matter.
        #expect(verdict(200_000, 0.88) == .fine)
        #expect(verdict(10, 0.1) == .unknown)
    }

    @Test func aLimitIsPassedByTheWholeInterval() throws {
        var rule = Self.rule(["recall"])
        rule.limits = [
            PerformanceRule.Limit(metric: try #require(PerformanceMetric("recall")), value: 0.8, isMinimum: true)
        ]
        func verdict(hits: Int, of positives: Int) -> Finding.Verdict? {
            var tally = BinaryTally()
            for row in 0..<positives { tally.add(isPositive: true, isPredictedPositive: row < hits, score: nil) }
            let window = Self.window(.binary(tally), labelled: positives)
            return Self.finding("recall", PerformanceFamily.findings(of: window, basis: nil, by: rule))?.verdict
        }
        #expect(verdict(hits: 90, of: 100) == .fine)
        #expect(verdict(hits: 23, of: 30) == .notable)
        #expect(verdict(hits: 60, of: 100) == .bad)
    }

    @Test func saysCoverageTroublesAndValue() throws {
        var rule = Self.rule(["accuracy"])
        rule.values = PerformanceRule.Values(truePositive: 10, falsePositive: -1, falseNegative: -5, trueNegative: 0)
        let window = Self.window(Self.profile(100, accuracy: 1, seed: 7), labelled: 100)
        let findings = PerformanceFamily.findings(of: window, basis: nil, by: rule)
        #expect(Self.finding("labels", findings)?.value == 0.5)
        #expect(Self.finding("label_type", findings)?.verdict == .notable)
        let value = try #require(Self.finding("value", findings))
        #expect(try #require(value.value) > 3)
        #expect(findings.allSatisfy { $0.family == .performance && !$0.words.isEmpty })
        rule.isOn = false
        #expect(PerformanceFamily.findings(of: window, basis: nil, by: rule).isEmpty)
    }

    @Test func estimatesThatWereWrongTooOftenSayNothing() throws {
        let estimate = try PerformanceEstimate(
            json: [
                "metric": "accuracy", "method": "confidence", "estimate": 0.5, "low": 0.45, "high": 0.55, "rows": 200,
            ])
        let window = Self.window(Self.profile(100, accuracy: 0.9, seed: 8), labelled: 100, estimates: [estimate])
        let (rule, basis) = (Self.rule(["accuracy"]), Self.basis(accuracy: 0.9))
        func said(_ record: EstimateRecord) -> Finding? {
            Self.finding(
                "estimated_accuracy", PerformanceFamily.findings(of: window, basis: basis, by: rule, record: record))
        }
        #expect(said(EstimateRecord())?.verdict == .notable)
        var record = EstimateRecord()
        for isRefuted in [true, true, false] {
            var confronted = estimate
            confronted.isRefuted = isRefuted
            record.add([confronted])
        }
        let flagged = try #require(said(record))
        #expect(flagged.verdict == .unknown)
        #expect(flagged.words.contains("2 of 3 windows"))
    }

    @Test func aStoredWindowComesBackAndMergesWithThatOfAnotherServer() throws {
        let window = Self.window(Self.profile(100, accuracy: 0.9, seed: 9), labelled: 100)
        var read = try WindowPerformance(monitor: "a", body: JSON.parse(window.body.text))
        #expect(read == window)
        read.merge(Self.window(Self.profile(50, accuracy: 0.9, seed: 10), labelled: 50))
        #expect(read.labelled == 150)
        #expect(read.whole?.profile?.rows == 150)
        #expect(read.whole?.troubles == [.type: 4])
    }

    @Test func searchNamesConditionsThatCanBeDeclared() throws {
        var numbers = SeededNumbers(seed: 11)
        let ages = (0..<3000).map { _ in 20 + 60 * numbers.uniform() }
        let towns = (0..<3000).map { _ in ["Köln", "St. John's"][numbers.uniform() < 0.5 ? 0 : 1] }
        let losses = (0..<3000).map { numbers.uniform() + (ages[$0] > 70 && towns[$0] == "St. John's" ? 1.5 : 0) }
        let columns: [(name: String, values: [ColumnValue])] = [
            ("age", ages.map { .number($0) }), ("home town", towns.map { .text($0) }),
        ]
        let slice = try #require(WeakSlice.search(columns, losses: losses, .loss).first)
        let condition = try SegmentCondition(slice.condition)
        let row: [String: ColumnValue] = ["age": .number(75), "home town": .text("St. John's")]
        #expect(condition.holds { row[$0] ?? .missing })
        #expect(!condition.holds { $0 == "age" ? .number(30) : row[$0] ?? .missing })
        #expect(try WeakSlice(json: slice.json) == slice)
    }
}
