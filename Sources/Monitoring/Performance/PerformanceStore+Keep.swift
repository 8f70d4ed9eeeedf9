import Database
package import Incidents
package import Wire

// What was found in a window is kept, and what follows for its alerts.

extension PerformanceStore {
    /// Stores what is known of a window now, puts what is found of it in the place of what was found before, and does what
    /// follows for alerts: all together, so that a crash neither loses nor repeats an alert.
    /// - Parameters:
    ///   - members: its predictions, where they are known one by one.
    ///   - isOver: whether its version does not answer any more, so that nothing follows for alerts; nil while that is not
    ///     known, when the newest version that was judged is taken for the one that answers.
    ///   - findings: of the window as all servers together know it.
    func keep(
        _ performance: WindowPerformance, of window: Window, members: WindowMembers? = nil, source: String,
        _ monitor: Monitor, at now: Timestamp, isOver: Bool?,
        findings: @escaping @Sendable (WindowPerformance) -> [Finding]
    ) async throws {
        try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO monitor_performance (monitor, number, source, model, version, end_at, is_final, estimates,
                    body, row_count, members)
                VALUES (\(monitor.name), \(performance.number), \(source), \(performance.model),
                    \(performance.version), \(performance.end), \(performance.isFinal),
                    \(JSON.array(performance.estimates.map(\.json))), \(performance.body),
                    \(window.rows), \(members?.bytes))
                ON CONFLICT (monitor, number, source) DO UPDATE SET is_final = excluded.is_final,
                    estimates = excluded.estimates, body = excluded.body, row_count = excluded.row_count,
                    members = COALESCE(excluded.members, monitor_performance.members)
                """)
            let bodies: [JSON] = try transaction.values(
                """
                SELECT body FROM monitor_performance
                WHERE monitor = \(monitor.name) AND number = \(performance.number) ORDER BY source
                """)
            var merged = performance
            let parts = try bodies.map { try WindowPerformance(monitor: monitor.name, body: $0) }
            if let first = parts.first {
                merged = first
                for part in parts.dropFirst() { merged.merge(part) }
            }
            // Each server waits for the labels of the rows that it did not answer.
            merged.isFinal = merged.isFinal || merged.labelled >= merged.rows && merged.rows > 0
            try revise(monitor, merged, of: window, with: findings(merged), at: now, isOver: isOver, in: transaction)
        }
    }

    /// Whether a finding as it is stored is of this family; told without reading it where it begins as they are written now.
    private static func isMeasure(_ finding: JSONText) -> Bool {
        let family = Finding.Family.performance.rawValue
        let start = "{\"family\":\""
        guard finding.text.utf8.starts(with: start.utf8) else { return finding.json["family"]?.stringValue == family }
        return finding.text.utf8.dropFirst(start.utf8.count).starts(with: "\(family)\"".utf8)
    }

    /// Whether a finding as it is stored is bad; told without reading it.
    private static func isBad(_ finding: JSONText) -> Bool {
        finding.text.contains("\"verdict\":\"\(Finding.Verdict.bad.rawValue)\"")
    }

    /// Puts findings of this family in the place of those that the window has.
    private func revise(
        _ monitor: Monitor, _ performance: WindowPerformance, of known: Window, with findings: [Finding],
        at now: Timestamp, isOver: Bool?, in transaction: Transaction
    ) throws {
        let number = performance.number
        let window = try transaction.row(
            """
            SELECT start_at, row_count, findings FROM monitor_windows
            WHERE monitor = \(monitor.name) AND number = \(number)
            """)
        guard let window else { return }
        // Those of other families stay as they are written.
        let stored = try window.get(2, as: JSONText.self).elements ?? []
        let measured = try stored.filter(Self.isMeasure).map { try Finding(json: $0.json) }
        let all = stored.filter { !Self.isMeasure($0) } + findings.map { JSONText(writing: $0) }
        try transaction.execute(
            """
            UPDATE monitor_windows SET findings = \(JSONText(list: all)), bad_findings = \(all.count(where: Self.isBad)),
                provisional = \(!performance.isFinal && performance.rows > 0)
            WHERE monitor = \(monitor.name) AND number = \(number)
            """)
        if measured.contains(where: \.tellsOfLabels), Measure.all(measured) != Measure.all(findings) {
            try transaction.execute(
                """
                UPDATE monitor_windows SET revisions = revisions + 1, revised_at = \(now)
                WHERE monitor = \(monitor.name) AND number = \(number)
                """)
        }
        let progress = try transaction.row(
            "SELECT \(MonitorProgress.columns) FROM monitor_progress WHERE monitor = \(monitor.name)",
            as: MonitorProgress.self)
        // A former version's windows open nothing: there is another model by now.
        guard var progress, !(isOver ?? ((progress.model, progress.version) != (known.model, known.version))),
            try window.get(1, as: Int.self) >= MonitorWindow.minimumRows
        else { return }
        let moment = AlertState.Moment(window: number, length: known.length, start: try window.get(0))
        let steps = progress.alertState.observe(
            PerformanceFamily.measured(findings, in: known.lane), at: moment, slices: [], families: [.performance],
            persistence: monitor.alarms.persistence)
        try transaction.execute(
            "UPDATE monitor_progress SET alert_state = \(progress.alertState.json) WHERE monitor = \(monitor.name)")
        try alerts.apply(
            steps,
            from: AlertSource(
                monitor: monitor.name, endpoint: monitor.endpoint, model: known.model, version: known.version,
                rule: monitor.alerting, persistence: monitor.alarms.persistence), in: transaction)
    }
}
