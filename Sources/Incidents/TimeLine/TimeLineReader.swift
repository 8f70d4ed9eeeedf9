package import Events
package import Wire

/// Puts together what happened around an incident: from the event log, from what happened to the machines, and from what is
/// known of the versions that came and went.
package struct TimeLineReader: Sendable {
    private let incidents: IncidentStore
    private let events: EventLog
    private let facts: @Sendable (_ model: String, _ version: Int) async throws -> VersionFacts?

    /// What happened this long before the first bad window may be why.
    static let lookBack = Duration.seconds(24 * 3600)
    /// What happened after the end is not about it any more.
    private static let lookAhead = Duration.seconds(3600)
    private static let maximumEvents = 1000

    /// - Parameter facts: how a version of a registered model came about; nil when nobody knows.
    package init(
        incidents: IncidentStore, events: EventLog,
        facts: @escaping @Sendable (_ model: String, _ version: Int) async throws -> VersionFacts?
    ) {
        self.incidents = incidents
        self.events = events
        self.facts = facts
    }

    /// Everything around an incident, oldest first.
    package func entries(of incident: Incident, _ alerts: [Alert]) async throws -> [TimeLineEntry] {
        let start = incident.since + (.zero - Self.lookBack)
        let end = incident.resolvedAt.map { $0 + Self.lookAhead } ?? Timestamp(milliseconds: .max)
        let titles = Dictionary(Self.titles(alerts)) { first, _ in first }
        var entries: [TimeLineEntry] = []
        for event in try await events.events(
            of: Self.subjects(incident, alerts), from: start, to: end, limit: Self.maximumEvents)
        {
            guard var entry = EventWords(titles: titles).entry(of: event) else { continue }
            entry.details += try await manifestChange(event)
            entries.append(entry)
        }
        let endpoints = Set(alerts.map(\.endpoint) + [incident.endpoint])
        entries += try await incidents.happenings(at: endpoints, from: start, to: end).map { happening in
            TimeLineEntry(happening.time, .infrastructure, happening.words)
        }
        try await addVersionChanges(&entries)
        return entries.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(
            \.element)
    }

    /// What changed shortly before the first alarm: what came before the first bad window first, the latest in front.
    package func suspects(of incident: Incident, _ alerts: [Alert]) async throws -> [Suspect] {
        Self.suspects(in: try await entries(of: incident, alerts), of: incident)
    }

    /// Of what changed later than the first bad window began only what may have been within it: rows may be much older than
    /// the alert, when they were sent late.
    static func suspects(in entries: [TimeLineEntry], of incident: Incident) -> [Suspect] {
        let end = min(incident.openedAt, incident.since + Self.lookBack)
        return entries.filter { $0.kind.isChange && $0.time <= end }
            .map { Suspect(entry: $0, leadMs: incident.since.milliseconds - $0.time.milliseconds) }
            .sorted { a, b in
                (a.leadMs < 0 ? 1 : 0, abs(a.leadMs)) < (b.leadMs < 0 ? 1 : 0, abs(b.leadMs))
            }
    }

    /// What alerts are about, by id; with the monitor where several watch the endpoint.
    private static func titles(_ alerts: [Alert]) -> [(String, String)] {
        let isOfOne = Set(alerts.map(\.monitor)).count <= 1
        return alerts.map { ($0.id, isOfOne ? $0.title : "\($0.title), says monitor \($0.monitor)") }
    }

    private static func subjects(_ incident: Incident, _ alerts: [Alert]) -> [String] {
        var subjects: Set<String> = [
            Incident.subject(incident.id), "endpoints/\(incident.endpoint)", "models/\(incident.model)",
            "models/\(incident.model)/\(incident.version)",
        ]
        for alert in alerts {
            subjects.formUnion([
                Alert.subject(alert.id), "endpoints/\(alert.endpoint)", "endpoints/\(alert.endpoint)/experiment",
                "monitors/\(alert.monitor)", "models/\(alert.model)", "models/\(alert.model)/\(alert.version)",
            ])
        }
        return subjects.sorted()
    }

    /// What an edit of a manifest changed.
    private func manifestChange(_ event: Event) async throws -> [String] {
        guard event.kind.hasSuffix(".updated"), let manifest = event.data["manifest"] else { return [] }
        let noun = event.kind.prefix { $0 != "." }
        let former = try await events.last(
            of: event.subject, before: event.sequence, kinds: ["\(noun).created", "\(noun).updated"])
        guard let spec = manifest["spec"], let before = former?.data["manifest"]?["spec"] else { return [] }
        return JSONDifference.lines(from: before, to: spec)
    }

    /// Says of each pair of versions once how they differ: where one took over from the other, or else where the alias moved.
    private func addVersionChanges(_ entries: inout [TimeLineEntry]) async throws {
        var told: Set<[String]> = []
        let deployments = entries.indices.filter { entries[$0].kind == .deployment }
        let others = entries.indices.filter { entries[$0].kind != .deployment }
        for index in deployments + others {
            guard let versions = entries[index].versions, told.insert([versions.from, versions.to]).inserted,
                let former = try await facts(of: versions.from), let latter = try await facts(of: versions.to)
            else { continue }
            entries[index].details += latter.differences(from: former)
        }
    }

    private func facts(of version: String) async throws -> VersionFacts? {
        guard let slash = version.lastIndex(of: "/"), let number = Int(version[version.index(after: slash)...]) else {
            return nil
        }
        return try await facts(String(version[..<slash]), number)
    }
}
