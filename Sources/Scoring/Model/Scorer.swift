import Runtimes
import Wire

/// What answers for the rows of a batch.
protocol Scorer: Sendable {
    /// What it takes; nil when it does not say.
    var signature: ModelSignature? { get }
    /// How many batches it answers at the same time without loss.
    var concurrency: Int { get }

    /// Predicts, with one prediction for each row.
    /// - Throws: `ScorerRefusal` when the model says no to these rows, `ScorerInterruption` when what runs it ended over
    ///   them; anything else ends the whole batch.
    func answer(_ rows: RowBatch) async throws -> ModelOutput

    /// Returns once it can answer again after an interruption.
    /// - Throws: `ScoringError` when that takes too long.
    func recover() async throws

    /// Ends what runs the model.
    func close() async
}

/// The model does not predict these rows.
struct ScorerRefusal: Error {
    let reason: String

    init(reason: String) {
        self.reason = reason
    }
}

/// What runs the model ended, or hung and was ended, over these rows or over others at the same time.
struct ScorerInterruption: Error {
    let reason: String
}

/// A model that runs in this process or below it.
struct RuntimeScorer: Scorer {
    private let runtime: any ModelRuntime
    private let parameters: JSON?
    let concurrency: Int

    /// How long what runs the model may take to come back.
    private static let patience = 120

    init(_ runtime: any ModelRuntime, parameters: JSON?, concurrency: Int) {
        self.runtime = runtime
        self.parameters = parameters
        self.concurrency = concurrency
    }

    var signature: ModelSignature? { runtime.signature }

    func answer(_ rows: RowBatch) async throws -> ModelOutput {
        do {
            return try await runtime.predict(rows.modelInput(parameters: parameters), parameters: parameters)
        } catch let error as RuntimeError where error.code.status < 500 && error.code != .tooManyRequests {
            throw ScorerRefusal(reason: error.message)
        } catch let error as RuntimeError where error.code.status > 500 {
            throw ScorerInterruption(reason: error.message)
        }
    }

    func recover() async throws {
        for _ in 0..<Self.patience * 10 {
            guard await runtime.obstacle() != nil else { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw ScoringError(
            .unavailable, "The model's process did not come back within \(Self.patience) s.",
            hint: "What is scored is kept: give the same command again.")
    }

    func close() async {
        await runtime.close()
    }
}
