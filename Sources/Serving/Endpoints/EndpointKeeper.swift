import Blobs
import Experiments
import Logging
import Registry
import Runtimes
import Wire

/// Keeps one endpoint what its manifest, the registry and its rollouts say: loads versions beside those that answer, lets
/// requests go to them when they are ready, and ends the former ones once their last request is done.
struct EndpointKeeper: Sendable {
    let endpoint: LiveEndpoint
    let versions: VersionFinder
    let loader: ModelLoader
    let rollouts: RolloutStore
    let shares: ShareStore
    let shadows: ShadowStore
    let experiments: ExperimentWatch
    let entropy: Entropy
    let clock: WallClock
    let control: RolloutControl
    let logger: Logger

    /// Keeps the endpoint until it is deleted. A version that was replaced may be busy for long: it is retired beside.
    func run() async {
        var failures = 0
        var retry: Task<Void, Never>?
        await withDiscardingTaskGroup { beside in
            beside.addTask { await experiments.follow(endpoint, clock: clock, entropy: entropy, logger: logger) }
            for await _ in endpoint.wakeUps {
                retry?.cancel()
                var work = Work()
                await reconcile(&work)
                for former in work.former { beside.addTask { await former.retire() } }
                for mirror in work.mirrors { beside.addTask { await mirror.run() } }
                for former in work.formerMirrors { beside.addTask { await former.close() } }
                for trial in work.trials { beside.addTask { await control.follow(trial) } }
                failures = work.isSettled ? 0 : failures + 1
                guard !work.isSettled else { continue }
                let delay = Duration.seconds(min(300, 5 << min(failures - 1, 10)))
                retry = Task {
                    try? await Task.sleep(for: delay)
                    if !Task.isCancelled { endpoint.wake() }
                }
            }
            retry?.cancel()
            await endpoint.set(shadow: nil, problem: nil)?.close()
            for former in endpoint.clear() { await former.retire() }
            beside.cancelAll()
        }
    }

    /// What a pass over the variants leaves to do.
    private struct Work {
        /// False when it is worth trying again without any change having been made.
        var isSettled = true
        /// Deployments that were replaced.
        var former: [Deployment] = []
        /// Rollouts that came to a step.
        var trials: [RolloutTrial] = []
        /// Shadows that were begun, and those that they replace.
        var mirrors: [ShadowMirror] = []
        var formerMirrors: [ShadowMirror] = []
    }

    private func reconcile(_ work: inout Work) async {
        let manifest = endpoint.manifest
        work.former += endpoint.clear(except: Set(manifest.variants.map(\.name)))
        do {
            try await deal(manifest)
        } catch {
            logger.error("The units of \(endpoint.name) cannot be dealt for now: \(error)")
            work.isSettled = false
            return
        }
        await reconcileShadow(manifest, &work)
        for variant in manifest.variants {
            do {
                try await reconcile(variant, manifest, &work)
            } catch {
                endpoint.change(variant.name) { $0.state.failed("\(error)") }
                logger.warning("\(endpoint.name) cannot serve \(variant.source) as \(variant.name): \(error)")
                work.isSettled = work.isSettled && ((error as? any Problem).map { $0.code.status < 500 } ?? false)
            }
        }
    }

    /// Lets the shadow be the version that is wanted. That it cannot be loaded takes nothing from those who ask.
    private func reconcileShadow(_ manifest: EndpointManifest, _ work: inout Work) async {
        do {
            guard let wanted = manifest.shadow else {
                work.formerMirrors += [endpoint.set(shadow: nil, problem: nil)].compactMap(\.self)
                return
            }
            let version = try await versions.find(wanted.source)
            if let mirror = endpoint.shadow, mirror.percent == wanted.percent,
                mirror.deployment.version == version, mirror.deployment.settings == wanted.settings
            {
                return
            }
            let runtime = try await loader.make(version, wanted.source, wanted.settings)
            let mirror = ShadowMirror(
                Deployment(variant: "shadow", version: version, settings: wanted.settings, runtime: runtime),
                percent: wanted.percent, endpoint: endpoint.name, store: shadows, clock: clock, logger: logger)
            work.mirrors.append(mirror)
            work.formerMirrors += [endpoint.set(shadow: mirror, problem: nil)].compactMap(\.self)
            logger.info("\(endpoint.name) copies \(wanted.percent) % of its requests to \(version.label)")
        } catch {
            let problem = "The shadow \(manifest.shadow?.source.description ?? "") cannot be loaded: \(error)"
            work.formerMirrors += [endpoint.set(shadow: nil, problem: problem)].compactMap(\.self)
            work.isSettled = work.isSettled && ((error as? any Problem).map { $0.code.status < 500 } ?? false)
            logger.warning("\(endpoint.name): \(problem)")
        }
    }

    /// Deals units to the variants, so that only those move that have to; all to one that an experiment was decided for.
    private func deal(_ manifest: EndpointManifest) async throws {
        let salt = manifest.assignment?.salt ?? ""
        let wanted = manifest.variants.map { ($0.name, $0.weight * 100) }
        let dealt = try await shares.dealt(wanted, of: endpoint.name, salt: salt)
        let experiment = manifest.onlineExperiment
        var winner: String?
        if let experiment { winner = try await experiments.declare(experiment, shares: dealt) }
        if let winner {
            endpoint.deal(
                try dealt.changed(to: wanted.map { ($0.0, $0.0 == winner ? 10_000 : 0) }), nil, nil, isDecided: true)
            logger.info("The experiment of \(endpoint.name) is decided: \(winner) answers for all")
            return
        }
        endpoint.deal(
            dealt, experiment.flatMap(bandit), experiment.flatMap { trial(of: $0, dealt) }, isDecided: false)
    }

    /// The bandit goes on with what it knows as long as it is the same one.
    private func bandit(of experiment: OnlineExperiment) -> LiveBandit? {
        guard let spec = experiment.bandit else { return nil }
        if let known = endpoint.bandit, known.id == experiment.id, known.spec == spec { return known }
        return LiveBandit(Bandit(spec, arms: experiment.arms.map { BanditArm($0) }), id: experiment.id)
    }

    private func trial(of experiment: OnlineExperiment, _ shares: Shares) -> ExperimentTrial? {
        if let known = endpoint.trial, known.experiment == experiment { return known }
        return ExperimentTrial(experiment, shares: shares)
    }

    /// Takes one step after the other until the variant is as it should be.
    private func reconcile(
        _ variant: EndpointManifest.Variant, _ manifest: EndpointManifest, _ work: inout Work
    ) async throws {
        let name = VariantName(endpoint: endpoint.name, name: variant.name)
        let wanted = try await versions.find(variant.source)
        for _ in 0..<Self.maximumSteps {
            let history = try await rollouts.history(of: name.endpoint, variant: name.name)
            let live = endpoint.variant(variant.name)
            let place = VariantPlan.Place(
                stable: live.stable.flatMap { $0.settings == variant.settings ? $0.version.label : nil },
                candidate: live.candidate?.deployment.version.label)
            let plan = VariantPlan.next(
                wanted: wanted.label, place: place, history: history,
                isGradual: manifest.rollout.isGradual && variant.source.isRegistered)
            switch plan {
            case .keep:
                follow(history.first { $0.state == .running && $0.to == place.candidate }, variant, manifest, &work)
                let refused = history.first { $0.to == wanted.label && $0.state == .rolledBack }
                endpoint.change(variant.name) { live in
                    live.refused = wanted.label == live.stable?.version.label ? nil : refused
                    live.state.deployed()
                }
                return
            case .deploy(let label, let recording):
                let deployment = try await load(label, wanted, variant)
                if recording == .recorded {
                    try await rollouts.record(label, instead: live.stable?.version.label, in: name)
                }
                work.former += endpoint.change(variant.name) { live in
                    defer { live.stable = deployment }
                    live.state.deployed()
                    return [live.stable].compactMap(\.self)
                }
                logger.info("\(name.endpoint) serves \(label) as \(name.name)")
            case .tryOut(let label):
                let deployment = try await load(label, wanted, variant)
                try await rollouts.begin(
                    label, beside: place.stable ?? "", in: name, steps: manifest.rollout.steps)
                let running = try await rollouts.history(of: name.endpoint, variant: name.name)
                    .first { $0.state == .running && $0.to == label }
                guard let running else {
                    work.former.append(deployment)
                    continue
                }
                let trial = RolloutTrial(running, plan: manifest.rollout)
                endpoint.change(variant.name) { live in
                    live.candidate = Lineup.Candidate(deployment: deployment, percent: running.percent, trial: trial)
                }
                work.trials.append(trial)
                logger.info("\(name.endpoint) tries \(label) out as \(name.name) with \(running.percent) %")
            case .promoteCandidate:
                work.former += endpoint.change(variant.name) { live in
                    let former = live.stable
                    live.stable = live.candidate?.deployment ?? live.stable
                    live.candidate = nil
                    return [former].compactMap(\.self)
                }
                logger.info("\(name.endpoint) serves \(wanted.label) as \(name.name)")
            case .dropCandidate:
                work.former += endpoint.change(variant.name) { live in
                    defer { live.candidate = nil }
                    return [live.candidate?.deployment].compactMap(\.self)
                }
            }
        }
        throw ServingError(
            .internalError, "The variant '\(variant.name)' does not come to rest.", hint: "Please report this.")
    }

    /// More than any path through the plan has.
    private static let maximumSteps = 8

    /// Gives the candidate the share of the step that its rollout has come to.
    private func follow(
        _ running: Rollout?, _ variant: EndpointManifest.Variant, _ manifest: EndpointManifest, _ work: inout Work
    ) {
        guard let running else { return }
        let trial = endpoint.change(variant.name) { live -> RolloutTrial? in
            guard let candidate = live.candidate, candidate.trial.rollout.step != running.step else { return nil }
            let trial = candidate.trial.next(running)
            live.candidate = Lineup.Candidate(
                deployment: candidate.deployment, percent: running.percent, trial: trial)
            return trial
        }
        if let trial {
            work.trials.append(trial)
            logger.info("\(endpoint.name) gives \(running.to) \(running.percent) % of \(variant.name)")
        }
    }

    /// Loads the version of a label, which is the one that is wanted or an earlier one.
    private func load(
        _ label: String, _ wanted: ServedVersion, _ variant: EndpointManifest.Variant
    ) async throws -> Deployment {
        var version = wanted
        if label != wanted.label {
            version = try await versions.find(.registered(try ModelReference("models:/\(label)")))
        }
        endpoint.change(variant.name) { $0.state.began(label) }
        let runtime = try await loader.make(version, variant.source, variant.settings)
        return Deployment(variant: variant.name, version: version, settings: variant.settings, runtime: runtime)
    }
}
