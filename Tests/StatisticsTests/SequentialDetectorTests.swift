import Foundation
import Statistics
import TestSupport
import Testing

@Suite struct SequentialDetectorTests {
    /// 0 or 1: 400 values with one rate of ones, then 400 with another.
    static func errors(_ seed: UInt64, before: Double = 0.1, after: Double = 0.7) -> [Double] {
        var numbers = SeededNumbers(seed: seed)
        return (0..<800).map { numbers.uniform() < ($0 < 400 ? before : after) ? 1 : 0 }
    }

    static let detectors: [any SequentialDetector] = [
        CumulativeSum(level: 0.1, deviation: 0.3), MovingAverageChart(level: 0.1, deviation: 0.3, weight: 0.05),
        PageHinkley(threshold: 15), AdaptiveWindow(), ErrorRateDetector(), ErrorDistanceDetector(),
        HoeffdingDetector(), McDiarmidDetector(), RecentSampleDetector(seed: 1),
    ]

    private func firstAlarm(_ detector: any SequentialDetector, _ values: [Double], from start: Int = 0) -> Int? {
        var detector = detector
        return values.indices.first { index in
            detector.update(values[index])
            return detector.isDrifting && index >= start
        }
    }

    @Test(arguments: detectors.indices) func findsARateThatRises(index: Int) throws {
        for seed in 0..<5 as Range<UInt64> {
            let alarm = try #require(firstAlarm(Self.detectors[index], Self.errors(seed), from: 400))
            #expect(alarm < 700, "seed \(seed)")
        }
    }

    @Test(arguments: detectors.indices) func staysQuietOverAConstant(index: Int) {
        let detector = Self.detectors[index]
        let isChart = detector is CumulativeSum || detector is MovingAverageChart
        #expect(firstAlarm(detector, Array(repeating: isChart ? 0.1 : 0, count: 2_000)) == nil)
    }

    @Test(arguments: detectors.indices) func goesOnAfterARestartAsIfThereHadBeenNone(index: Int) throws {
        func check<Detector: SequentialDetector>(_ detector: Detector) throws {
            let values = Self.errors(7)
            var whole = detector
            var kept = detector
            for (place, value) in values.enumerated() {
                whole.update(value)
                kept.update(value)
                if place.isMultiple(of: 97) {
                    kept = try JSONDecoder().decode(Detector.self, from: JSONEncoder().encode(kept))
                }
                #expect(kept == whole, "at \(place)")
            }
        }
        try check(Self.detectors[index])
    }

    @Test func alarmsOfSumsLieOnTheSideOfTheChange() {
        var up = CumulativeSum(level: 0, deviation: 1)
        var down = CumulativeSum(level: 0, deviation: 1)
        for _ in 0..<11 {
            up.update(1)
            down.update(-1)
        }
        #expect(up.alarm == .up && down.alarm == .down)
        #expect(up.upper == down.lower && up.upper == 5.5)
        up.update(0)
        #expect(!up.isDrifting && up.upper == 0)
    }

    /// About one alarm in 465 values without a change (Montgomery, table 9.4).
    @Test func sumsAlarmAsRarelyAsTheirTableSays() {
        var numbers = SeededNumbers(seed: 3)
        var sums = CumulativeSum(level: 0, deviation: 1)
        let alarms = (0..<60_000).count { _ in
            sums.update(numbers.normal())
            return sums.isDrifting
        }
        #expect((90...180).contains(alarms), "\(alarms)")
    }

    @Test func theLimitFollowsFromTheFalseAlarmsThatOneWants() {
        #expect(abs(CumulativeSum.valuesBetweenAlarms(allowance: 0.5, limit: 5) / 465 - 1) < 0.02)
        #expect(abs(CumulativeSum.valuesBetweenAlarms(allowance: 0.5, limit: 4) / 168 - 1) < 0.02)
        var numbers = SeededNumbers(seed: 8)
        var sums = CumulativeSum(level: 0, deviation: 1, falseAlarms: 1, in: 300)
        let alarms = (0..<60_000).count { _ in
            sums.update(numbers.normal())
            return sums.isDrifting
        }
        #expect((140...260).contains(alarms), "\(alarms)")
    }

    @Test func theWindowForgetsWhatCameBeforeTheChange() {
        var numbers = SeededNumbers(seed: 4)
        var window = AdaptiveWindow()
        for _ in 0..<1_000 { window.update(numbers.normal()) }
        #expect(window.width == 1_000)
        #expect(abs(window.mean) < 0.15)
        for _ in 0..<1_000 { window.update(5 + numbers.normal()) }
        #expect(abs(window.mean - 5) < 0.3)
    }

    @Test func fallsAlarmOnlyWhenTheyAreAskedFor() {
        let falling = Self.errors(5, before: 0.6, after: 0.1)
        #expect(firstAlarm(HoeffdingDetector(), falling, from: 400) == nil)
        #expect(firstAlarm(HoeffdingDetector(isTwoSided: true), falling, from: 400) != nil)
        #expect(firstAlarm(McDiarmidDetector(isTwoSided: true), falling, from: 400) != nil)
        #expect(firstAlarm(PageHinkley(threshold: 15, direction: .up), falling) == nil)
    }
}
