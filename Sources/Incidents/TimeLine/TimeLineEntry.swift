package import Wire

/// One thing that happened around an incident.
package struct TimeLineEntry: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// An alert opened or closed, the incident began or ended.
        case alarm
        /// A version came to answer, or was taken back.
        case deployment
        /// An alias moved, a version was registered or staged.
        case registry
        /// A manifest of the endpoint or the monitor changed.
        case manifest
        /// A server started or stopped, a worker crashed, a disk filled.
        case infrastructure
        /// Somebody acknowledged, assigned, commented, silenced.
        case people
        /// A command ran, an endpoint was rolled back.
        case remedy

        /// Whether it may be why something went wrong.
        var isChange: Bool {
            switch self {
            case .deployment, .registry, .manifest, .infrastructure: true
            case .alarm, .people, .remedy: false
            }
        }
    }

    package let time: Timestamp
    package let kind: Kind
    package let words: String
    /// What changed in it, a line each: code, dependencies, data, fields of a manifest.
    package var details: [String]
    package let actor: String?
    /// Of the page that tells more.
    package let path: String?
    /// The versions that it leads from and to, such as `churn/3` and `churn/4`.
    let versions: (from: String, to: String)?

    init(
        _ time: Timestamp, _ kind: Kind, _ words: String, details: [String] = [], by actor: String? = nil,
        path: String? = nil, versions: (from: String, to: String)? = nil
    ) {
        self.time = time
        self.kind = kind
        self.words = words
        self.details = details
        self.actor = actor
        self.path = path
        self.versions = versions
    }

    package static func == (a: TimeLineEntry, b: TimeLineEntry) -> Bool {
        a.time == b.time && a.kind == b.kind && a.words == b.words && a.details == b.details && a.actor == b.actor
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(time)
        hasher.combine(words)
    }

    /// A length of time as sentences say it, such as `12 min`.
    static func span(_ milliseconds: Int64) -> String {
        let minutes = milliseconds / 60_000
        if minutes < 1 { return "\(milliseconds / 1000) s" }
        if minutes < 120 { return "\(minutes) min" }
        return "\(minutes / 60) h"
    }
}

extension TimeLineEntry: JSONRepresentable {
    package var json: JSON {
        .compact([
            "time": time.json, "kind": .string(kind.rawValue), "words": .string(words),
            "details": details.isEmpty ? nil : .strings(details), "actor": actor.map(JSON.string),
            "path": path.map(JSON.string),
        ])
    }
}

/// A change shortly before the first alarm: where to look first.
package struct Suspect: Sendable, Hashable {
    package let entry: TimeLineEntry
    /// To the start of the first bad window; negative when it came after that, yet before the alarm.
    package let leadMs: Int64

    /// In one sentence, such as `12 min before: churn/4 took over from churn/3 (code: commit a1 → b2).`
    package var words: String {
        let span = TimeLineEntry.span(abs(leadMs))
        let lead = leadMs < 0 ? "\(span) after the first bad window began" : "\(span) before the first bad window"
        let details = entry.details.isEmpty ? "" : " (\(entry.details.prefix(4).joined(separator: "; ")))"
        return "\(lead): \(entry.words)\(details)"
    }
}

extension Suspect: JSONRepresentable {
    package var json: JSON {
        .members((entry.json.memberList ?? []) + [("lead_ms", .integer(leadMs)), ("sentence", .string(words))])
    }
}
