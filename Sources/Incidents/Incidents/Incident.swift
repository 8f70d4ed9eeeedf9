package import Wire

/// Trouble at an endpoint as people deal with it: it is opened by the first alert, takes in what else goes wrong while it is
/// open, and ends with a cause.
package struct Incident: Sendable, Hashable {
    package enum State: String, Sendable, Hashable, CaseIterable {
        /// Nobody has said that they look after it. Next: acknowledged, resolved.
        case open
        /// Somebody looks after it. Next: resolved.
        case acknowledged
        /// Next: open, when somebody reopens it.
        case resolved
    }

    package let id: String
    /// Of the alert that opened it, as are `model` and `version`.
    package let endpoint: String
    package let model: String
    package let version: Int
    package let title: String
    package let state: State
    /// That of its worst alert.
    package let severity: Severity
    /// Who looks after it.
    package let owner: String?
    /// The channels that are told of it.
    package let notify: [String]
    /// The start of the first bad window.
    package let since: Timestamp
    package let openedAt: Timestamp
    package let acknowledgedAt: Timestamp?
    package let acknowledgedBy: String?
    package let resolvedAt: Timestamp?
    package let resolvedBy: String?
    package let cause: Cause?
    /// What whoever resolved it had to say.
    package let words: String?
    /// How often it seemed to be over and began again soon after (`Recurrence`).
    package let flaps: Int

    /// The word of routes, events and pages.
    package static func subject(_ id: String) -> String { "incidents/\(id)" }
}

/// What it was in the end.
package enum Cause: String, Sendable, Hashable, CaseIterable {
    case dataChange = "data_change"
    case dataQuality = "data_quality"
    case modelChange = "model_change"
    case codeChange = "code_change"
    case dependencyChange = "dependency_change"
    case infrastructure
    case traffic
    /// A change that was wanted or comes every year.
    case expected
    case falseAlarm = "false_alarm"
    /// All alerts closed before anybody said why they had opened.
    case recovered
    case other

    /// As people say it.
    package var words: String { rawValue.replacing("_", with: " ") }

    /// - Throws: `FieldProblem` for a word that is none, and when there is none.
    package init(named name: String?) throws {
        let known = "Known causes: \(Self.allCases.map(\.rawValue).joined(separator: ", "))."
        guard let name else { throw FieldProblem("Say as 'cause' what it was. \(known)") }
        guard let cause = Self(rawValue: name.lowercased().replacing("-", with: "_").replacing(" ", with: "_")) else {
            throw FieldProblem("There is no cause '\(name.prefix(80))'. \(known)")
        }
        self = cause
    }
}

extension Incident: JSONRepresentable {
    package var json: JSON {
        .compact([
            "incident_id": .string(id), "title": .string(title), "endpoint": .string(endpoint),
            "model": .string(model), "version": .integer(Int64(version)), "state": .string(state.rawValue),
            "severity": .string(severity.rawValue), "owner": owner.map(JSON.string), "notify": .strings(notify),
            "since": since.json, "opened": openedAt.json, "acknowledged": acknowledgedAt?.json,
            "acknowledged_by": acknowledgedBy.map(JSON.string), "resolved": resolvedAt?.json,
            "resolved_by": resolvedBy.map(JSON.string), "cause": cause.map { .string($0.rawValue) },
            "words": words.map(JSON.string), "flaps": .integer(Int64(flaps)),
        ])
    }
}
