import OrderedCollections
import Runtimes
import Wire

/// The body of MLflow's `/invocations`: a JSON object with exactly one of four forms of input, or CSV.
enum InvocationMessages {
    private static let forms = ["dataframe_split", "dataframe_records", "instances", "inputs"]
    /// Keys of payloads for language models, which MLflow hands to the model as they are.
    private static let unwrapped = ["messages", "prompt", "input"]

    /// Whether an object is a whole body and no record.
    static func isBody(_ members: JSON.Object) -> Bool {
        forms.contains { members[$0] != nil }
    }

    /// - Throws: `RuntimeError`, `ServingError` or `JSONSyntaxError` in a 4xx.
    static func request(json: JSON, signature: ModelSignature?) throws -> PredictionRequest {
        guard let body = json.objectValue else { throw formProblem("It is not an object.") }
        let sent = forms.filter { body[$0] != nil }
        if unwrapped.contains(where: { body[$0] != nil }) { return PredictionRequest(input: .document(json)) }
        guard sent.count == 1, let input = body[sent[0]] else {
            throw formProblem("It has the members \(body.keys.map { "'\($0)'" }.joined(separator: ", ")).")
        }
        let sentParameters = try sentParameters(of: body)
        let parameters = try ModelParameters(signature)?.values(sent: sentParameters)
        switch signature?.inputs {
        case .columns(let columns):
            return PredictionRequest(input: .table(try batch(sent[0], input, columns)), parameters: parameters)
        case .tensors(let specs):
            return PredictionRequest(input: .tensors(try tensors(sent[0], input, specs)), parameters: parameters)
        case .other, nil:
            return PredictionRequest(input: .document(json))
        }
    }

    private static func formProblem(_ what: String) -> ServingError {
        ServingError(
            .badRequest,
            "The input must be a JSON dictionary with exactly one of the input fields 'dataframe_split', "
                + "'dataframe_records', 'instances', 'inputs'. \(what)")
    }

    private static func sentParameters(of body: JSON.Object) throws -> JSON.Object? {
        guard let sent = body["params"], sent != .null else { return nil }
        guard let parameters = sent.objectValue else {
            throw FieldProblem.invalid("params", sent, expected: "object")
        }
        return parameters
    }

    // MARK: Answer

    /// The body of an answer, numbers that are not finite as bare literals.
    static func answer(_ output: ModelOutput) -> [UInt8] {
        var writer = JSONWriter(nonFinite: .literal)
        if case .document(let document) = output {
            writer.write(document)
        } else {
            writer.raw("{\"predictions\":")
            writer.write(predictions: output)
            writer.raw("}")
        }
        return writer.bytes
    }

    // MARK: Columns

    private static func batch(_ form: String, _ input: JSON, _ columns: [ColumnSpec]) throws -> Batch {
        switch form {
        case "dataframe_split": return try split(input, columns)
        case "dataframe_records": return try Batch(records: try records(form, input), columns: columns)
        default: break
        }
        if let members = input.memberList {
            return try Batch(columns: members.map { ($0.key, $0.value.arrayValue ?? [$0.value]) }, signature: columns)
        }
        guard let rows = input.arrayValue else {
            throw formProblem(form, input, expected: "array of objects or object of arrays")
        }
        if rows.first?.objectValue != nil { return try Batch(records: try records(form, input), columns: columns) }
        return try unnamed(rows, columns)
    }

    private static func split(_ input: JSON, _ columns: [ColumnSpec]) throws -> Batch {
        guard let members = input.objectValue, let rows = members["data"]?.arrayValue else {
            throw ServingError(.badRequest, "'dataframe_split' must be an object with an array 'data'.")
        }
        if let other = members.keys.first(where: { !["data", "columns", "index"].contains($0) }) {
            throw ServingError(.badRequest, "'dataframe_split' has no member '\(other)': only data, columns, index.")
        }
        guard let names = members["columns"], names != .null else { return try unnamed(rows, columns) }
        guard let names = names.arrayValue else {
            throw ServingError(.badRequest, "'columns' of 'dataframe_split' must be an array.")
        }
        var builder = try BatchBuilder(columns: columns, sent: names.map { $0.stringValue ?? $0.text })
        for (index, row) in rows.enumerated() {
            guard let cells = row.arrayValue else { throw rowProblem(index, row) }
            try builder.append(row: cells)
        }
        return builder.batch
    }

    /// Rows without names, which only a model that goes by position can take; pandas would number the columns.
    private static func unnamed(_ rows: [JSON], _ columns: [ColumnSpec]) throws -> Batch {
        guard let first = rows.first else { return try BatchBuilder(columns: columns, sent: nil).batch }
        var builder = try BatchBuilder(
            columns: columns, sent: (0..<(first.arrayValue?.count ?? 1)).map(String.init))
        for (index, row) in rows.enumerated() {
            guard row.objectValue == nil else { throw rowProblem(index, row) }
            try builder.append(row: row.arrayValue ?? [row])
        }
        return builder.batch
    }

    private static func records(_ form: String, _ input: JSON) throws -> [JSON.Object] {
        guard let rows = input.arrayValue else { throw formProblem(form, input, expected: "array of objects") }
        return try rows.enumerated().map { index, row in
            guard let record = row.objectValue else { throw rowProblem(index, row) }
            return record
        }
    }

    private static func formProblem(_ form: String, _ input: JSON, expected: String) -> ServingError {
        let problem = FieldProblem.invalid(form, input, expected: expected)
        return ServingError(.badRequest, problem.message)
    }

    private static func rowProblem(_ index: Int, _ row: JSON) -> ServingError {
        ServingError(.badRequest, "Row \(index) is a \(row.kindName), which is not a row of this form.")
    }

    // MARK: Tensors

    private static func tensors(_ form: String, _ input: JSON, _ specs: [TensorSpec]) throws -> [Tensor] {
        var input = input
        if form == "dataframe_split" {
            guard let rows = input["data"], rows.arrayValue != nil else {
                throw ServingError(.badRequest, "'dataframe_split' must be an object with an array 'data'.")
            }
            guard specs.contains(where: { $0.name != nil }) else { return [try Tensor(rows, for: specs[0])] }
            input = columns(input["columns"], of: rows)
        } else if let rows = input.arrayValue, rows.first?.objectValue != nil {
            input = stacked(rows)
        }
        guard specs.contains(where: { $0.name != nil }) else {
            guard input.objectValue == nil else {
                throw ServingError(.badRequest, "The model takes one array; '\(form)' is an object.")
            }
            return [try Tensor(input, for: specs[0])]
        }
        return try specs.map { spec in
            guard let name = spec.name, let json = input[name] else {
                throw ServingError(
                    .invalidParameterValue, "The model needs the tensor '\(spec.name ?? "")', which the request lacks.")
            }
            return try Tensor(json, for: spec)
        }
    }

    /// Rows of objects as an object of arrays.
    private static func stacked(_ rows: [JSON]) -> JSON {
        let names = rows.first?.objectValue.map { Array($0.keys) } ?? []
        return .members(names.map { name in (name, .array(rows.map { $0[name] ?? .null })) })
    }

    private static func columns(_ names: JSON?, of rows: JSON) -> JSON {
        let names = names?.arrayValue?.compactMap(\.stringValue) ?? []
        return .members(
            names.enumerated().map { index, name in
                let cells = rows.arrayValue?.map { row -> JSON in
                    guard let row = row.arrayValue, index < row.count else { return .null }
                    return row[index]
                }
                return (name, .array(cells ?? []))
            })
    }
}
