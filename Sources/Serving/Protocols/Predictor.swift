package import Predictions
import Runtimes
import Telemetry
package import Wire

/// The way of a request through an endpoint, under every protocol: pick the deployment, decode, predict, log, count.
package struct Predictor: Sendable {
    let endpoints: Endpoints
    let log: PredictionLog
    private let clock: WallClock
    private let meter: PredictionMeter

    package init(
        endpoints: Endpoints, log: PredictionLog, clock: WallClock, meter: PredictionMeter = PredictionMeter()
    ) {
        self.endpoints = endpoints
        self.log = log
        self.clock = clock
        self.meter = meter
    }

    /// What came of a request.
    struct Answer: Sendable {
        let output: ModelOutput
        let version: ServedVersion
        let signature: ModelSignature?
        let rowCount: Int
        /// Nil for a request without rows.
        let id: PredictionID?
        /// Counts what answered; takes the time that writing the answer takes.
        let metrics: PredictionMetrics
    }

    /// Answers a request once its predictions are in the log.
    /// - Parameters:
    ///   - decode: takes the body apart as the model that will answer wants it.
    /// - Throws: whatever `decode` and the model throw; `ServingError` when nothing can answer or be logged.
    func predict(
        _ endpoint: LiveEndpoint, caller: String,
        decode: (ModelSignature?, ServedVersion) throws -> PredictionRequest
    ) async throws -> Answer {
        let inFlight = meter.inFlight(endpoint.name)
        inFlight.add(1)
        defer { inFlight.add(-1) }
        do {
            let (answer, latencyUs) = try await endpoint.withDeployment { deployment in
                try await predict(endpoint, deployment, caller: caller, decode: decode)
            }
            endpoint.traffic.record(.answered(latencyUs: latencyUs), at: clock.now)
            return answer
        } catch {
            let status = (error as? any Problem)?.code.status ?? 500
            endpoint.traffic.record(status < 500 ? .refused : .failed, at: clock.now)
            meter.refused(endpoint: endpoint.name, status: status)
            throw error
        }
    }

    private func predict(
        _ endpoint: LiveEndpoint, _ deployment: Deployment, caller: String,
        decode: (ModelSignature?, ServedVersion) throws -> PredictionRequest
    ) async throws -> (Answer, latencyUs: Int64) {
        let metrics = meter.metrics(
            PredictionMeter.Key(
                endpoint: endpoint.name, variant: deployment.variant, version: deployment.version.version))
        let start = ContinuousClock.now
        let request = try decode(deployment.runtime.signature, deployment.version)
        let decoded = ContinuousClock.now
        let output = try await deployment.runtime.predict(request.input, parameters: request.parameters)
        let end = ContinuousClock.now
        let duration = start.duration(to: end)
        metrics.record(.decode, start.duration(to: decoded))
        metrics.record(.predict, decoded.duration(to: end))
        let (seconds, attoseconds) = duration.components
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
            id: id, metrics: metrics)
        metrics.answered(in: duration, rowCount: rowCount)
        return (answer, latencyUs)
    }
}

extension Predictor.Answer {
    /// Writes the answer, and counts how long that takes.
    func encoding<Written>(_ write: (Self) throws -> Written) rethrows -> Written {
        let start = ContinuousClock.now
        defer { metrics.record(.encode, start.duration(to: .now)) }
        return try write(self)
    }
}
