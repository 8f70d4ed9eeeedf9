package import Statistics

/// What is known of a model before it has answered anything: what its kind of answer is guessed from.
package struct ModelFacts: Sendable {
    /// The names of its inputs; empty when the signature has none.
    package var inputs: [String]
    /// The type of its one output in MLflow's or numpy's words, such as `long`, `float64`; nil when it does not say or has
    /// several.
    package var outputType: String?
    /// How long the vectors are that it answers; nil for single values.
    package var outputLength: Int?
    /// What it was trained for in the words of its library, such as `binary:logistic`; nil when that is not written down.
    package var objective: String?

    package init(
        inputs: [String] = [], outputType: String? = nil, outputLength: Int? = nil, objective: String? = nil
    ) {
        self.inputs = inputs
        self.outputType = outputType
        self.outputLength = outputLength
        self.objective = objective
    }

    private static let groups: Set<String> = ["qid", "query_id", "group_id", "query"]

    /// What kind of answers the model gives, as far as there is evidence: of the objective first, then of the target among the
    /// rows it was trained on, then of its signature.
    /// - Parameter reference: the rows it was trained on; the one column that is no input is what it predicts.
    /// - Returns: nil rather than a guess that may well be wrong.
    package func task(reference: Reference?) -> ModelTask? {
        if let task = objective.flatMap(Self.task(objective:)) { return task }
        let columns = reference?.columns ?? []
        if columns.contains(where: { Self.groups.contains($0.name) }) { return .ranking }
        let targets = columns.filter { !inputs.contains($0.name) && $0.role == .input }
        if !inputs.isEmpty, targets.count == 1, let task = Self.task(target: targets[0].profile) { return task }
        switch (outputType, outputLength) {
        case ("boolean", _), ("bool", _): return .binary
        case (_, 2): return .binary
        case (_, let length?) where length > 2: return .multiclass
        case ("string", _), ("object", _), ("str", _): return .multiclass
        default: return nil
        }
    }

    private static func task(objective: String) -> ModelTask? {
        let words: [(String, ModelTask)] = [
            ("rank", .ranking), ("lambda", .ranking), ("multi", .multiclass), ("softmax", .multiclass),
            ("binary", .binary), ("cross_entropy", .binary), ("reg", .regression), ("l1", .regression),
            ("l2", .regression), ("huber", .regression), ("poisson", .regression), ("quantile", .regression),
            ("tweedie", .regression), ("gamma", .regression), ("mape", .regression),
        ]
        return words.first { objective.contains($0.0) }?.1
    }

    private static func task(target: ColumnProfile) -> ModelTask? {
        let filled = target.cellCounts.count { $0 > 0 }
        switch target.anchors {
        case .categorical: return filled == 2 ? .binary : filled > 2 ? .multiclass : nil
        case .numeric:
            guard let least = target.least, let greatest = target.greatest else { return nil }
            if filled == 2 { return .binary }
            let areWhole = least == least.rounded() && greatest == greatest.rounded() && target.isDiscrete
            return areWhole && filled > 2 ? .multiclass : filled > 2 ? .regression : nil
        }
    }
}

extension ColumnProfile {
    fileprivate var least: Double? { if case .numeric(let profile) = content { profile.minimum } else { nil } }
    fileprivate var greatest: Double? { if case .numeric(let profile) = content { profile.maximum } else { nil } }
    fileprivate var isDiscrete: Bool { if case .numeric(let anchors) = anchors { anchors.isDiscrete } else { false } }
}
