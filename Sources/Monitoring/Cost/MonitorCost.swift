package import Incidents
package import Wire

/// What the predictions of a monitor take of the machine and what they cost: of its newest window, and of the last hour.
package struct MonitorCost: Sendable {
    package let monitor: Monitor
    /// The newest window that holds rows; nil before it.
    package let window: MonitorWindow?
    /// What was taken in the time of `window`; nil when nothing was recorded then.
    package let cost: WindowCost?
    /// By the rule of the monitor's manifest.
    package let findings: [Finding]
    /// What every subject took in the last hour.
    package let hour: [CostSubject: CostRecord]
    /// Nil while too little is known of this server's disk.
    package let disk: DiskForecast?
    /// Of this server now; nil where the system does not tell.
    package let diskNow: ResourceReading.Disk?
    /// What cannot be said here, and why.
    package let unavailable: [(name: String, reason: String)]
}

extension MonitorCost {
    /// The part of what the workers took that the window's rows bear: theirs in all rows that the version answered in the same
    /// minutes. Nil where there are no workers.
    package var share: Double? {
        guard let window, let cost, cost.workers != nil else { return nil }
        return cost.share(ofRows: window.rows)
    }

    /// Time of processors for a thousand of the window's rows, the workers' and the server's; nil of models elsewhere.
    package var cpuMs: Double? {
        guard let window, let cost, window.rows > 0, cost.server.rows > 0 else { return nil }
        let workers = cost.workers.map { Double($0.cpuMs) * cost.share(ofRows: window.rows) } ?? 0
        let server = Double(cost.server.cpuMs) * min(1, Double(window.rows) / Double(cost.server.rows))
        return (workers + server) / Double(window.rows) * 1000
    }
}

extension CostDesk {
    /// - Parameter windows: knows whose rows shared the minutes of the last window.
    package func cost(of status: MonitorStatus, counted windows: WindowStore) async throws -> MonitorCost {
        let window = status.lastWindow
        var cost: WindowCost?
        if let window {
            var end = window.end
            if case .minutes = status.monitor.window { end = end + .milliseconds(-1) }
            let rows = try await windows.shares(
                of: window.lane, in: status.monitor.name, from: window.start, to: end)
            cost = try await self.cost(
                model: window.model, version: window.version, from: window.start, to: end, rows: rows)
            cost = try await self.cost(cost, at: status.monitor.endpoint)
        }
        let findings = cost.map { CostFamily.findings(of: $0, rows: window?.rows ?? 0, by: status.monitor.cost) }
        let hour = try await records(minutes: 60)
        let reading = await sampler.state?.reading
        return MonitorCost(
            monitor: status.monitor, window: window, cost: cost, findings: findings ?? [], hour: hour,
            disk: try await disk(), diskNow: reading?.disk,
            unavailable: (reading?.unavailable ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }
}

extension MonitorCost: JSONRepresentable {
    package var json: JSON {
        var members: [(String, JSON)] = [
            ("monitor", .string(monitor.name)), ("endpoint", .string(monitor.endpoint)), ("rule", monitor.cost.json),
            ("unavailable", .members(unavailable.map { ($0.name, .string($0.reason)) })),
        ]
        if let window {
            members += [
                ("start", window.start.json), ("end", window.end.json), ("rows", .integer(Int64(window.rows))),
            ]
        }
        if let cost {
            members += [
                ("workers", cost.workers?.json ?? .null), ("server", cost.server.json),
                ("share", share.map(JSON.double) ?? .null), ("cpu_ms_per_thousand", cpuMs.map(JSON.double) ?? .null),
                ("findings", .array(findings.map(\.json))),
            ]
        }
        if let disk { members.append(("disk", disk.json)) }
        return .members(members)
    }
}
