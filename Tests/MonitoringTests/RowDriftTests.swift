import Foundation
import Incidents
import Statistics
import TestSupport
import Testing
import Wire

@testable import Monitoring
@testable import Predictions

/// Rows as a whole, through the prediction log.
@Suite(.timeLimit(.minutes(5))) struct RowDriftTests {
    /// Height and weight go together by `slope`, each being normal whatever that is.
    private static func people(_ count: Int, _ numbers: inout SeededNumbers, slope: Double = 0.9) -> [JSON] {
        (0..<count).map { _ in
            let height = numbers.normal()
            let weight = slope * height + (1 - slope * slope).squareRoot() * numbers.normal()
            return [
                "height": .double(height), "weight": .double(weight), "age": .double(numbers.normal()),
                "country": .string(numbers.uniform() < 0.3 ? "FR" : "DE"),
            ]
        }
    }

    private static func spec(_ drift: String, rows: Int = 100) -> String {
        "{endpoint: clinic, window: {rows: \(rows)}, reference: {previous: 3}, drift: {\(drift)}, "
            + "alarms: {false_alarms_per_month: 10, windows: 2, of: 3}}"
    }

    @Test func columnsThatNoLongerGoTogetherOpenAnAlertThoughEachIsTheSame() async throws {
        let fixture = try await MonitoringFixture()
        try await fixture.apply(Self.spec("joint: true"))
        var numbers = SeededNumbers(seed: 1)
        try await fixture.predict(Self.people(700, &numbers))
        try await fixture.predict(Self.people(200, &numbers, slope: -0.9))
        await fixture.observe()
        let windows = try await fixture.windows()
        let joint = windows.map { window in window.findings.filter { $0.code == Finding.jointDriftCode } }
        #expect(joint.map(\.count) == [0, 0, 0, 0, 0, 1, 1, 1, 1])
        #expect(joint.flatMap(\.self).map(\.verdict) == [.fine, .fine, .bad, .bad])
        #expect(windows.flatMap(\.drifting).isEmpty, "No column by itself drifts.")
        let finding = try #require(joint.last?.first)
        #expect(finding.rows == 100 && finding.referenceRows == 200)
        #expect(try #require(finding.value) > 0.3)
        #expect(finding.words.contains("height") && finding.words.contains("weight"))
        let alert = try #require(try await fixture.alerts.alerts(state: .open, limit: 9).first)
        #expect(alert.topic.family == .drift)
        #expect(alert.findings.map(\.code) == [Finding.jointDriftCode])
    }

    @Test func itIsTheManifestsChoiceAndByDefaultThatOfLongWindows() throws {
        func rule(_ drift: String) throws -> DriftRule {
            try Windows(reference: [:], spec: Self.spec(drift)).monitor.drift
        }
        #expect(try rule("").comparesRows(in: .minutes(60)))
        #expect(try !rule("").comparesRows(in: .minutes(1)))
        #expect(try !rule("").comparesRows(in: .rows(50)))
        #expect(try rule("").comparesRows(in: .rows(500)))
        #expect(try rule("joint: true").comparesRows(in: .rows(50)))
        #expect(try !rule("joint: false").comparesRows(in: .minutes(60)))
        #expect(try !rule("mode: evidently").comparesRows(in: .minutes(60)))
        #expect(try rule("mode: evidently, joint: true").comparesRows(in: .minutes(60)))
    }

    @Test func columnsThatAreOffOrMaskedAreLeftOut() async throws {
        let fixture = try await MonitoringFixture()
        try await fixture.apply(Self.spec("joint: true, columns: {weight: off}"))
        var numbers = SeededNumbers(seed: 2)
        let mask = LogPolicy(mask: ColumnMask(["country"]))
        try await fixture.predict(Self.people(500, &numbers), policy: mask)
        try await fixture.predict(Self.people(100, &numbers, slope: -0.9), policy: mask)
        await fixture.observe()
        let finding = try #require(
            try await fixture.windows().last?.findings.first { $0.code == Finding.jointDriftCode })
        #expect(finding.verdict == .fine)
        let told = (finding.details["columns"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        #expect(Set(told).isSubset(of: ["height", "age"]))
    }

    @Test func itCountsIntoTheBudgetOfFalseAlarms() throws {
        let quiet = try Windows(reference: ["x": [.number(1)]], spec: "{endpoint: a, drift: {joint: false}}")
        let joint = try Windows(reference: ["x": [.number(1)]], spec: "{endpoint: a, drift: {joint: true}}")
        #expect(joint.view(["x": [.number(1)]]).level.pValue < quiet.view(["x": [.number(1)]]).level.pValue)
    }

    /// All windows are held against one reference, of which each draws other rows. `MARTLET_SIMULATIONS` says how many streams
    /// are drawn.
    @Test func whileNothingChangesItIsBadNoMoreOftenThanTheLevelSays() throws {
        let streams = ProcessInfo.processInfo.environment["MARTLET_SIMULATIONS"].flatMap { Int($0) } ?? 2
        var (bad, windows, expected) = (0, 0, 0.0)
        var levels = AlarmLevels()
        for stream in 0..<streams {
            var numbers = SeededNumbers(seed: UInt64(70 + stream))
            let table = TrainingTable(Self.people(400, &numbers))
            let reference = Reference(
                of: table, model: "m", version: 1, context: "training", runID: nil, at: Windows.start)
            for window in 0..<25 {
                let record = try WindowRecord(of: Self.people(60, &numbers))
                var view = WindowView(
                    try Windows(
                        reference: [:],
                        spec: "{endpoint: a, window: {minutes: 60}, drift: {joint: true, minimum_effect: 0}, "
                            + "alarms: {false_alarms_per_month: 1000, windows: 1, of: 1}}"
                    ).monitor, record, reference, start: Windows.start + .seconds(3_600 * Int64(window)))
                MonitorEvaluation.level(&view, from: &levels)
                let drift = try #require(RowDrift(view, by: view.monitor.drift))
                windows += 1
                expected += view.rowLevel.pValue
                if drift.finding.verdict == .bad { bad += 1 }
            }
        }
        if streams > 2 { print("joint: \(bad) of \(windows) windows were bad, \(expected) were to be expected") }
        #expect(Double(bad) <= expected + 2 * expected.squareRoot() + 1, "\(bad) of \(windows), \(expected) expected")
    }
}

extension TrainingTable {
    fileprivate init(_ rows: [JSON]) {
        let names = (rows.first?.memberList ?? []).map(\.key)
        self.init(
            columns: names.map { name in Column(name: name, values: rows.map { ColumnValue($0[name]) }) },
            rows: rows.count)
    }
}

extension WindowRecord {
    /// What is counted of some rows.
    fileprivate init(of rows: [JSON]) throws {
        self.init()
        let predictions = rows.enumerated().map { number, row in
            let digits = String(ItemHash.mix(UInt64(number)) ^ ItemHash.of(row.text), radix: 16)
            return Prediction(
                id: PredictionID(request: String(repeating: "0", count: 32 - digits.count) + digits), endpoint: "e",
                variant: "v", model: "m", version: 1, inputs: JSONText(row), output: JSONText(.double(1)), latencyUs: 1,
                caller: "ann", masked: [])
        }
        var set = RowSet()
        set.append(0..<rows.count)
        count(set, of: predictions[...], RowTable(predictions), RequestRows(predictions[...]), by: nil)
    }
}

extension WindowView {
    fileprivate init(_ monitor: Monitor, _ record: WindowRecord, _ reference: Reference, start: Timestamp) {
        let window = TrafficWindow(
            monitor: monitor.name, lane: Windows.lane, number: 1, source: nil, start: start, end: start,
            rows: record.rows, isChanged: false, revisions: [:])
        self.init(record, of: Windows.lane, in: window, monitor: monitor, reference: reference, now: start)
    }
}
