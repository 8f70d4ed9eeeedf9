package import Wire

/// A model that is loaded and answers.
package protocol ModelRuntime: Sendable {
    /// How people see it, such as `lightgbm` or `python`.
    var name: String { get }
    var signature: ModelSignature? { get }

    /// Predicts. Safe to call from many tasks at once.
    /// - Parameter parameters: what the request passes beside its input; an object, or nil.
    /// - Throws: `RuntimeError` with a 4xx code when the model refuses this input, with 503 and a time to try again when
    ///   nothing can answer at the moment.
    func predict(_ input: ModelInput, parameters: JSON?) async throws -> ModelOutput

    /// Why it cannot answer at the moment; nil when it can.
    func obstacle() async -> RuntimeError?

    /// Ends what runs the model and returns once it has ended. Calls under way fail.
    func close() async
}

/// What a model is asked about.
package enum ModelInput: Sendable, Hashable {
    case table(Batch)
    case tensors([Tensor])
    /// A whole request body in MLflow's form, for models whose input the server does not take apart.
    case document(JSON)
}

/// What a model answers.
package enum ModelOutput: Sendable, Hashable {
    case tensor(Tensor)
    /// Anything else, in the JSON form that MLflow gives it: a table is a list of records.
    case json(JSON)
    /// A whole answer body, for payloads which MLflow answers without wrapping.
    case document(JSON)

    /// The predictions as MLflow writes them; nil for a whole document.
    package var predictions: JSON? {
        switch self {
        case .tensor(let tensor): tensor.json
        case .json(let json): json
        case .document: nil
        }
    }

    /// The prediction for one row of the input, as it is logged: an element where there is one for each row, else all.
    package func row(_ index: Int, of count: Int) -> JSON {
        switch self {
        case .tensor(let tensor):
            return tensor.shape.first == count ? tensor.json(row: index) : tensor.json
        case .json(let json):
            guard let rows = json.arrayValue, rows.count == count else { return json }
            return rows[index]
        case .document(let json): return json
        }
    }
}
