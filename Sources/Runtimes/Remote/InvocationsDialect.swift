import Wire

/// MLflow's scoring protocol, and SageMaker's, whose body is the container's own affair: one that came whole is handed on
/// whole. Of inputs that the server took apart a form is made that each usually understands.
enum InvocationsDialect: RemoteDialect {
    case mlflow
    case sagemaker

    func request(_ input: ModelInput, parameters: JSON?) throws -> JSON {
        let form: (String, JSON)
        switch (input, self) {
        case (.document(let document), _): return document
        case (.table(let batch), .mlflow):
            form = ("dataframe_split", ["columns": .strings(batch.columns.map(\.name)), "data": batch.cells])
        case (.table(let batch), .sagemaker):
            form = ("instances", .array((0..<batch.rowCount).map(batch.json(row:))))
        case (.tensors(let tensors), _):
            let isOnly = tensors.count == 1 && tensors[0].name == nil
            let form = isOnly ? tensors[0].json : .members(tensors.map { ($0.name ?? "", $0.json) })
            return .compact([(self == .mlflow ? "inputs" : "instances"): form, "params": parameters])
        }
        return .compact([form.0: form.1, "params": parameters])
    }

    func output(_ answer: JSON, for input: ModelInput) throws -> ModelOutput {
        if answer.memberList?.count == 1, let predictions = answer["predictions"] {
            return .json(predictions)
        }
        if case .document = input { return .document(answer) }
        guard self == .sagemaker else { throw NonsenseAnswer(what: "it has no 'predictions'") }
        return .json(answer["predictions"] ?? answer)
    }
}

extension Batch {
    /// Rows of cells in the order of the columns.
    fileprivate var cells: JSON {
        .array((0..<rowCount).map { row in .array(columns.map { $0.json(row: row) }) })
    }
}
