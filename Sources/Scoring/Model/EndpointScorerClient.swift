import Console
import Runtimes
import Wire

/// An endpoint of a server that answers for the rows of a batch.
struct EndpointScorerClient: Scorer {
    private let api: APIClient
    private let path: String
    private let parameters: JSON?
    /// The endpoint takes columns apart itself, and says what does not fit.
    let signature: ModelSignature? = nil
    let concurrency = 2

    /// How often a server that has no time, or is not there, is asked again.
    private static let attempts = 8

    init(api: APIClient, endpoint: String, parameters: JSON?) {
        self.api = api
        self.parameters = parameters
        path = "/endpoints/\(APIClient.escaped(endpoint))/invocations"
    }

    /// - Throws: `ScorerRefusal` for what the endpoint refuses.
    func answer(_ rows: RowBatch) async throws -> ModelOutput {
        var pause = Duration.milliseconds(500)
        for attempt in 1... {
            do {
                let answer = try await api.post(path, rows.document(parameters: parameters))
                guard let predictions = answer["predictions"] else { return .document(answer) }
                return .json(predictions)
            } catch let problem as any Problem where Self.isRefusal(problem) {
                throw ScorerRefusal(reason: problem.message)
            } catch let problem as any Problem where problem.code.status >= 429 && attempt < Self.attempts {
                // It has too much to do, or is being started again.
                try await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(30))
            }
        }
        throw CancellationError()
    }

    /// Whether other rows may be answered.
    private static func isRefusal(_ problem: any Problem) -> Bool {
        [400, 413, 422].contains(problem.code.status)
    }

    func recover() async throws {}

    func close() async {}
}
