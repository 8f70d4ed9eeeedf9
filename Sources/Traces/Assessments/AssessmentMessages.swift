import Tracking
import Wire

// Assessments in MLflow's requests.

extension NewAssessment {
    /// - Throws: `FieldProblem` for an assessment without a name, and for one that is not exactly one of feedback,
    ///   expectation and issue.
    init(_ fields: Fields) throws {
        let kinds = try fields.assessmentKinds()
        guard kinds.count == 1 else {
            throw FieldProblem("Exactly one of `expectation`, `feedback`, or `issue` should be specified.")
        }
        name = try fields.string("assessment_name")
        kind = kinds[0]
        content = try fields.value(kind.rawValue) ?? [:]
        source = try fields.optionalObject("source").map { .object($0.members) } ?? ["source_type": "CODE"]
        rationale = try fields.optionalString("rationale")
        metadata = try fields.map("metadata")
        spanID = try fields.optionalString("span_id")
        created = try fields.optionalMoment("create_time")
        lastUpdated = try fields.optionalMoment("last_update_time")
        overrides = try fields.optionalString("overrides")
    }
}

extension AssessmentChange {
    /// - Parameter mask: the names of the members to change, separated by commas.
    /// - Throws: `FieldProblem` for a member that cannot be changed.
    init(_ fields: Fields, mask: String) throws {
        for path in mask.split(separator: ",").map({ $0.filter { !$0.isWhitespace } }) {
            switch path {
            case "assessment_name", "assessmentName": name = try fields.string("assessment_name")
            case "feedback", "expectation":
                kind = Assessment.Kind(rawValue: path)
                content = .object(try fields.object(path).members)
            case "rationale": rationale = try fields.optionalString("rationale") ?? ""
            case "metadata": metadata = try fields.map("metadata")
            case "valid": isValid = try fields.optionalBool("valid")
            default:
                throw FieldProblem(
                    "Invalid value '\(path)' for parameter 'update_mask' supplied: it names none of assessment_name, "
                        + "expectation, feedback, rationale, metadata, valid.")
            }
        }
    }
}

extension Fields {
    fileprivate func assessmentKinds() throws -> [Assessment.Kind] {
        try Assessment.Kind.allCases.filter { try optionalObject($0.rawValue) != nil }
    }

    /// The members of an object whose values are texts; values that are none are spelt as JSON.
    func map(_ name: String) throws -> [Tag] {
        guard let object = try optionalObject(name) else { return [] }
        return object.members.map { Tag(key: $0.key, value: $0.value.stringValue ?? $0.value.text) }
    }

    /// - Throws: `FieldProblem` for a text that is no moment of RFC 3339.
    func optionalMoment(_ name: String) throws -> Timestamp? {
        guard let text = try optionalString(name) else { return nil }
        guard let moment = Timestamp(rfc3339: text) else {
            throw FieldProblem.invalid(name, .string(text), expected: "moment of RFC 3339")
        }
        return moment
    }

    /// Milliseconds of a span of time such as `0.005s`.
    /// - Throws: `FieldProblem` for a text that is none.
    func optionalDurationMs(_ name: String) throws -> Int64? {
        guard let text = try optionalString(name) else { return nil }
        guard text.last == "s", let seconds = Double(text.dropLast()), abs(seconds) < 1e12 else {
            throw FieldProblem.invalid(name, .string(text), expected: "number of seconds such as 0.005s")
        }
        return Int64((seconds * 1000).rounded())
    }
}
