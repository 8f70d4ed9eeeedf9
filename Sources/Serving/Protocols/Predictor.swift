import Experiments
package import Predictions
import Runtimes
import Telemetry
package import Wire

/// The way of a request through an endpoint, under every protocol: pick the deployment, decode, predict, log, count.
package struct Predictor: Sendable {
    let endpoints: Endpoints
    let log: PredictionLog
    private let clock: WallClock
    private let entropy: Entropy
    private let meter: PredictionMeter

    package init(
        endpoints: Endpoints, log: PredictionLog, clock: WallClock, entropy: Entropy,
        meter: PredictionMeter = PredictionMeter()
    ) {
        self.endpoints = endpoints
        self.log = log
        self.clock = clock
        self.entropy = entropy
        self.meter = meter
    }

    /// What came of a request.
    struct Answer: Sendable {
        let output: ModelOutput
        let variant: String
        let version: ServedVersion
        let signature: ModelSignature?
        let rowCount: Int
        let stages: Stages
        /// Nil for a request without rows.
        let id: PredictionID?
        /// Counts what answered; takes the time that writing the answer takes.
        let metrics: PredictionMetrics
    }

    /// How long each part of a request took.
    struct Stages: Sendable, Hashable {
        var queue = Duration.zero
        var decode = Duration.zero
        var predict = Duration.zero

        var sum: Duration { queue + decode + predict }
    }

    /// Answers a request once its predictions are in the log.
    /// - Parameter sent: reads the body; what it throws counts as a refusal.
    /// - Throws: what `sent` and the model throw; `ServingError` when nothing can answer in time or be logged.
    func predict<Sent: SentInput>(_ ask: Ask, _ sent: @autoclosure () throws -> Sent) async throws -> Answer {
        let endpoint = ask.endpoint
        let inFlight = meter.inFlight(endpoint.name)
        inFlight.add(1)
        defer { inFlight.add(-1) }
        do {
            let answer = try await answer(ask, try sent())
            let latencyUs = answer.stages.sum.microseconds
            endpoint.traffic.record(
                .answered(
                    latencyUs: latencyUs, queueUs: answer.stages.queue.microseconds,
                    modelUs: answer.stages.predict.microseconds), at: clock.now)
            return answer
        } catch let failure as ModelFailure {
            endpoint.traffic.record(failure.status < 500 ? .refused : .failed, at: clock.now)
            throw failure.cause
        } catch {
            // Who leaves before the answer is no failure of the server.
            let status = error is CancellationError ? 499 : (error as? any Problem)?.code.status ?? 500
            endpoint.traffic.record(status < 500 ? .refused : .failed, at: clock.now)
            meter.refused(endpoint: endpoint.name, status: status)
            throw error
        }
    }

    private func answer(_ ask: Ask, _ sent: some SentInput) async throws -> Answer {
        let deadline = ContinuousClock.now + ask.endpoint.manifest.limits.timeout
        while true {
            let front = try ask.endpoint.front()
            let pick = try pick(ask, sent, front.lineup)
            // A deployment that was replaced in between refuses; the new one is there by then.
            guard pick.deployment.enter() else { continue }
            do {
                defer { pick.deployment.leave() }
                return try await predict(ask, sent, front, pick, deadline)
            } catch let failure as ModelFailure {
                guard let (trial, side) = pick.trial, side == .candidate else { throw failure }
                // What is only being tried out must not cost anybody an answer.
                let stable = try front.lineup.arm(named: pick.deployment.variant).stable
                guard stable.enter() else { continue }
                defer { stable.leave() }
                do {
                    let answer = try await predict(ask, sent, front, pick.answered(by: stable), deadline)
                    if !failure.isOfTheCaller { trial.add(failure.outcome, to: .candidate) }
                    return answer
                } catch let other as ModelFailure {
                    // A request that neither answers says nothing of the new version, unless the server is at fault.
                    if failure.status >= 500 { trial.add(failure.outcome, to: .candidate) }
                    throw other
                }
            }
        }
    }

    private func pick(_ ask: Ask, _ sent: some SentInput, _ lineup: Lineup) throws -> Lineup.Pick {
        let needsUnit = lineup.needsUnit && ask.choice == .assigned
        var unit = ask.unit
        if unit == nil, let key = lineup.key {
            do {
                unit = try sent.unit(named: key)
            } catch  where !needsUnit {
                // It is for the log only.
            }
        }
        if unit == nil, needsUnit, let key = lineup.key {
            throw ServingError(
                .invalidParameterValue,
                "The endpoint '\(ask.endpoint.name)' assigns its variants by '\(key)', which the request does not say.",
                hint: "Add the column '\(key)' to the input, or send it in the header X-Martlet-Unit.")
        }
        return try lineup.pick(ask.choice, unit: unit, entropy: entropy)
    }

    /// The model that was picked gives no answer: it refuses the request, or fails.
    private struct ModelFailure: Error {
        let cause: any Error
        let latency: Duration

        var status: Int { (cause as? any Problem)?.code.status ?? 500 }
        /// Whether the request is for a version that it names itself.
        var isOfTheCaller: Bool { status == 404 }
        var outcome: RequestOutcome {
            RequestOutcome(latencyMs: Double(latency.microseconds) / 1000, isError: true)
        }
    }

    private func predict(
        _ ask: Ask, _ sent: some SentInput, _ front: LiveEndpoint.Front, _ pick: Lineup.Pick,
        _ deadline: ContinuousClock.Instant
    ) async throws -> Answer {
        let deployment = pick.deployment
        var stages = Stages()
        var moment = ContinuousClock.now
        let request: PredictionRequest
        do {
            request = try sent.request(for: deployment.runtime.signature, version: deployment.version)
        } catch {
            count(ask, pick, stages, error)
            throw ModelFailure(cause: error, latency: .zero)
        }
        stages.decode = moment.lap()
        let output: ModelOutput = try await front.gate.pass(until: deadline, endpoint: ask.endpoint.name) {
            stages.queue = moment.lap()
            do {
                let output = try await deployment.runtime.predict(
                    request.input, parameters: request.parameters,
                    context: PredictionContext(id: ask.request, deadline: deadline))
                stages.predict = moment.lap()
                return output
            } catch let error where !(error is CancellationError) {
                stages.predict = moment.lap()
                count(ask, pick, stages, error)
                await keepPrinted(ask, deployment, nil)
                throw ModelFailure(cause: error, latency: stages.predict)
            }
        }
        count(ask, pick, stages, nil)
        let id = try await record(ask, front, pick, request, output, stages)
        await keepPrinted(ask, deployment, id)
        if let id, let shadow = front.shadow {
            shadow.offer(
                ShadowRequest(
                    id: id, input: request.input, parameters: request.parameters, rowCount: request.rowCount,
                    answer: output, version: deployment.version.label, latencyUs: stages.predict.microseconds),
                isCrowded: front.gate.isCrowded)
        }
        let metrics = meter.metrics(key(ask, deployment))
        metrics.record(.decode, stages.decode)
        metrics.record(.queue, stages.queue)
        metrics.record(.predict, stages.predict)
        metrics.answered(in: stages.sum, rowCount: request.rowCount)
        return Answer(
            output: output, variant: deployment.variant, version: deployment.version,
            signature: deployment.runtime.signature, rowCount: request.rowCount, stages: stages, id: id,
            metrics: metrics)
    }

    /// Keeps what the model printed, to be looked up by the request or by its prediction.
    private func keepPrinted(_ ask: Ask, _ deployment: Deployment, _ id: PredictionID?) async {
        guard deployment.runtime.keepsOutput else { return }
        let lines = await deployment.runtime.printed(for: ask.request)
        guard !lines.isEmpty else { return }
        log.printed.keep(
            PrintedOutput(
                endpoint: ask.endpoint.name, variant: deployment.variant, model: deployment.version.model,
                version: deployment.version.version, request: ask.request, prediction: id, time: clock.now,
                lines: lines))
    }

    private func key(_ ask: Ask, _ deployment: Deployment) -> PredictionMeter.Key {
        PredictionMeter.Key(
            endpoint: ask.endpoint.name, variant: deployment.variant, version: deployment.version.version)
    }

    /// Counts what came of a request for the version that answered, and for the rollout that it is part of.
    private func count(_ ask: Ask, _ pick: Lineup.Pick, _ stages: Stages, _ error: (any Error)?) {
        let latencyUs = stages.predict.microseconds
        let status = error.map { ($0 as? any Problem)?.code.status ?? 500 }
        let outcome: EndpointTraffic.Outcome =
            status.map { $0 < 500 ? .refused : .failed } ?? .answered(latencyUs: latencyUs)
        pick.deployment.traffic.record(outcome, at: clock.now)
        if let status { meter.metrics(key(ask, pick.deployment)).failed(status: status) }
        // A refusal is the caller's doing, as far as one version alone can tell.
        if let status, status < 500 { return }
        let ended = RequestOutcome(latencyMs: Double(latencyUs) / 1000, isError: error != nil)
        pick.guards?.add(ended, of: pick.deployment.variant)
        guard let (trial, side) = pick.trial, error == nil || side == .control else { return }
        trial.add(ended, to: side)
    }

    private func record(
        _ ask: Ask, _ front: LiveEndpoint.Front, _ pick: Lineup.Pick, _ request: PredictionRequest,
        _ output: ModelOutput, _ stages: Stages
    ) async throws -> PredictionID? {
        guard request.rowCount > 0 else { return nil }
        let deployment = pick.deployment
        return try await log.append(
            LoggedRequest(
                endpoint: ask.endpoint.name, variant: deployment.variant, model: deployment.version.model,
                version: deployment.version.version, latencyUs: stages.sum.microseconds, caller: ask.caller,
                unit: pick.unit, propensity: pick.propensity, experiment: pick.experiment,
                rollout: pick.trial.map { RolloutPart($0.rollout.id, $1).text }, input: request.input, output: output,
                rowCount: request.rowCount),
            policy: front.manifest.log)
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

extension ContinuousClock.Instant {
    /// The time since this moment, which becomes the present one.
    fileprivate mutating func lap() -> Duration {
        let former = self
        self = .now
        return former.duration(to: self)
    }
}

extension Duration {
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
