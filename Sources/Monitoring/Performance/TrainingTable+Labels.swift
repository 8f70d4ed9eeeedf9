import Statistics
import Wire

// The truth and the predictions that a reference dataset may hold beside its inputs.

extension TrainingTable {
    private static let targets = ["target", "label", "truth", "y", "y_true"]
    private static let predictions = ["prediction", "predicted", "y_pred", "output"]
    private static let scores = ["probability", "proba", "score", "y_score", "prediction_probability"]

    /// Rows with the truth and what a model said of them; none when the table does not hold both.
    func labelledRows(by rule: PerformanceRule) -> [PerformanceBasis.Row] {
        guard let target = column(rule.target, or: Self.targets) else { return [] }
        let prediction = column(rule.prediction, or: Self.predictions)
        let score = rule.prediction == nil ? column(nil, or: Self.scores) : nil
        guard prediction != nil || score != nil else { return [] }
        let taken = Set([target, prediction, score].compactMap(\.self))
        let inputs = columns.indices.filter { !taken.contains($0) }
        // From all over a large table.
        let step = max(1, rows / PerformanceBasis.maximumRows)
        return stride(from: 0, to: rows, by: step).compactMap { row in
            guard case let label = columns[target].values[row].json, label != .null else { return nil }
            let said = prediction.map { columns[$0].values[row].json }
            let given = score.map { columns[$0].values[row].json }
            let output: JSON =
                switch (said, given) {
                case (let said?, let given?): ["prediction": said, "probability": given]
                default: said ?? given ?? .null
                }
            return PerformanceBasis.Row(inputs: self.inputs(of: row, inputs), output: output, label: label)
        }
    }

    private func column(_ name: String?, or usual: [String]) -> Int? {
        if let name { return columns.firstIndex { $0.name == name } }
        return usual.lazy.compactMap { name in columns.firstIndex { $0.name.lowercased() == name } }.first
    }

    /// What goes into the model, of rows from all over the table.
    func inputs(limit: Int) -> GrowthReference {
        let places = Array(stride(from: 0, to: rows, by: max(1, rows / max(1, limit))))
        return GrowthReference(
            columns: columns.filter { $0.role == .input }.map { column in
                (name: column.name, values: places.map { column.values[$0].asSent })
            })
    }

    private func inputs(of row: Int, _ places: [Int]) -> JSON {
        .members(places.map { (columns[$0].name, columns[$0].values[row].json) })
    }
}

extension ColumnValue {
    /// As a request can have it: a number without a JSON form comes as null.
    fileprivate var asSent: ColumnValue {
        if case .number(let number) = self, !number.isFinite { .missing } else { self }
    }

    /// As rows have it; a number that has no JSON form is a name of it.
    fileprivate var json: JSON {
        switch self {
        case .missing: .null
        case .text(let text): .string(text)
        case .number(let number):
            Int64(exactly: number).map(JSON.integer) ?? (number.isFinite ? .double(number) : .null)
        }
    }
}
