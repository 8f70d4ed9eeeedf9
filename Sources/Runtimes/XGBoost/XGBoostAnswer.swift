import Wire

/// What the Python class of an XGBoost model makes of the numbers that the library predicts.
struct XGBoostAnswer: Sendable {
    private enum Kind: Sendable {
        case numbers
        /// - classes: how many the class thinks there are, which is at least 2.
        case labels(classes: Int, isSoftmax: Bool)
    }

    let question: XGBoostQuestion
    /// Whether the class refuses infinite numbers.
    let refusesInfinity: Bool
    private let kind: Kind

    private static let booster = "xgboost.core.Booster"
    private static let classifiers: Set = ["xgboost.sklearn.XGBClassifier", "xgboost.sklearn.XGBRFClassifier"]
    private static let others: Set = [
        "xgboost.sklearn.XGBRegressor", "xgboost.sklearn.XGBRFRegressor", "xgboost.sklearn.XGBRanker",
    ]

    /// - Returns: nil for a class that is not known here, and for boosters of another kind than trees: linear ones are not
    ///   safe to ask at once, and those with dropped trees (DART) add up in another order here than Python asks them to.
    init?(modelClass: String, booster: XGBoostBooster) throws {
        let learner = booster.configuration["learner"]
        guard learner?["gradient_booster"]?["name"] == "gbtree" else { return nil }
        refusesInfinity = modelClass == Self.booster
        guard !refusesInfinity else {
            question = XGBoostQuestion(iterations: 0)
            kind = .numbers
            return
        }
        // The scikit-learn classes predict with the best iteration where training stopped early.
        let best = try booster.attribute("best_iteration").flatMap { Int($0) }
        question = XGBoostQuestion(iterations: best.map { $0 + 1 } ?? 0)
        if Self.classifiers.contains(modelClass) {
            let classes = learner?["learner_model_param"]?["num_class"]?.stringValue.flatMap { Int($0) } ?? 0
            let objective = learner?["objective"]?["name"]?.stringValue
            kind = .labels(classes: max(classes, 2), isSoftmax: objective == "multi:softmax")
        } else if Self.others.contains(modelClass) {
            kind = .numbers
        } else {
            return nil
        }
    }

    /// `XGBClassifier.predict` in `xgboost/sklearn.py`, branch for branch.
    func answer(_ predicted: Tensor) -> Tensor {
        guard case .labels(let classes, let isSoftmax) = kind, case .floats(let values) = predicted.values else {
            return predicted
        }
        let rowCount = predicted.shape.first ?? 0
        let width = predicted.shape.count > 1 ? predicted.shape[1] : 1
        if predicted.shape.count > 1, classes != 2 {
            let labels = (0..<rowCount).map { row in Self.largest(of: values[row * width..<(row + 1) * width]) }
            return Tensor(shape: [rowCount], values: .int64s(labels))
        }
        if predicted.shape.count > 1, width != 1 {
            return Tensor(shape: predicted.shape, values: .doubles(values.map { $0 > 0.5 ? 1 : 0 }))
        }
        if isSoftmax { return Tensor(shape: predicted.shape, values: .int32s(values.map { Int32($0) })) }
        return Tensor(shape: [rowCount], values: .int64s(values.map { $0 > 0.5 ? 1 : 0 }))
    }

    /// The index of the largest number, the first of several; numpy takes NaN for the largest.
    private static func largest(of values: ArraySlice<Float>) -> Int64 {
        var best = values.startIndex
        for index in values.indices where !values[best].isNaN {
            if values[index] > values[best] || values[index].isNaN { best = index }
        }
        return Int64(best - values.startIndex)
    }
}
