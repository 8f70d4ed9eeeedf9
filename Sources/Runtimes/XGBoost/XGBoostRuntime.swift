import NIOPosix
package import Wire

/// An XGBoost model that runs inside the server, through XGBoost's own library.
///
/// It answers what MLflow's `pyfunc` answers for a logged `xgboost.Booster` and for the scikit-learn classes, which
/// XGBoost saves as their booster alone.
package struct XGBoostRuntime: ModelRuntime {
    package var name: String { "xgboost" }
    package let signature: ModelSignature?
    private let booster: XGBoostBooster
    private let answer: XGBoostAnswer
    private let threads: NIOThreadPool

    /// Loads a model when it can be run this way. Blocks for milliseconds.
    /// - Returns: nil for a model that only Python can run as Python does: one without a signature, one with categories or
    ///   texts, a linear one or one with dropped trees, one whose columns are not named as they were in training.
    /// - Throws: `RuntimeError` when the model file is missing or is not a model.
    init?(folder: ModelFolder, library: XGBoostLibrary, threads: NIOThreadPool) throws {
        guard let flavor = folder.native("xgboost"), let signature = folder.signature, !signature.hasParameters,
            let modelPath = try folder.data(of: flavor)
        else { return nil }
        let booster = try XGBoostBooster(library: library, modelPath: modelPath)
        let modelClass = flavor["model_class"]?.stringValue ?? "xgboost.core.Booster"
        guard Self.fits(signature, booster), !booster.featureTypes.contains("c"),
            let answer = try XGBoostAnswer(modelClass: modelClass, booster: booster)
        else { return nil }
        self.booster = booster
        self.answer = answer
        self.signature = signature
        self.threads = threads
        // The first prediction is slow, and shows whether the model predicts at all.
        _ = try booster.predict(rows: Array(repeating: .nan, count: booster.featureCount), question: answer.question)
    }

    /// Python holds the names of columns to those of training, in order, where training had names.
    private static func fits(_ signature: ModelSignature, _ booster: XGBoostBooster) -> Bool {
        guard booster.featureCount > 0 else { return false }
        switch signature.inputs {
        case .columns(let columns):
            let isNamedAlike = booster.featureNames.isEmpty || columns.compactMap(\.name) == booster.featureNames
            return columns.count == booster.featureCount && isNamedAlike
                && columns.allSatisfy { $0.type != .string }
        case .tensors(let tensors):
            return booster.featureNames.isEmpty && tensors.count == 1 && tensors[0].shape.count == 2
                && tensors[0].shape[1] == booster.featureCount
        case .other: return false
        }
    }

    package func predict(_ input: ModelInput, parameters: JSON?) async throws -> ModelOutput {
        let rows = try input.rowMajor(featureCount: booster.featureCount) { column, row, _ in
            column.values.float(at: row)
        } elements: { values in
            (0..<values.count).map { values.float(at: $0) }
        }
        guard !rows.isEmpty else { return .tensor(Tensor(shape: [0], values: .floats([]))) }
        if answer.refusesInfinity, rows.contains(where: \.isInfinite) {
            throw RuntimeError.invalidInput("A number is infinite, or too large for the model's 32 bits.")
        }
        // About 20 ns a tree and row: what takes more than a millisecond must not hold up the cooperative pool.
        let treeVisits = rows.count / booster.featureCount * booster.rounds
        let predicted =
            treeVisits < 50_000
            ? try booster.predict(rows: rows, question: answer.question)
            : try await threads.runIfActive { try booster.predict(rows: rows, question: answer.question) }
        return .tensor(answer.answer(predicted))
    }

    package func obstacle() async -> RuntimeError? { nil }

    /// The booster is freed with the last call that uses it.
    package func close() async {}
}

extension Values {
    /// The value at `index` as XGBoost stores numbers, rounded once; NaN for a text.
    fileprivate func float(at index: Int) -> Float {
        switch self {
        case .bools(let values): values[index] ? 1 : 0
        case .int32s(let values): Float(values[index])
        case .int64s(let values): Float(values[index])
        case .floats(let values): values[index]
        case .doubles(let values): Float(values[index])
        case .strings: .nan
        }
    }
}
