import Testing
import Web
import Wire

@testable import Serving

@Suite struct EndpointTrafficTests {
    private static let start: Int64 = 30_000_000 * 60_000

    private static func moment(minute: Int64, second: Int64 = 0) -> Timestamp {
        Timestamp(milliseconds: start + minute * 60_000 + second * 1000)
    }

    @Test func isEmptyAtFirst() {
        let summary = EndpointTraffic().summary(now: Self.moment(minute: 0))
        #expect(summary.calls == 0)
        #expect(summary.p50Us == nil)
        #expect(summary.p95Us == nil)
        #expect(summary.callsPerMinute.count == 60)
    }

    @Test func countsHowCallsEnded() {
        let traffic = EndpointTraffic()
        let now = Self.moment(minute: 0, second: 59)
        for latencyUs: Int64 in [100, 200, 300] { traffic.record(.answered(latencyUs: latencyUs), at: now) }
        traffic.record(.refused, at: now)
        traffic.record(.refused, at: now)
        traffic.record(.failed, at: now)
        let summary = traffic.summary(now: now)
        #expect([summary.calls, summary.refused, summary.failed] == [6, 2, 1])
        let json = summary.json
        #expect(json["calls"] == 6)
        #expect(json["calls_per_minute"]?.arrayValue?.last == 6)
        #expect(json["p50_us"]?.integerValue == summary.p50Us)
    }

    @Test func keepsAnHourMinuteByMinute() {
        let traffic = EndpointTraffic()
        for minute: Int64 in [0, 1, 1, 30, 59] { traffic.record(.refused, at: Self.moment(minute: minute)) }
        let full = traffic.summary(now: Self.moment(minute: 59, second: 30))
        #expect(full.calls == 5)
        #expect(full.callsPerMinute.first == .init(start: Self.moment(minute: 0), calls: 1, refused: 1))
        #expect(full.callsPerMinute[1].calls == 2)
        #expect(full.callsPerMinute.last == .init(start: Self.moment(minute: 59), calls: 1, refused: 1))
        // What is older than an hour is left out, also before another call comes.
        #expect(traffic.summary(now: Self.moment(minute: 60)).calls == 4)
        traffic.record(.refused, at: Self.moment(minute: 61))
        #expect(traffic.summary(now: Self.moment(minute: 61)).calls == 3)
    }

    /// What the endpoint refuses before a variant has it is of no variant, and is there all the same.
    @Test func chartsWhatIsRefusedBesidesVariants() {
        let traffic = EndpointTraffic()
        traffic.record(.refused, at: Self.moment(minute: 0))
        let whole = traffic.summary(now: Self.moment(minute: 0))
        let none = EndpointTraffic().summary(now: Self.moment(minute: 0))
        let split = EndpointChartsPage(whole: whole, variants: [("main", none), ("other", none)], monitor: nil).html
        #expect(split.text.contains("all refused") && split.text.contains("all failed"))
        let alone = EndpointChartsPage(whole: whole, variants: [("main", none)], monitor: nil).html
        #expect(alone.text.contains("refused") && !alone.text.contains("all refused"))
    }

    @Test func tellsTheStagesApartMinuteByMinute() throws {
        let traffic = EndpointTraffic()
        for _ in 0..<10 {
            traffic.record(.answered(latencyUs: 10_000, queueUs: 1_000, modelUs: 8_000), at: Self.moment(minute: 1))
        }
        traffic.record(.answered(latencyUs: 500), at: Self.moment(minute: 2))
        traffic.record(.failed, at: Self.moment(minute: 2))
        let minutes = traffic.summary(now: Self.moment(minute: 2)).callsPerMinute
        let first = minutes[58]
        for (quantiles, expected) in [(first.whole, 10_000), (first.queue, 1_000), (first.model, 8_000)] {
            let found = try #require(quantiles)
            #expect(abs(Double(found.p95) - Double(expected)) < 0.06 * Double(expected))
            #expect(found.p50 == found.p99)
        }
        #expect(minutes[59].failed == 1 && minutes[59].calls == 2)
        #expect(minutes[59].whole != nil && minutes[59].queue == nil)
        #expect(minutes[57].whole == nil)
    }

    @Test func losesNoCallWhenTheClockGoesBack() {
        let traffic = EndpointTraffic()
        traffic.record(.refused, at: Self.moment(minute: 5))
        traffic.record(.refused, at: Self.moment(minute: 3))
        #expect(traffic.summary(now: Self.moment(minute: 5)).callsPerMinute.last?.calls == 2)
    }

    @Test(arguments: [1, 7, 120, 850, 15_000, 2_000_000, 600_000_000] as [Int64])
    func tellsALatencyToAboutFivePercent(latencyUs: Int64) throws {
        var histogram = LatencyHistogram()
        for _ in 0..<10 { histogram.add(latencyUs) }
        let median = Double(try #require(histogram.quantile(0.5)))
        // Below ten microseconds rounding to whole ones is coarser.
        #expect(abs(median - Double(latencyUs)) <= max(0.06 * Double(latencyUs), 0.5))
    }

    @Test func tellsQuantilesOfAllMinutesTogether() throws {
        let traffic = EndpointTraffic()
        for index: Int64 in 0..<100 {
            let latencyUs: Int64 = index < 90 ? 1000 : 50_000
            traffic.record(.answered(latencyUs: latencyUs), at: Self.moment(minute: index % 7))
        }
        let summary = traffic.summary(now: Self.moment(minute: 7))
        #expect((950...1050).contains(try #require(summary.p50Us)))
        #expect((47_500...52_500).contains(try #require(summary.p95Us)))
    }

    @Test func holdsLatenciesBeyondItsClasses() {
        var histogram = LatencyHistogram()
        histogram.add(0)
        histogram.add(-3)
        #expect(histogram.quantile(0.95) == 0)
        histogram.add(.max)
        #expect((histogram.quantile(1) ?? 0) > 8_000_000_000)
    }
}
