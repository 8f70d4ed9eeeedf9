package import Tracking
package import Wire

/// Examples to judge traced code by: inputs, each with what is expected of them.
package struct EvaluationDataset: Sendable, Hashable {
    /// `d-` and 32 hexadecimal digits.
    package let id: String
    package let name: String
    package let tags: [Tag]
    /// Which fields its records have, and of which types; nil while it has had none.
    package let schema: JSON?
    package let recordCount: Int
    package let created: Timestamp
    package let lastUpdated: Timestamp
    package let createdBy: String?
    package let lastUpdatedBy: String?
    package let experiments: [ExperimentID]
    /// Changes with the name and with each change of the records.
    package let digest: String

    /// The tag in which clients say who they are.
    static let userKey = "mlflow.user"
}

extension EvaluationDataset: JSONRepresentable {
    /// Tags, schema and profile are JSON as text, as MLflow has them.
    package var json: JSON {
        let profile: JSON? = recordCount == 0 ? nil : ["num_records": .integer(Int64(recordCount))]
        return .compact([
            "dataset_id": .string(id), "name": .string(name),
            "tags": .string(JSON.members(tags.map { ($0.key, .string($0.value)) }).text),
            "schema": schema.map { .string($0.text) }, "profile": profile.map { .string($0.text) },
            "digest": .string(digest), "created_time": created.json, "last_update_time": lastUpdated.json,
            "created_by": createdBy.map(JSON.string), "last_updated_by": lastUpdatedBy.map(JSON.string),
            "experiment_ids": experiments.isEmpty ? nil : .strings(experiments.map(\.text)),
        ])
    }
}

/// One example.
package struct EvaluationRecord: Sendable, Hashable {
    /// `dr-` and 32 hexadecimal digits.
    package let id: String
    package let datasetID: String
    package let inputs: JSON
    package var outputs: JSON?
    package var expectations: JSON?
    package var tags: JSON?
    package let source: JSON?
    package let created: Timestamp
    package var lastUpdated: Timestamp
    package let createdBy: String?
    package var lastUpdatedBy: String?

    /// Takes over what a record with the same inputs brings. Expectations and tags are joined.
    mutating func merge(_ new: NewEvaluationRecord, at now: Timestamp) {
        if new.hasOutputs { outputs = new.outputs }
        expectations = JSON.joined(expectations, new.expectations)
        tags = JSON.joined(tags, new.tags)
        lastUpdated = now
        lastUpdatedBy = new.user ?? lastUpdatedBy
    }
}

extension EvaluationRecord: JSONRepresentable {
    package var json: JSON {
        .compact([
            "dataset_record_id": .string(id), "dataset_id": .string(datasetID), "inputs": inputs, "outputs": outputs,
            "expectations": expectations, "tags": tags, "source": source,
            "source_id": source?["source_data"]?["trace_id"], "source_type": source?["source_type"],
            "created_time": created.json, "last_update_time": lastUpdated.json,
            "created_by": createdBy.map(JSON.string), "last_updated_by": lastUpdatedBy.map(JSON.string),
        ])
    }
}

/// A record as a client sends it.
package struct NewEvaluationRecord: Sendable {
    let inputs: JSON
    let hasOutputs: Bool
    let outputs: JSON?
    let expectations: JSON?
    let tags: JSON?
    let source: JSON?

    /// - Throws: `FieldProblem` for inputs, expectations or tags that are no objects.
    init(_ fields: Fields) throws {
        inputs = try fields.optionalObject("inputs").map { .object($0.members) } ?? [:]
        hasOutputs = JSON.object(fields.members)["outputs"] != nil
        outputs = try fields.value("outputs")
        expectations = try fields.optionalObject("expectations").map { .object($0.members) }
        tags = try fields.optionalObject("tags").map { .object($0.members) }
        source = try fields.optionalObject("source").map { .object($0.members) }
    }

    var user: String? { tags?[EvaluationDataset.userKey]?.stringValue }
}

extension JSON {
    /// The members of both, those of the second in place of those of the first; nil when there is neither.
    fileprivate static func joined(_ first: JSON?, _ second: JSON?) -> JSON? {
        guard let new = second?.memberList else { return first }
        return .members(((first?.memberList ?? []) + new).map { ($0.key, $0.value) })
    }

    /// As text in one order, so that the same value is known again however it is spelt.
    var canonicalText: String { sorted.text }

    /// With the members of every object in the order of their names.
    private var sorted: JSON {
        switch self {
        case .array(let values): .array(values.map(\.sorted))
        case .object(let members): .members(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.sorted) })
        default: self
        }
    }
}

/// Which fields the records of a dataset have.
enum EvaluationSchema {
    private static let parts = ["inputs", "outputs", "expectations"]

    /// The schema with the fields of more records; a field keeps the type of its first value.
    static func extended(_ schema: JSON?, by records: [NewEvaluationRecord]) -> JSON? {
        guard schema != nil || !records.isEmpty else { return nil }
        var fields = parts.map { part in schema?[part] ?? [:] }
        for record in records {
            for (place, value) in [record.inputs, record.outputs, record.expectations].enumerated() {
                fields[place] = extended(fields[place], by: value)
            }
        }
        return .members(zip(parts, fields).map { ($0, $1) } + [("version", "1.0")])
    }

    private static func extended(_ fields: JSON, by value: JSON?) -> JSON {
        guard let value else { return fields }
        guard let members = value.memberList else { return fields == [:] ? .string(type(of: value)) : fields }
        guard let known = fields.memberList else { return fields }
        let new = members.filter { fields[$0.key] == nil }.map { ($0.key, JSON.string(type(of: $0.value))) }
        return .members(known.map { ($0.key, $0.value) } + new)
    }

    private static func type(of value: JSON) -> String {
        switch value {
        case .integer: "integer"
        case .double: "float"
        default: value.kindName
        }
    }
}
