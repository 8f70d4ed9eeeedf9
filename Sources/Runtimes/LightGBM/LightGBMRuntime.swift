import NIOPosix
package import Wire

/// A LightGBM model that runs inside the server, through LightGBM's own library.
///
/// It answers what MLflow's `pyfunc` answers for a logged `lightgbm.Booster`: probabilities for a classifier, one number
/// a row or one for each class.
package struct LightGBMRuntime: ModelRuntime {
    package var name: String { "lightgbm" }
    package let signature: ModelSignature?
    private let booster: LightGBMBooster
    private let categories: LightGBMCategories
    private let threads: NIOThreadPool

    /// Loads a model when it can be run this way. Blocks for milliseconds.
    /// - Returns: nil for a model that only Python can run: one of the scikit-learn classes, which are pickled, one
    ///   without a signature, or one whose columns are not all numbers or known categories.
    /// - Throws: `RuntimeError` when the model file is missing or is not a model.
    init?(folder: ModelFolder, library: LightGBMLibrary, threads: NIOThreadPool) throws {
        guard Self.isBooster(folder), let flavor = folder.native("lightgbm"), let signature = folder.signature,
            let columns = Self.columns(of: signature), let modelPath = try folder.data(of: flavor)
        else { return nil }
        let text = try LightGBMText(path: modelPath)
        guard !text.isLinear, let categories = LightGBMCategories(text: text, columns: columns) else { return nil }
        booster = try LightGBMBooster(library: library, text: text)
        guard booster.featureCount == columns.count else {
            throw RuntimeError.invalidInput(
                "The signature of \(folder.path) has \(columns.count) columns; its model takes \(booster.featureCount).",
                hint: "Log the model again with a signature made from its training data.")
        }
        self.signature = signature
        self.categories = categories
        self.threads = threads
        // The first prediction is slow, and shows whether the model predicts at all.
        _ = try booster.predict(rows: Array(repeating: .nan, count: columns.count))
    }

    /// Whether the folder's model is a booster's text, and not a pickle.
    static func isBooster(_ folder: ModelFolder) -> Bool {
        guard let flavor = folder.native("lightgbm") else { return false }
        return flavor["model_class"]?.stringValue ?? boosterClass == boosterClass
    }

    private static let boosterClass = "lightgbm.basic.Booster"

    /// The model's features as columns; nil for inputs that this runtime does not take.
    private static func columns(of signature: ModelSignature) -> [ColumnSpec]? {
        guard !signature.hasParameters else { return nil }
        switch signature.inputs {
        case .columns(let columns): return columns
        case .tensors(let tensors):
            // Python would hand whole numbers to the library as 32-bit floats.
            guard tensors.count == 1, [.float64, .float32].contains(tensors[0].type), tensors[0].shape.count == 2,
                tensors[0].shape[1] > 0
            else { return nil }
            return (0..<tensors[0].shape[1]).map { _ in ColumnSpec(name: nil, type: .double) }
        case .other: return nil
        }
    }

    package func predict(_ input: ModelInput, parameters: JSON?) async throws -> ModelOutput {
        let rows = try input.rowMajor(featureCount: booster.featureCount, hasCodes: !categories.codes.isEmpty) {
            column, row, feature in
            categories.code(of: column, row: row, feature: feature) ?? column.values.double(at: row) ?? .nan
        } elements: { values in
            values.doubles
        }
        guard !rows.isEmpty else { throw RuntimeError.invalidInput("The request has no rows.") }
        // About 20 ns a tree and row: what takes more than a millisecond must not hold up the cooperative pool.
        let treeVisits = rows.count / booster.featureCount * booster.treeCount
        let predictions =
            treeVisits < 50_000
            ? try booster.predict(rows: rows)
            : try await threads.runIfActive { try booster.predict(rows: rows) }
        let rowCount = rows.count / booster.featureCount
        let shape = booster.outputCount == 1 ? [rowCount] : [rowCount, booster.outputCount]
        return .tensor(Tensor(shape: shape, values: .doubles(predictions)))
    }

    package func obstacle() async -> RuntimeError? { nil }

    /// The booster is freed with the last call that uses it.
    package func close() async {}
}

extension LightGBMCategories {
    fileprivate func code(of column: Column, row: Int, feature: Int) -> Double? {
        codes.isEmpty ? nil : code(of: column.json(row: row), feature: feature)
    }
}

extension Values {
    fileprivate var doubles: [Double] {
        if case .doubles(let values) = self { values } else { (0..<count).map { double(at: $0) ?? .nan } }
    }
}
