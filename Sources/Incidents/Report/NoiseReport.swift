package import Wire

/// How alerts and incidents went over a period: how soon people came and how soon it was over, and which monitors cried wolf.
package struct NoiseReport: Sendable {
    /// The alerts of a monitor's family: what one rule opened.
    package struct Line: Sendable, Hashable {
        package let monitor: String
        package let family: Finding.Family
        package let alerts: Int
        /// Of alerts that are closed: nobody did anything about them or their incident, and nothing ran.
        package let withoutAction: Int
        /// Those said to be false alarms in the end.
        package let falseAlarms: Int
        package let silenced: Int
        /// Those with which an incident began again that had just been over: a limit that is too tight, or too short a
        /// memory.
        package let flaps: Int
    }

    package let from: Timestamp
    package let to: Timestamp
    package let incidents: Int
    package let openIncidents: Int
    /// How often incidents began again soon after they had been over.
    package let flaps: Int
    /// From the alarm to the first person who said that they look after it, on average over those incidents that have one.
    package let meanToAcknowledgeMs: Double?
    /// From the alarm to its end, on average over those incidents that are over.
    package let meanToResolveMs: Double?
    package let medianToResolveMs: Double?
    /// Incidents by cause, most frequent first.
    package let causes: [(cause: Cause, incidents: Int)]
    /// Noisiest first.
    package let lines: [Line]

    /// Of the alerts that are closed, those that nobody did anything about.
    package var noise: Double? {
        let alerts = lines.reduce(0) { $0 + $1.alerts }
        return alerts == 0 ? nil : Double(lines.reduce(0) { $0 + $1.withoutAction }) / Double(alerts)
    }
}

extension NoiseReport: JSONRepresentable {
    package var json: JSON {
        .compact([
            "from": from.json, "to": to.json, "incidents": .integer(Int64(incidents)),
            "open_incidents": .integer(Int64(openIncidents)), "flaps": .integer(Int64(flaps)),
            "mtta_ms": meanToAcknowledgeMs.map(JSON.double),
            "mttr_ms": meanToResolveMs.map(JSON.double),
            "median_time_to_resolve_ms": medianToResolveMs.map(JSON.double), "noise": noise.map(JSON.double),
            "causes": .members(causes.map { ($0.cause.rawValue, .integer(Int64($0.incidents))) }),
            "monitors": .array(lines.map(\.json)),
        ])
    }
}

extension NoiseReport.Line: JSONRepresentable {
    package var json: JSON {
        [
            "monitor": .string(monitor), "family": .string(family.rawValue), "alerts": .integer(Int64(alerts)),
            "without_action": .integer(Int64(withoutAction)), "false_alarms": .integer(Int64(falseAlarms)),
            "silenced": .integer(Int64(silenced)), "flaps": .integer(Int64(flaps)),
        ]
    }
}
