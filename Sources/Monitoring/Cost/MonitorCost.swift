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

extension CostDesk {
    package func cost(of status: MonitorStatus) async throws -> MonitorCost {
        let window = status.lastWindow
        var cost: WindowCost?
        if let window {
            cost = try await self.cost(
                model: window.model, version: window.version, from: window.start, to: window.end)
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
                ("findings", .array(findings.map(\.json))),
            ]
        }
        if let disk { members.append(("disk", disk.json)) }
        return .members(members)
    }
}
