package import Wire

/// What nobody wants to hear of for a while: the alerts of a monitor, or of one family, or about one subject.
package struct Silence: Sendable, Hashable {
    package let id: String
    package let monitor: String
    /// Nil for all.
    package let family: Finding.Family?
    /// A column, caller or resource; nil for all.
    package let subject: String?
    package let words: String?
    package let createdBy: String
    package let createdAt: Timestamp
    package let endsAt: Timestamp

    /// A silence that is forgotten hides what it should not.
    package static let longest = Duration.seconds(90 * 86_400)

    /// Whether it covers a finding of its monitor.
    package func covers(_ finding: Finding) -> Bool {
        (family == nil || family == finding.family) && (subject == nil || subject == finding.subject)
    }

    /// In words, such as `drift of age in monitor churn`.
    package var scope: String {
        let what = family.map { $0.rawValue } ?? "everything"
        return "\(what)\(subject.map { " of \($0)" } ?? "") in monitor \(monitor)"
    }
}

extension Sequence<Silence> {
    /// Whether all of an alert's findings are covered; it takes one that is not for somebody to be told.
    func cover(_ findings: [Finding]) -> Bool {
        !findings.isEmpty && findings.allSatisfy { finding in contains { $0.covers(finding) } }
    }
}

extension Silence: JSONRepresentable {
    package var json: JSON {
        .compact([
            "silence_id": .string(id), "monitor": .string(monitor), "family": family.map { .string($0.rawValue) },
            "subject": subject.map(JSON.string), "words": words.map(JSON.string), "created_by": .string(createdBy),
            "created": createdAt.json, "ends": endsAt.json,
        ])
    }
}
