import Experiments
import Runtimes
import Synchronization
import Telemetry
import Wire

/// An endpoint while the server runs: its manifest, the deployments that answer, and how it is doing.
final class LiveEndpoint: Sendable {
    let name: String
    let traffic = EndpointTraffic()
    /// Wakes the task that keeps the deployments what the manifest, the registry and the rollouts say.
    let wakeUps: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// What is loaded for a variant, and what there is to say about it.
    struct LiveVariant: Sendable {
        var state = EndpointState()
        var stable: Deployment?
        var candidate: Lineup.Candidate?
        /// A version that was rolled back and is wanted by the manifest all the same.
        var refused: Rollout?
    }

    private struct Content {
        var manifest: EndpointManifest
        var document: JSON
        var gate: EndpointGate
        /// Nil until they have been dealt.
        var shares: Shares?
        var bandit: LiveBandit?
        var trial: ExperimentTrial?
        var isDecided = false
        var shadow: ShadowMirror?
        var shadowProblem: String?
        var variants: [String: LiveVariant] = [:]
        var lineup: Lineup?
        /// Whether it has been taken down.
        var isOver = false

        mutating func arrange() {
            let arms = manifest.variants.compactMap { variant -> Lineup.Arm? in
                guard let live = variants[variant.name], let stable = live.stable else { return nil }
                return Lineup.Arm(variant: variant.name, stable: stable, candidate: live.candidate)
            }
            lineup = shares.flatMap { shares in
                Lineup(manifest, shares: shares, arms: arms, bandit: bandit, trial: trial, isDecided: isDecided)
            }
        }
    }

    private let content: Mutex<Content>

    init(manifest: EndpointManifest, document: JSON) {
        name = manifest.name
        content = Mutex(
            Content(manifest: manifest, document: document, gate: EndpointGate(manifest.limits)))
        (wakeUps, waker) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        waker.yield()
    }

    var manifest: EndpointManifest { content.withLock { $0.manifest } }

    func wake() {
        waker.yield()
    }

    /// Ends the task that keeps it.
    func end() {
        waker.finish()
    }

    func update(manifest: EndpointManifest, document: JSON) {
        content.withLock { content in
            if content.manifest.limits != manifest.limits { content.gate = EndpointGate(manifest.limits) }
            content.manifest = manifest
            content.document = document
            content.arrange()
        }
        wake()
    }

    // MARK: Deployments

    func variant(_ name: String) -> LiveVariant {
        content.withLock { $0.variants[name] ?? LiveVariant() }
    }

    /// Changes what is loaded for a variant; requests go by the new picture from now on.
    func change<Value>(_ variant: String, _ body: (inout LiveVariant) -> Value) -> Value {
        content.withLock { content in
            defer { content.arrange() }
            return body(&content.variants[variant, default: LiveVariant()])
        }
    }

    /// Deals units to variants.
    func deal(_ shares: Shares, _ bandit: LiveBandit?, _ trial: ExperimentTrial?, isDecided: Bool) {
        content.withLock { content in
            content.shares = shares
            content.bandit = bandit
            content.trial = trial
            content.isDecided = isDecided
            content.arrange()
        }
    }

    var bandit: LiveBandit? { content.withLock { $0.bandit } }
    /// Whether its experiment has been decided, and one variant answers for all.
    var isDecided: Bool { content.withLock { $0.isDecided } }
    var trial: ExperimentTrial? { content.withLock { $0.trial } }

    var shadow: ShadowMirror? { content.withLock { $0.shadow } }

    /// Lets copies of requests go to `shadow`.
    /// - Parameter problem: why there is none although the manifest wants one.
    /// - Returns: the one that they went to before.
    func set(shadow: ShadowMirror?, problem: String?) -> ShadowMirror? {
        content.withLock { content in
            defer {
                content.shadow = shadow
                content.shadowProblem = problem
            }
            return content.shadow
        }
    }

    /// Takes everything out that belongs to none of these variants; requests are refused where none is left.
    /// - Returns: what is to be retired.
    func clear(except kept: Set<String> = []) -> [Deployment] {
        content.withLock { content in
            let gone = content.variants.filter { !kept.contains($0.key) }
            for name in gone.keys { content.variants[name] = nil }
            content.isOver = kept.isEmpty
            content.arrange()
            return gone.values.flatMap { [$0.stable, $0.candidate?.deployment].compactMap(\.self) }
        }
    }

    // MARK: Requests

    /// What a request meets: one picture of the endpoint.
    struct Front: Sendable {
        let manifest: EndpointManifest
        let gate: EndpointGate
        let lineup: Lineup
        let shadow: ShadowMirror?
    }

    /// - Throws: `ServingError` 503 when nothing can answer yet, 404 when nothing will any more.
    func front() throws -> Front {
        let (front, states) = content.withLock { content in
            (
                content.lineup.map { lineup in
                    Front(manifest: content.manifest, gate: content.gate, lineup: lineup, shadow: content.shadow)
                },
                content.isOver
                    ? [] : content.manifest.variants.map { content.variants[$0.name]?.state ?? EndpointState() }
            )
        }
        guard let front else { throw Self.unavailable(name, states) }
        return front
    }

    /// Runs `body` with the deployment that answers for a variant at this moment, the first when none is named; it stays
    /// until `body` is done.
    /// - Throws: `ServingError` as `front` does, and 404 for a variant that is not there.
    func withDeployment<Value>(
        _ choice: VariantChoice = .assigned, _ body: (Deployment) async throws -> Value
    ) async throws -> Value {
        while true {
            let lineup = try front().lineup
            let deployment =
                switch choice {
                case .assigned: lineup.arms[0].stable
                case .named(let name): try lineup.arm(named: name).stable
                }
            // A deployment that was replaced in between refuses; the new one is there by then.
            guard deployment.enter() else { continue }
            defer { deployment.leave() }
            return try await body(deployment)
        }
    }

    private static func unavailable(_ name: String, _ states: [EndpointState]) -> ServingError {
        let reports = states.map { $0.report(current: nil, obstacle: nil) }
        let worst = reports.first { $0.state == .failed } ?? reports.first { $0.state == .loading }
        guard let worst else {
            return ServingError(.doesNotExist, "The endpoint '\(name)' is no longer served.")
        }
        return ServingError(
            .unavailable, "The endpoint '\(name)' is \(worst.state.rawValue). \(worst.message ?? "")",
            retryAfterSeconds: worst.state == .loading ? 1 : 30)
    }

    // MARK: Reporting

    /// How many requests wait for their turn.
    var waiting: Int { content.withLock { $0.gate }.waiting }

    func report() async -> Endpoint {
        let (manifest, document, variants) = content.withLock { ($0.manifest, $0.document, $0.variants) }
        let (shadow, problem) = content.withLock { ($0.shadow, $0.shadowProblem) }
        var reports: [Endpoint.Variant] = []
        for variant in manifest.variants {
            reports.append(await (variants[variant.name] ?? LiveVariant()).report(variant))
        }
        return Endpoint(
            name: manifest.name, team: manifest.team, variants: reports,
            shadow: manifest.shadow.map { wanted in
                Endpoint.Shadow(
                    deployed: shadow.map { Endpoint.Deployed($0.deployment) }, percent: wanted.percent,
                    taken: shadow?.taken.value ?? 0, dropped: shadow?.dropped.value ?? 0, message: problem)
            }, manifest: document)
    }
}

extension LiveEndpoint.LiveVariant {
    fileprivate func report(_ variant: EndpointManifest.Variant) async -> Endpoint.Variant {
        let obstacle = await stable?.runtime.obstacle()?.message
        let (state, message) = state.report(current: stable?.version.label, obstacle: obstacle)
        let refusal = refused.map { "\($0.to) was rolled back: \($0.reason)" }
        let remark = await stable?.runtime.remark()
        return Endpoint.Variant(
            name: variant.name, weight: variant.weight, state: state, message: message ?? refusal ?? remark,
            deployed: stable.map(Endpoint.Deployed.init),
            candidate: candidate.map { candidate in
                Endpoint.Candidate(
                    deployed: Endpoint.Deployed(candidate.deployment), percent: candidate.percent,
                    rollout: candidate.trial.rollout.id)
            })
    }
}

extension Endpoint.Deployed {
    fileprivate init(_ deployment: Deployment) {
        self.init(
            model: deployment.version.model, version: deployment.version.version, runtime: deployment.runtime.name,
            workers: deployment.runtime.workers)
    }
}
