package import Incidents
package import Telemetry
package import Wire

/// What Prometheus is told of monitors and alerts: gauges that are brought up to date when somebody asks.
///
/// A monitor has a bounded number of series, however many columns, segments and versions there are: what is said of the whole
/// traffic, and of columns the few that drift most.
package enum MonitorMetrics {
    package static let windows = MetricFamily(
        "martlet_monitor_windows_total", "Windows that the monitor has closed.", kind: .counter)
    package static let blind = MetricFamily(
        "martlet_monitor_blind", "Whether the monitor has nothing to compare with.", kind: .gauge)
    package static let rows = MetricFamily("martlet_monitor_window_rows", "Rows of the last window.", kind: .gauge)
    package static let age = MetricFamily(
        "martlet_monitor_window_age_seconds", "How long ago the last window ended.", kind: .gauge)
    package static let findings = MetricFamily(
        "martlet_monitor_findings", "Findings of the last window, by family and verdict.", kind: .gauge)
    package static let drift = MetricFamily(
        "martlet_monitor_drift_effect", "Effect of the columns that drift most in the last window.", kind: .gauge)
    package static let measures = MetricFamily(
        "martlet_monitor_measure",
        "What was measured of all traffic in the last window, such as a quantile of latency, f1, or the share of labels.",
        kind: .gauge)
    package static let limits = MetricFamily(
        "martlet_monitor_measure_limit", "What the measure may not go beyond, or below.", kind: .gauge)
    package static let alerts = MetricFamily(
        "martlet_alerts_open", "Open alerts, by monitor, family and severity.", kind: .gauge)
    package static let incidents = MetricFamily(
        "martlet_incidents_open",
        "Incidents that are not over, by endpoint, severity and whether somebody looks after them.",
        kind: .gauge)

    /// So many columns of a monitor have a series.
    static let columnLimit = 5

    /// - Parameters:
    ///   - open: the open alerts.
    ///   - unresolved: the incidents that are not over.
    package static func update(
        _ registry: MetricRegistry, _ statuses: [MonitorStatus], open: [Alert], incidents unresolved: [Incident],
        at now: Timestamp
    ) {
        registry.replace(windows, with: statuses.map { ($0.labels, Double($0.windows)) })
        registry.replace(blind, with: statuses.map { ($0.labels, $0.message == nil ? 0 : 1) })
        let last = statuses.compactMap { status in status.lastWindow.map { (labels: status.labels, window: $0) } }
        registry.replace(rows, with: last.map { ($0.labels, Double($0.window.rows)) })
        registry.replace(
            age,
            with: last.map { ($0.labels, Double(max(0, now.milliseconds - $0.window.end.milliseconds)) / 1000) })
        registry.replace(findings, with: last.flatMap { counts($0.labels, $0.window) })
        registry.replace(drift, with: last.flatMap { drifting($0.labels, $0.window) })
        registry.replace(measures, with: last.flatMap { measured($0.labels, $0.window, \.value) })
        registry.replace(limits, with: last.flatMap { measured($0.labels, $0.window, \.limit) })
        registry.replace(alerts, with: counts(statuses, open))
        registry.replace(incidents, with: counts(statuses, unresolved))
    }

    private typealias Values = [(labels: MetricRegistry.Labels, value: Double)]

    private static func counts(_ labels: MetricRegistry.Labels, _ window: MonitorWindow) -> Values {
        let families = Dictionary(grouping: window.findings, by: \.family)
        let verdicts: [Finding.Verdict] = [.fine, .notable, .bad, .unknown]
        return families.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { family, findings in
            verdicts.map { verdict in
                (
                    labels: labels + [("family", family.rawValue), ("verdict", verdict.rawValue)],
                    value: Double(findings.count { $0.verdict == verdict })
                )
            }
        }
    }

    private static func drifting(_ labels: MetricRegistry.Labels, _ window: MonitorWindow) -> Values {
        let columns = window.columns.compactMap { finding -> (String, Double)? in
            guard finding.slice.segment == nil, let subject = finding.subject, let value = finding.value else {
                return nil
            }
            return (subject, value)
        }
        return columns.sorted { $0.1 > $1.1 }.prefix(columnLimit).map { (labels: labels + [("column", $0)], value: $1) }
    }

    /// Of findings about all traffic, each measure once.
    private static func measured(
        _ labels: MetricRegistry.Labels, _ window: MonitorWindow, _ number: (Finding) -> Double?
    ) -> Values {
        var seen: Set<[String]> = []
        return window.findings.compactMap { finding in
            guard finding.slice.segment == nil, finding.family != .drift,
                finding.family != .quality || finding.subject == nil,
                let value = number(finding),
                seen.insert([finding.family.rawValue, finding.code, finding.measure]).inserted
            else { return nil }
            let named: MetricRegistry.Labels = [
                ("family", finding.family.rawValue), ("code", finding.code), ("measure", finding.measure),
            ]
            return (labels: labels + named, value: value)
        }
    }

    /// Every monitor and family has a series, so that a rule sees an alert come and go rather than a series.
    private static func counts(_ statuses: [MonitorStatus], _ open: [Alert]) -> Values {
        var counts: [[String]: Double] = [:]
        for status in statuses {
            for family in Finding.Family.allCases {
                let severity = status.monitor.alerting.severity
                counts[[status.monitor.name, status.monitor.endpoint, family.rawValue, severity.rawValue]] = 0
            }
        }
        for alert in open {
            let key = [alert.monitor, alert.endpoint, alert.topic.family.rawValue, alert.severity.rawValue]
            counts[key, default: 0] += 1
        }
        return values(counts, by: ["monitor", "endpoint", "family", "severity"])
    }

    /// Every endpoint that is watched has a series of each state.
    private static func counts(_ statuses: [MonitorStatus], _ unresolved: [Incident]) -> Values {
        var counts: [[String]: Double] = [:]
        for status in statuses {
            for state in [Incident.State.open, .acknowledged] {
                counts[[status.monitor.endpoint, status.monitor.alerting.severity.rawValue, state.rawValue]] = 0
            }
        }
        for incident in unresolved {
            counts[[incident.endpoint, incident.severity.rawValue, incident.state.rawValue], default: 0] += 1
        }
        return values(counts, by: ["endpoint", "severity", "state"])
    }

    private static func values(_ counts: [[String]: Double], by names: [String]) -> Values {
        counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { values, count in
            (labels: zip(names, values).map { (name: $0, value: $1) }, value: count)
        }
    }
}

extension MonitorStatus {
    fileprivate var labels: MetricRegistry.Labels {
        [("monitor", monitor.name), ("endpoint", monitor.endpoint)]
    }
}
