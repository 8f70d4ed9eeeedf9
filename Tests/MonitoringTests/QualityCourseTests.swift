import Incidents
import Testing
import Wire

@testable import Monitoring

struct QualityCourseTests {
    private static func window(_ number: Int, _ findings: [Finding]) -> MonitorWindow {
        MonitorWindow(
            monitor: "m", number: number, lane: TrafficSlice(model: "a", version: 1), start: Timestamp(milliseconds: 0),
            end: Timestamp(milliseconds: 1), rows: 100, findings: findings)
    }

    private static func missing(_ column: String, _ share: Double, _ verdict: Finding.Verdict) -> Finding {
        Finding(
            .quality, "missing", of: column, in: .whole, verdict: verdict, value: share, limit: 0.05, measure: "share",
            rows: 100, words: "")
    }

    private static func drift(_ column: String, missing share: Double) -> Finding {
        Finding(
            .drift, "drift", of: column, in: .whole, verdict: .fine, value: 0, measure: "share", rows: 100, words: "",
            details: ["window_missing_share": .double(share)])
    }

    @Test func theWorstColumnsComeFirstAndGapsStayGaps() {
        let windows = [
            Self.window(1, [Self.drift("age", missing: 0.01)]),
            Self.window(2, [Self.missing("age", 0.4, .bad), Self.missing("ward", 0.02, .notable)]),
            Self.window(3, [Self.missing("age", 0.5, .bad)]),
        ]
        let course = QualityCourse(.missing, in: windows)
        #expect(course.columns.map(\.name) == ["age", "ward"])
        #expect(course.columns[0].shares == [0.01, 0.4, 0.5])
        #expect(course.columns[1].shares == [nil, 0.02, nil])
        #expect(course.limit == 0.05)
        #expect(QualityCourse(.range, in: windows).columns.isEmpty)
    }

    @Test func noMoreCurvesThanAChartHasColours() {
        let findings = (0..<50).map { Self.missing("c\($0)", Double($0) / 100, .bad) }
        #expect(QualityCourse(.missing, in: [Self.window(1, findings)]).columns.map(\.name).first == "c49")
        #expect(QualityCourse(.missing, in: [Self.window(1, findings)]).columns.count == 6)
    }
}
