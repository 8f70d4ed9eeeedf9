package import Wire

/// A model that another server runs: requests are put into its protocol, answers and refusals come back in ours.
package struct RemoteRuntime: ModelRuntime {
    package var name: String { "remote" }
    package let signature: ModelSignature?
    private let connection: RemoteConnection
    private let dialect: any RemoteDialect

    /// How long a server may take to say whether it is ready.
    private static let patience = Duration.seconds(2)

    /// Asks the server what the model takes, where its protocol has words for that.
    /// - Throws: `RuntimeError` when the server cannot be reached, or does not have the model.
    static func connect(_ remote: RemoteModel, _ secrets: RemoteSecrets) async throws -> RemoteRuntime {
        let connection = try RemoteConnection(remote, secrets)
        do {
            guard remote.dialect == .openInference else {
                return RemoteRuntime(
                    signature: nil, connection: connection,
                    dialect: remote.dialect == .mlflow ? InvocationsDialect.mlflow : .sagemaker)
            }
            let metadata = try await connection.answer(remote.modelURL, within: remote.timeout)
            let dialect = try OpenInferenceDialect(metadata: metadata)
            return RemoteRuntime(signature: try dialect.signature(), connection: connection, dialect: dialect)
        } catch {
            await connection.close()
            throw error
        }
    }

    package func predict(_ input: ModelInput, parameters: JSON?) async throws -> ModelOutput {
        try await predict(input, parameters: parameters, context: PredictionContext())
    }

    package func predict(
        _ input: ModelInput, parameters: JSON?, context: PredictionContext
    ) async throws -> ModelOutput {
        let remote = connection.remote
        let body = try dialect.request(input, parameters: parameters)
        let left = context.deadline.map { ContinuousClock.now.duration(to: $0) } ?? remote.timeout
        let answer = try await connection.answer(remote.predictionURL, body: body, within: min(left, remote.timeout))
        do {
            return try dialect.output(answer, for: input)
        } catch let nonsense as NonsenseAnswer {
            throw RuntimeError(
                .badGateway, "The model's server \(remote.url) answered with nonsense: \(nonsense.what).")
        }
    }

    package func obstacle() async -> RuntimeError? {
        guard let url = connection.remote.healthURL else { return nil }
        do {
            try await connection.check(url, within: min(Self.patience, connection.remote.timeout))
            return nil
        } catch {
            let reason = (error as? RuntimeError)?.message ?? "\(error)"
            return RuntimeError(.unavailable, reason, retryAfterSeconds: 1)
        }
    }

    package func close() async {
        await connection.close()
    }
}

/// How requests and answers look in a protocol.
protocol RemoteDialect: Sendable {
    /// - Throws: `RuntimeError` in a 4xx for an input that the protocol has no form for.
    func request(_ input: ModelInput, parameters: JSON?) throws -> JSON

    /// - Throws: `NonsenseAnswer` for an answer that is not one of the protocol.
    func output(_ answer: JSON, for input: ModelInput) throws -> ModelOutput
}

/// What is wrong with an answer.
struct NonsenseAnswer: Error {
    let what: String
}

extension ModelRuntimes {
    /// Makes a model that another server runs one to predict with.
    /// - Parameter secrets: what its headers name.
    /// - Throws: `RuntimeError` when the server must say what the model takes and does not, and when a secret is not there.
    package nonisolated func connect(
        _ remote: RemoteModel, secrets: RemoteSecrets = RemoteSecrets()
    ) async throws -> any ModelRuntime {
        try await RemoteRuntime.connect(remote, secrets)
    }
}
