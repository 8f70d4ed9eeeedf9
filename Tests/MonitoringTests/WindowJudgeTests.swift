import Incidents
import Statistics
import Testing
import Wire

@testable import Monitoring

/// What a window is judged by besides its rows: the windows before it.
@Suite struct WindowJudgeTests {
    private static let hour: Int64 = 3_600_000
    private let values: [ColumnValue] = [.number(1), .number(2)]

    private static func record(latencyMs: Double) -> WindowRecord {
        var record = WindowRecord()
        record.rows = 100
        for _ in 0..<100 { record.latency.add(requestMs: latencyMs, requestRows: 1, rows: 1, isRest: false) }
        return record
    }

    private static func traffic(_ number: Int, _ length: WindowLength) -> TrafficWindow {
        let start = Windows.start + .milliseconds(Int64(number) * hour)
        return TrafficWindow(
            monitor: "m", lane: Windows.lane, number: number, length: length, source: nil, start: start,
            end: start + .milliseconds(hour), rows: 100, isChanged: false, revisions: [:])
    }

    /// What the p95 of a tenth window is held against, after nine of another or the same length.
    private func expected(after length: WindowLength) throws -> Double? {
        let monitor = try Windows(reference: ["x": values], spec: "{endpoint: a, merged: [hour]}").monitor
        var judge = WindowJudge(monitor, recent: [], judged: 0)
        for number in 1...9 {
            var window = judge.window(
                Self.traffic(number, length), [Windows.lane: Self.record(latencyMs: 10)], references: [:],
                absence: nil, now: Windows.start)
            window.number = number
            judge.note(window)
        }
        let last = judge.window(
            Self.traffic(10, .window), [Windows.lane: Self.record(latencyMs: 100)], references: [:], absence: nil,
            now: Windows.start)
        return try #require(last.findings.first { $0.code == "p95" }).expected
    }

    @Test func aWindowIsHeldAgainstThoseOfItsLength() throws {
        #expect(try expected(after: .window) != nil)
        #expect(try expected(after: .hour) == nil)
    }

    @Test func aWindowThatIsJudgedAnewIsThereOnce() throws {
        let monitor = try Windows(reference: ["x": values]).monitor
        var judge = WindowJudge(monitor, recent: [], judged: 0)
        for (number, rows) in [(1, 50), (2, 60), (1, 70)] {
            judge.note(
                MonitorWindow(
                    monitor: "m", number: number, lane: Windows.lane, start: Windows.start, end: Windows.start,
                    rows: rows, findings: []))
        }
        #expect(Set(judge.recent.map { [$0.number, $0.rows] }) == [[2, 60], [1, 70]])
        #expect(judge.recent.count == 2)
        #expect(judge.judged == 2)
    }

    @Test func hoursAndDaysAreAmongWhatMayOpenByChance() throws {
        func windows(_ merged: String) throws -> Double {
            let spec = "{endpoint: a, window: {minutes: 30}, merged: \(merged)}"
            return MonitorEvaluation.windowsPerMonth(
                try Windows(reference: ["x": values], spec: spec).view(["x": values]))
        }
        #expect(try windows("[]") == 1_440)
        #expect(try windows("[hour]") == 1_440 + 720)
        #expect(try windows("[hour, day]") == 1_440 + 720 + 30)
    }
}
