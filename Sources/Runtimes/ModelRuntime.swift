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

    /// Predicts for a request that has a deadline, or an id that what the model prints is to be kept under. Runtimes that
    /// answer faster than anything can be cut short leave this to the extension below.
    /// - Throws: also `RuntimeError` with 504 once the deadline has passed.
    func predict(
        _ input: ModelInput, parameters: JSON?, context: PredictionContext
    ) async throws -> ModelOutput

    /// Why it cannot answer at the moment; nil when it can.
    func obstacle() async -> RuntimeError?

    /// What is not as it should be although it answers, such as workers that are down; nil when all is well.
    func remark() async -> String?

    /// The processes that run the model; nil when none do.
    var workers: WorkerCount? { get }

    /// Whether what the model prints is kept with the request that it answers.
    var keepsOutput: Bool { get }

    /// What the model printed while it answered the request of this id, as far as it is kept; empty when nothing is.
    func printed(for id: String) async -> [String]

    /// Ends what runs the model and returns once it has ended. Calls under way fail.
    func close() async
}

extension ModelRuntime {
    package func predict(
        _ input: ModelInput, parameters: JSON?, context: PredictionContext
    ) async throws -> ModelOutput {
        try await predict(input, parameters: parameters)
    }

    package func remark() async -> String? { nil }

    package var workers: WorkerCount? { nil }

    package var keepsOutput: Bool { false }

    package func printed(for id: String) async -> [String] { [] }
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
    /// Several tensors, each with its name, and how MLflow writes them.
    case tensors([Tensor], as: TensorLayout)
    /// Anything else, in the JSON form that MLflow gives it: a table is a list of records.
    case json(JSON)
    /// A whole answer body, for payloads which MLflow answers without wrapping.
    case document(JSON)

    /// The predictions as MLflow writes them; nil for a whole document.
    package var predictions: JSON? {
        switch self {
        case .tensor(let tensor): tensor.json
        case .tensors(let tensors, let layout): layout.json(of: tensors)
        case .json(let json): json
        case .document: nil
        }
    }

    /// The prediction for one row of the input, as it is logged: an element where there is one for each row, else all.
    package func row(_ index: Int, of count: Int) -> JSON {
        switch self {
        case .tensor(let tensor):
            return tensor.shape.first == count ? tensor.json(row: index) : tensor.json
        case .tensors(let tensors, let layout): return layout.json(of: tensors, row: index, of: count)
        case .json(let json):
            guard let rows = json.arrayValue, rows.count == count else { return json }
            return rows[index]
        case .document(let json): return json
        }
    }
}
