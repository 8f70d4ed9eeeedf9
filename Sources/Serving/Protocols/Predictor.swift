import Metrics
package import Predictions
import Runtimes
package import Wire

/// The way of a request through an endpoint, under every protocol: pick the deployment, decode, predict, log, count.
package struct Predictor: Sendable {
    let endpoints: Endpoints
    let log: PredictionLog
    private let clock: WallClock

    package init(endpoints: Endpoints, log: PredictionLog, clock: WallClock) {
        self.endpoints = endpoints
        self.log = log
        self.clock = clock
    }

    /// What came of a request.
    struct Answer: Sendable {
        let output: ModelOutput
        let version: ServedVersion
        let signature: ModelSignature?
        let rowCount: Int
        /// Nil for a request without rows.
        let id: PredictionID?
    }

    /// Answers a request once its predictions are in the log.
    /// - Parameters:
    ///   - decode: takes the body apart as the model that will answer wants it.
    /// - Throws: whatever `decode` and the model throw; `ServingError` when nothing can answer or be logged.
    func predict(
        _ endpoint: LiveEndpoint, caller: String,
        decode: (ModelSignature?, ServedVersion) throws -> PredictionRequest
    ) async throws -> Answer {
        do {
            let (answer, latencyUs) = try await endpoint.withDeployment { deployment in
                try await predict(endpoint, deployment, caller: caller, decode: decode)
            }
            endpoint.traffic.record(.answered(latencyUs: latencyUs), at: clock.now)
            Self.timer(endpoint).recordMicroseconds(latencyUs)
            return answer
        } catch {
            let status = (error as? any Problem)?.code.status ?? 500
            endpoint.traffic.record(status < 500 ? .refused : .failed, at: clock.now)
            Counter(
                label: "martlet_prediction_errors_total",
                dimensions: [("endpoint", endpoint.name), ("status", String(status))]
            ).increment()
            throw error
        }
    }

    private func predict(
        _ endpoint: LiveEndpoint, _ deployment: Deployment, caller: String,
        decode: (ModelSignature?, ServedVersion) throws -> PredictionRequest
    ) async throws -> (Answer, latencyUs: Int64) {
        let start = ContinuousClock.now
        let request = try decode(deployment.runtime.signature, deployment.version)
        let output = try await deployment.runtime.predict(request.input, parameters: request.parameters)
        let (seconds, attoseconds) = start.duration(to: .now).components
        let latencyUs = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        let rowCount = request.rowCount
        var id: PredictionID?
        if rowCount > 0 {
            id = try await log.append(
                LoggedRequest(
                    endpoint: endpoint.name, variant: deployment.variant, model: deployment.version.model,
                    version: deployment.version.version, latencyUs: latencyUs, caller: caller, input: request.input,
                    output: output, rowCount: rowCount))
        }
        let answer = Answer(
            output: output, version: deployment.version, signature: deployment.runtime.signature, rowCount: rowCount,
            id: id)
        return (answer, latencyUs)
    }

    private static func timer(_ endpoint: LiveEndpoint) -> Metrics.Timer {
        Metrics.Timer(label: "martlet_prediction_duration_seconds", dimensions: [("endpoint", endpoint.name)])
    }
}
