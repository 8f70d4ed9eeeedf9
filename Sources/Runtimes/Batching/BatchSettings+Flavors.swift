import Wire

extension BatchSettings {
    /// Flavours whose models answer each row by itself, by the module that MLflow loads them with.
    private static let rowWise: Set<String> = [
        "mlflow.sklearn", "mlflow.lightgbm", "mlflow.xgboost", "mlflow.catboost", "mlflow.pytorch", "mlflow.keras",
        "mlflow.tensorflow", "mlflow.onnx",
    ]

    /// - Throws: `RuntimeError` when the rows of a model's requests may not be put together, because its answer to one may
    ///   hang on the others.
    func check(_ folder: ModelFolder) throws {
        guard rows > 1 else { return }
        let module = folder.flavors["python_function"]?["loader_module"]?.stringValue
        guard isRowWise || module.map(Self.rowWise.contains) == true else {
            throw RuntimeError.invalidInput(
                "Nothing says that the model in \(folder.path) answers each row by itself, so its requests cannot be "
                    + "put together.",
                hint: "Say row_wise: true in 'batch' if it does, or leave 'batch' out.")
        }
        guard !folder.takesFixedTensors else {
            throw RuntimeError.invalidInput(
                "The model in \(folder.path) takes tensors of one fixed length, so its requests cannot be put together.",
                hint: "Leave 'batch' out.")
        }
    }

    /// What goes together when nobody says anything; nil for a model that might answer a row otherwise beside others.
    static func usual(_ folder: ModelFolder, isRowWise: Bool) -> BatchSettings? {
        isRowWise && !folder.takesFixedTensors ? BatchSettings(rows: 64) : nil
    }
}

extension ModelFolder {
    fileprivate var takesFixedTensors: Bool {
        guard case .tensors(let tensors) = signature?.inputs else { return false }
        return tensors.contains { $0.shape.first != -1 }
    }
}
