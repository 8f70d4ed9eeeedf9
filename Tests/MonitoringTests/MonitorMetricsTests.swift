import Manifests
import Telemetry
import Testing
import Wire

@testable import Incidents
@testable import Monitoring

@Suite struct MonitorMetricsTests {
    private static let now = Timestamp(milliseconds: 1_795_248_000_000)

    private static func status(findings: [Finding]?) throws -> MonitorStatus {
        let manifests = try Manifest.parse(
            yaml: """
                apiVersion: martlet/v1
                kind: Monitor
                metadata: { name: m }
                spec: { endpoint: churn, severity: high }
                """)
        let window = findings.map { findings in
            MonitorWindow(
                monitor: "m", number: 3, lane: TrafficSlice(variant: "main", model: "churn", version: 2), start: now,
                end: Timestamp(milliseconds: now.milliseconds - 90_000), rows: 500, findings: findings)
        }
        return MonitorStatus(
            monitor: try Monitor(#require(manifests.first)), windows: findings == nil ? 0 : 3, lastWindow: window,
            reference: nil,
            openAlert: nil, message: findings == nil ? "no reference" : nil)
    }

    private static func lines(_ status: MonitorStatus, incidents: [Incident] = []) -> [Substring] {
        let registry = MetricRegistry()
        MonitorMetrics.update(registry, [status], open: [], incidents: incidents, at: now)
        return registry.exposition.split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    @Test func tellsOfTheLastWindow() throws {
        let drift = (0..<20).map { index in
            Finding(
                .drift, Finding.driftCode, of: "c\(index)", verdict: index > 17 ? .bad : .fine,
                value: Double(index) / 20, measure: "jensen_shannon_distance_base2", rows: 500, words: "")
        }
        let others = [
            Finding(.latency, "p95", verdict: .fine, value: 12, limit: 50, measure: "ms", rows: 500, words: ""),
            Finding(
                .latency, "p95", in: TrafficSlice(segment: "a"), verdict: .fine, value: 99, measure: "ms", rows: 5,
                words: ""),
        ]
        let lines = try Self.lines(Self.status(findings: drift + others))
        for expected in [
            #"martlet_monitor_windows_total{monitor="m",endpoint="churn"} 3.0"#,
            #"martlet_monitor_blind{monitor="m",endpoint="churn"} 0.0"#,
            #"martlet_monitor_window_rows{monitor="m",endpoint="churn"} 500.0"#,
            #"martlet_monitor_window_age_seconds{monitor="m",endpoint="churn"} 90.0"#,
            #"martlet_monitor_findings{monitor="m",endpoint="churn",family="drift",verdict="bad"} 2.0"#,
            #"martlet_monitor_measure{monitor="m",endpoint="churn",family="latency",code="p95",measure="ms"} 12.0"#,
            #"martlet_monitor_measure_limit{monitor="m",endpoint="churn",family="latency",code="p95",measure="ms"} 50.0"#,
            #"martlet_alerts_open{monitor="m",endpoint="churn",family="drift",severity="high"} 0.0"#,
        ] {
            #expect(lines.contains { $0 == expected }, "\(expected)")
        }
        let columns = lines.filter { $0.hasPrefix("martlet_monitor_drift_effect") }
        #expect(columns.count == MonitorMetrics.columnLimit)
        #expect(columns.contains { $0.contains(#"column="c19""#) })
        #expect(lines.count { $0.hasPrefix("martlet_alerts_open") } == Finding.Family.allCases.count)
    }

    @Test func countsIncidentsByWhetherSomebodyLooksAfterThem() throws {
        func incident(_ id: String, _ endpoint: String, _ state: Incident.State) -> Incident {
            Incident(
                id: id, endpoint: endpoint, model: "m", version: 1, title: id, state: state, severity: .high,
                owner: nil,
                notify: [], since: Self.now, openedAt: Self.now, acknowledgedAt: nil, acknowledgedBy: nil,
                resolvedAt: nil, resolvedBy: nil, cause: nil, words: nil, flaps: 0)
        }
        let incidents = [incident("i-1", "churn", .acknowledged), incident("i-2", "other", .open)]
        let lines = try Self.lines(Self.status(findings: []), incidents: incidents)
        #expect(
            lines.filter { $0.hasPrefix("martlet_incidents_open") } == [
                #"martlet_incidents_open{endpoint="churn",severity="high",state="acknowledged"} 1.0"#,
                #"martlet_incidents_open{endpoint="churn",severity="high",state="open"} 0.0"#,
                #"martlet_incidents_open{endpoint="other",severity="high",state="open"} 1.0"#,
            ])
    }

    @Test func saysThatAMonitorIsBlind() throws {
        let lines = try Self.lines(Self.status(findings: nil))
        #expect(lines.contains { $0 == #"martlet_monitor_blind{monitor="m",endpoint="churn"} 1.0"# })
        #expect(!lines.contains { $0.hasPrefix("martlet_monitor_window_rows") })
    }
}
