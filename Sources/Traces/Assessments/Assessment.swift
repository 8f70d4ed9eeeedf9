package import Tracking
package import Wire

/// What someone or something holds of a trace: feedback on how it went, what it should have given, or an issue it shows.
package struct Assessment: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case feedback, expectation, issue
    }

    /// `a-` and 32 hexadecimal digits.
    package let id: String
    package let traceID: String
    package var name: String
    package let kind: Kind
    /// The content as it was sent: such as `{"value": 0.5}` of feedback.
    package var content: JSON
    /// Who says so: `{"source_type": "HUMAN", "source_id": "ann"}`.
    package let source: JSON
    package var rationale: String?
    package var metadata: [Tag]
    /// The span that it is about, in hexadecimal; nil when it is about all of them.
    package let spanID: String?
    package let created: Timestamp
    package var lastUpdated: Timestamp
    /// The assessment in whose place it is.
    package let overrides: String?
    /// Whether no other has taken its place.
    package var isValid: Bool

    /// What it says, as plain JSON; null when it says nothing, as feedback of a failed judge.
    package var value: JSON { Self.value(of: content) }

    static func value(of content: JSON) -> JSON {
        if let serialized = content["serialized_value"]?["value"]?.stringValue {
            return (try? JSON.parse(serialized)) ?? .string(serialized)
        }
        return content["value"] ?? .null
    }
}

extension JSON {
    /// What averages are over: a number, 1 for true and yes, 0 for false and no; nil for what is none of these.
    var score: Double? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .string(let text):
            switch text.lowercased().split(whereSeparator: \.isWhitespace) {
            case ["yes"]: 1
            case ["no"]: 0
            default: nil
            }
        default: doubleValue.flatMap { $0.isFinite ? $0 : nil }
        }
    }

    /// Its text for a column.
    var storableText: String { text.storable }
}

extension Assessment: JSONRepresentable {
    package var json: JSON {
        .members(
            [
                ("assessment_id", .string(id)), ("assessment_name", .string(name)), ("trace_id", .string(traceID)),
                ("span_id", spanID.map(JSON.string)), ("source", source), ("create_time", .string(created.iso8601)),
                ("last_update_time", .string(lastUpdated.iso8601)), (kind.rawValue, content),
                ("rationale", rationale.map(JSON.string)), ("metadata", .map(metadata)),
                ("overrides", overrides.map(JSON.string)), ("valid", .bool(isValid)),
            ].compactMap { (key, value) in value.map { (key, $0) } })
    }
}

/// An assessment about to be made.
package struct NewAssessment: Sendable {
    let name: String
    let kind: Assessment.Kind
    let content: JSON
    let source: JSON
    let rationale: String?
    let metadata: [Tag]
    let spanID: String?
    let created: Timestamp?
    let lastUpdated: Timestamp?
    let overrides: String?
}

/// What to change of an assessment; nil leaves it as it is.
package struct AssessmentChange: Sendable {
    var name: String?
    var kind: Assessment.Kind?
    var content: JSON?
    var rationale: String?
    /// Joined with what is there.
    var metadata: [Tag] = []
    var isValid: Bool?
}

extension Assessment {
    /// The assessment that `new` asks for.
    init(_ new: NewAssessment, id: String, trace: String, now: Timestamp) {
        let created = new.created ?? now
        self.init(
            id: id, traceID: trace, name: new.name, kind: new.kind, content: new.content, source: new.source,
            rationale: new.rationale, metadata: new.metadata, spanID: new.spanID, created: created,
            lastUpdated: new.lastUpdated ?? created, overrides: new.overrides, isValid: true)
    }

    /// - Throws: `FieldProblem` when the change is for another kind of assessment.
    mutating func apply(_ change: AssessmentChange, at now: Timestamp) throws {
        if let kind = change.kind, kind != self.kind {
            throw FieldProblem("Cannot update \(kind.rawValue) value on an assessment that is \(self.kind.rawValue).")
        }
        name = change.name ?? name
        content = change.content ?? content
        rationale = change.rationale ?? rationale
        let replaced = Set(change.metadata.map(\.key))
        metadata = metadata.filter { !replaced.contains($0.key) } + change.metadata
        isValid = change.isValid ?? isValid
        lastUpdated = now
    }
}
