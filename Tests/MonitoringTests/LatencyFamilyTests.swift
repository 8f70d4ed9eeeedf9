import Incidents
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring

@Suite struct LatencyFamilyTests {
    private static func latency(_ milliseconds: [Double], rows: Int = 1) -> LatencyProfile {
        var latency = LatencyProfile()
        for one in milliseconds { latency.add(requestMs: one, requestRows: rows, rows: rows) }
        return latency
    }

    private static func rule(_ limits: [LatencyRule.Quantile: Double], per unit: LatencyRule.Unit = .request)
        -> LatencyRule
    {
        LatencyRule(limits: limits, unit: unit, slower: 1.5)
    }

    @Test func tellsQuantilesWithoutAnyLimit() {
        let found = LatencyFamily.findings(
            Self.latency((1...1_000).map(Double.init)), in: .whole, by: .standard)
        #expect(found.map(\.code) == ["p50", "p95", "p99"])
        #expect(found.allSatisfy { $0.verdict == .fine && $0.rows == 1_000 && $0.measure == "ms" })
        for (finding, expected) in zip(found, [500.0, 950, 990]) {
            #expect(abs((finding.value ?? 0) - expected) <= expected / 50)
        }
    }

    @Test func aLimitIsBrokenWhenSurelyMoreAreSlower() {
        let slow = Self.latency((0..<200).map { $0 % 5 == 0 ? 300 : 20 })
        let found = LatencyFamily.findings(slow, in: .whole, by: Self.rule([.p95: 100, .p50: 100]))
        #expect(found.map(\.verdict) == [.fine, .bad, .fine])
        #expect(found[1].limit == 100)
        #expect((found[1].pValue ?? 1) < 1e-6)
        #expect(found[1].words.contains("100 ms are allowed: 20 % of 200 took longer"))
    }

    @Test func oneSlowAnswerOfTwentyIsNoBreach() {
        let latency = Self.latency([400] + Array(repeating: 20, count: 20))
        let found = LatencyFamily.findings(latency, in: .whole, by: Self.rule([.p95: 100, .p99: 100]))
        #expect(found.allSatisfy { $0.verdict != .bad })
        let few = LatencyFamily.findings(Self.latency([400, 400]), in: .whole, by: Self.rule([.p95: 100]))
        #expect(few.first { $0.code == "p95" }?.verdict == .unknown)
    }

    @Test func isToldOfWhenSlowerThanBefore() throws {
        let usual = Self.latency((0..<500).map { Double(10 + $0 % 40) })
        let history = (0..<3).flatMap { _ in LatencyFamily.findings(usual, in: .whole, by: .standard) }
        let slower = Self.latency((0..<100).map { Double(30 + 2 * ($0 % 40)) })
        let found = LatencyFamily.findings(slower, in: .whole, by: .standard, history: history)
        #expect(found.first?.verdict == .notable)
        #expect(found.first?.referenceRows == 1_500)
        let same = LatencyFamily.findings(usual, in: .whole, by: .standard, history: history)
        #expect(same.allSatisfy { $0.verdict == .fine && $0.expected != nil })
        let early = LatencyFamily.findings(slower, in: .whole, by: .standard, history: Array(history.prefix(6)))
        #expect(early.allSatisfy { $0.verdict == .fine && $0.expected == nil })
    }

    @Test func aRowTakesItsShareOfTheRequest() throws {
        let latency = Self.latency(Array(repeating: 100, count: 30), rows: 50)
        let perRow = LatencyFamily.findings(latency, in: .whole, by: Self.rule([:], per: .row))
        #expect(perRow.first?.rows == 1_500)
        #expect(abs((perRow.first?.value ?? 0) - 2) < 0.04)
    }

    @Test func saysNothingOfNoAnswers() {
        #expect(LatencyFamily.findings(LatencyProfile(), in: .whole, by: .standard).isEmpty)
    }
}
