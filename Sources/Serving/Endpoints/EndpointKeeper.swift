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
    let loads: ModelLoads
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
                if work.isSettled, !work.isWaiting { failures = 0 }
                guard !work.isSettled else { continue }
                failures += 1
                let delay = Duration.seconds(min(300, 5 << min(failures - 1, 10)))
                retry = Task {
                    try? await Task.sleep(for: delay)
                    if !Task.isCancelled { endpoint.wake() }
                }
            }
            retry?.cancel()
            await loads.close()
            // The endpoint was deleted; a server that shuts down is cancelled.
            if !Task.isCancelled {
                do {
                    try await rollouts.close(endpoint.name)
                } catch {
                    logger.error("The history of \(endpoint.name) cannot be closed: \(error)")
                }
            }
            await endpoint.set(shadow: nil, problem: nil)?.close()
            for former in endpoint.clear() { await former.retire() }
            beside.cancelAll()
        }
    }

    /// What a pass over the variants leaves to do.
    private struct Work {
        /// False when it is worth trying again without any change having been made.
        var isSettled = true
        /// Whether a model is being loaded, which says when it is there.
        var isWaiting = false
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
        let names = Set(manifest.variants.map(\.name))
        work.former += endpoint.clear(except: names)
        loads.keep(only: names.union([Self.shadowPlace]))
        do {
            let running = try await rollouts.history(of: endpoint.name).filter { $0.state == .running }
            try await rollouts.abandon(
                running.filter { !names.contains($0.variant) }.map {
                    VariantName(endpoint: $0.endpoint, name: $0.variant)
                })
            try await deal(manifest)
        } catch {
            logger.error("The units of \(endpoint.name) cannot be dealt for now: \(error)")
            work.isSettled = false
            return
        }
        for variant in manifest.variants {
            do {
                try await reconcile(variant, manifest, &work)
                loads.settle(variant.name, isWaiting: false)
            } catch is ModelLoads.StillLoading {
                loads.settle(variant.name, isWaiting: true)
                work.isWaiting = true
            } catch {
                loads.settle(variant.name, isWaiting: false)
                endpoint.change(variant.name) { $0.state.failed("\(error)") }
                logger.warning("\(endpoint.name) cannot serve \(variant.source) as \(variant.name): \(error)")
                work.isSettled = work.isSettled && ((error as? any Problem).map { $0.code.status < 500 } ?? false)
            }
        }
        await reconcileShadow(manifest, &work)
    }

    /// Lets the shadow be the version that is wanted. That it cannot be loaded takes nothing from those who ask.
    private func reconcileShadow(_ manifest: EndpointManifest, _ work: inout Work) async {
        do {
            guard let wanted = manifest.shadow else {
                work.formerMirrors += [endpoint.set(shadow: nil, problem: nil)].compactMap(\.self)
                loads.settle(Self.shadowPlace, isWaiting: false)
                return
            }
            let version = try await versions.find(wanted.source)
            if let mirror = endpoint.shadow, mirror.percent == wanted.percent,
                mirror.deployment.version == version, mirror.deployment.settings == wanted.settings,
                mirror.deployment.remote == wanted.source.remote
            {
                return
            }
            let runtime = try loads.runtime(
                ModelLoads.Wanted(
                    place: Self.shadowPlace, version: version, source: wanted.source, settings: wanted.settings))
            loads.settle(Self.shadowPlace, isWaiting: false)
            let mirror = ShadowMirror(
                Deployment(
                    variant: "shadow", version: version, settings: wanted.settings, remote: wanted.source.remote,
                    runtime: runtime),
                percent: wanted.percent, endpoint: endpoint.name, store: shadows, clock: clock, logger: logger)
            work.mirrors.append(mirror)
            work.formerMirrors += [endpoint.set(shadow: mirror, problem: nil)].compactMap(\.self)
            logger.info("\(endpoint.name) copies \(wanted.percent) % of its requests to \(version.label)")
        } catch is ModelLoads.StillLoading {
            loads.settle(Self.shadowPlace, isWaiting: true)
            work.isWaiting = true
        } catch {
            loads.settle(Self.shadowPlace, isWaiting: false)
            let isPassing = (error as? any Problem).map { $0.code.status >= 500 } ?? true
            work.isSettled = work.isSettled && !isPassing
            if isPassing, endpoint.shadow != nil { return }
            let problem = "The shadow \(manifest.shadow?.source.description ?? "") cannot be loaded: \(error)"
            work.formerMirrors += [endpoint.set(shadow: nil, problem: problem)].compactMap(\.self)
            logger.warning("\(endpoint.name): \(problem)")
        }
    }

    /// The shadow among the variants, none of which can have this name.
    private static let shadowPlace = "(shadow)"

    /// Takes one step after the other until the variant is as it should be.
    /// - Throws: `ModelLoads.StillLoading` when the next step is to be taken once a model is there.
    private func reconcile(
        _ variant: EndpointManifest.Variant, _ manifest: EndpointManifest, _ work: inout Work
    ) async throws {
        let name = VariantName(endpoint: endpoint.name, name: variant.name)
        let wanted = try await versions.find(variant.source)
        for _ in 0..<Self.maximumSteps {
            let history = try await rollouts.history(of: name.endpoint, variant: name.name)
            let live = endpoint.variant(variant.name)
            let place = VariantPlan.Place(
                stable: live.stable.flatMap { $0.isSetUp(as: variant) ? $0.version.label : nil },
                candidate: live.candidate?.deployment.version.label)
            let plan = VariantPlan.next(
                wanted: wanted.label, place: place, history: history,
                isGradual: manifest.rollout.isGradual && variant.source.remote == nil)
            switch plan {
            case .keep:
                try await follow(
                    history.first { $0.state == .running && $0.to == place.candidate }, variant, manifest, &work)
                let refused = history.first { $0.to == wanted.label && $0.state == .rolledBack }
                endpoint.change(variant.name) { live in
                    live.refused = wanted.label == live.stable?.version.label ? nil : refused
                    live.state.deployed()
                }
                return
            case .deploy(let version, let recording):
                var (label, recording) = (version, recording)
                let deployment: Deployment
                do {
                    deployment = try await load(label, wanted, variant)
                } catch let problem as any Problem where label != wanted.label && problem.code.status < 500 {
                    // What answered before is gone for good.
                    logger.warning("\(name.endpoint) cannot return to \(label): \(problem)")
                    (label, recording) = (wanted.label, .recorded)
                    deployment = try await load(label, wanted, variant)
                }
                if recording == .recorded {
                    try await keeping(deployment) {
                        try await rollouts.record(
                            label, instead: live.stable?.version.label, in: name, after: history.first?.id)
                    }
                }
                work.former += endpoint.change(variant.name) { live in
                    defer { live.stable = deployment }
                    live.state.deployed()
                    return [live.stable].compactMap(\.self)
                }
                logger.info("\(name.endpoint) serves \(label) as \(name.name)")
            case .tryOut(let label):
                let deployment = try await load(label, wanted, variant)
                let running = try await keeping(deployment) {
                    try await rollouts.begin(
                        label, beside: place.stable ?? "", in: name, plan: manifest.rollout)
                    return try await rollouts.history(of: name.endpoint, variant: name.name)
                        .first { $0.state == .running && $0.to == label }
                }
                guard let running else {
                    work.former.append(deployment)
                    continue
                }
                let trial = RolloutTrial(running)
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
                try await rollouts.abandon([name])
                work.former += endpoint.change(variant.name) { live in
                    defer { live.candidate = nil }
                    return [live.candidate?.deployment].compactMap(\.self)
                }
            }
        }
        throw ServingError(
            .internalError, "The variant '\(variant.name)' does not come to rest.", hint: "Please report this.")
    }

    /// Lets go of a deployment that nobody will answer with when `body` throws.
    private func keeping<Value>(_ deployment: Deployment, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch {
            await deployment.retire()
            throw error
        }
    }

    /// More than any path through the plan has.
    private static let maximumSteps = 8

    /// Gives the candidate the share of the step that its rollout has come to, after what the manifest says now.
    private func follow(
        _ running: Rollout?, _ variant: EndpointManifest.Variant, _ manifest: EndpointManifest, _ work: inout Work
    ) async throws {
        guard var running, let known = endpoint.variant(variant.name).candidate?.trial.rollout else { return }
        // A plan that is new here was changed by another server, whose manifest may be newer.
        if known.id == running.id, known.plan == running.plan, manifest.rollout != running.plan {
            guard let changed = try await rollouts.change(running, to: manifest.rollout) else { return }
            running = changed
        }
        guard !known.isAtTheSame(running) else { return }
        let begun = endpoint.change(variant.name) { [running] live -> RolloutTrial? in
            guard let candidate = live.candidate else { return nil }
            let isNew = candidate.trial.rollout.id != running.id
            let trial = isNew ? RolloutTrial(running) : candidate.trial
            trial.go(on: running)
            live.candidate = Lineup.Candidate(
                deployment: candidate.deployment, percent: running.percent, trial: trial)
            return isNew ? trial : nil
        }
        if let begun { work.trials.append(begun) }
        logger.info("\(endpoint.name) gives \(running.to) \(running.percent) % of \(variant.name)")
    }

    /// Loads the version of a label, which is the one that is wanted or an earlier one.
    private func load(
        _ label: String, _ wanted: ServedVersion, _ variant: EndpointManifest.Variant
    ) async throws -> Deployment {
        var version = wanted
        if label != wanted.label {
            guard variant.source.remote == nil else {
                throw ServingError(
                    .doesNotExist, "\(label) cannot be asked any more: it was served elsewhere, or before that.")
            }
            version = try await versions.find(.registered(try ModelReference("models:/\(label)")))
        }
        endpoint.change(variant.name) { $0.state.began(label) }
        let runtime = try loads.runtime(
            ModelLoads.Wanted(
                place: variant.name, version: version, source: variant.source, settings: variant.settings))
        return Deployment(
            variant: variant.name, version: version, settings: variant.settings, remote: variant.source.remote,
            runtime: runtime)
    }
}
