import OrderedCollections
import Tables
package import Wire

/// A batch that the server scores: what was asked for, how far it is, and what came of it. Over HTTP it is a batch.
///
/// queued → running → done | failed; canceled from the first two.
package struct ScoringJob: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        case queued, running, done, failed, canceled

        var isEnd: Bool { self != .queued && self != .running }
    }

    package let id: String
    package let request: ScoringRequest
    package let state: State
    /// The version that answers, such as `models:/churn/3`, once it has been looked up.
    package let version: String?
    /// Rows that are answered or refused.
    package let rows: Int
    package let failed: Int
    /// Nil when only the end of the input would tell.
    package let total: Int?
    /// Why it failed.
    package let message: String?
    package let createdBy: String
    package let createdAt: Timestamp
    package let startedAt: Timestamp?
    package let endedAt: Timestamp?

    static func subject(_ id: String) -> String { "batches/\(id)" }
}

extension ScoringJob: JSONRepresentable {
    package var json: JSON {
        var members = request.json.objectValue ?? [:]
        let state: JSON = .compact([
            "batch_id": .string(id), "state": .string(state.rawValue), "version": version.map(JSON.string),
            "rows": .integer(Int64(rows)), "failed_rows": .integer(Int64(failed)),
            "total_rows": total.map { .integer(Int64($0)) }, "message": message.map(JSON.string),
            "created_by": .string(createdBy), "created": createdAt.json, "started": startedAt?.json,
            "ended": endedAt?.json,
        ])
        for (name, value) in state.memberList ?? [] { members[name] = value }
        return .object(members)
    }
}

/// What is asked of the server: places are URIs of artifacts, never paths of the server.
package struct ScoringRequest: Sendable, Hashable {
    let model: String
    let input: String
    let output: String
    let failedOutput: String
    let inputFormat: TableFormat
    let outputFormat: TableFormat
    let keep: [String]?
    let parameters: JSON?
    let batchRows: Int?
    let failureLimit: String?
    let replacesOutput: Bool

    /// - Throws: `FieldProblem` or `ScoringError` for what is missing or makes no sense.
    init(_ fields: Fields) throws {
        model = try fields.string("model")
        input = try fields.string("input")
        output = try fields.string("output")
        failedOutput = try fields.optionalString("failed_output") ?? "\(output).failed.ndjson"
        inputFormat = try TableFormat(named: fields.optionalString("input_format"), path: input)
        outputFormat = try TableFormat(named: fields.optionalString("output_format"), path: output)
        keep = try fields.value("columns") == nil ? nil : fields.strings("columns")
        parameters = try fields.optionalObject("params").map { .object($0.members) }
        batchRows = try fields.optionalInteger("batch_rows").map { rows in
            guard let count = Int(exactly: rows), (1...1_000_000).contains(count) else {
                throw FieldProblem("Parameter 'batch_rows' must be between 1 and 1000000.")
            }
            return count
        }
        failureLimit = try fields.optionalString("limit_failures")
        _ = try failureLimit.map(FailureLimit.init)
        replacesOutput = try fields.optionalBool("overwrite") ?? false
        guard Set([input, output, failedOutput]).count == 3 else {
            throw FieldProblem("Parameters 'input', 'output' and 'failed_output' must name different files.")
        }
    }

    var json: JSON {
        .compact([
            "model": .string(model), "input": .string(input), "output": .string(output),
            "failed_output": .string(failedOutput), "input_format": .string(inputFormat.rawValue),
            "output_format": .string(outputFormat.rawValue), "columns": keep.map { .strings($0) },
            "params": parameters, "batch_rows": batchRows.map { .integer(Int64($0)) },
            "limit_failures": failureLimit.map(JSON.string), "overwrite": .bool(replacesOutput),
        ])
    }
}
