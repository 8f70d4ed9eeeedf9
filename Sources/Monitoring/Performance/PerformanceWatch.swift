import Incidents
package import Logging
package import Manifests
package import Predictions
import ServiceLifecycle
import Statistics
package import Wire

/// Follows labels: looks at windows that closed, again at those whose labels changed, and once more when no more labels are
/// waited for.
///
/// Nothing is lost when it is killed: a minute counts as looked at only after all that follows from its labels is stored.
package struct PerformanceWatch: Service {
    private let manifests: MonitorManifests
    private let store: PerformanceStore
    private let source: ReferenceSource
    private let log: PredictionLog
    private let versions: @Sendable (_ endpoint: String) async throws -> EndpointVersions
    private let clock: WallClock
    private let logger: Logger
    private let tables = ReferenceTables()
    private let missing = MissingBases()
    private let looked = PerformanceLooks()
    /// The endpoints at which somebody looks.
    private let underWay = UnderWay()
    /// So many endpoints are looked at side by side.
    private let turns = Turnstile(places: 4)
    /// Given when more waits at an endpoint than was looked at.
    private let behind = Signal()

    /// - Parameter versions: tells what answers at an endpoint, and what did.
    package init(
        manifests: ManifestStore, store: PerformanceStore, source: ReferenceSource, log: PredictionLog,
        versions: @escaping @Sendable (_ endpoint: String) async throws -> EndpointVersions = { _ in .unknown },
        clock: WallClock, logger: Logger
    ) {
        self.manifests = MonitorManifests(manifests)
        self.store = store
        self.source = source
        self.log = log
        self.versions = versions
        self.clock = clock
        self.logger = logger
    }

    /// Windows of one monitor that are looked at in one go.
    static let turn = 50
    /// Minutes whose labels changed that are taken up at once.
    static let minutes = 20_000
    /// How long it waits at most before it looks again, for windows that closed.
    static let longestPause = Duration.seconds(5)
    /// How long labels gather before they are looked at, at least; and as a multiple of how long the last look at the endpoint
    /// took, so that labels that trickle in do not have the same window read over and over.
    static let gathering = Duration.seconds(1)
    static let rest = 9

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    let arrivals = [log.labelled.subscribe(), behind.subscribe()]
                    // An endpoint that takes its time, as with a dataset that is far away, keeps no other from its turn.
                    for look in await looks().looks { group.addTask { await take(look) } }
                    await wait(for: arrivals)
                    try? await Task.sleep(for: Self.gathering)
                }
            }
        }
    }

    private func wait(for arrivals: [AsyncStream<Void>]) async {
        await withTaskGroup { group in
            for arrivals in arrivals { group.addTask { for await _ in arrivals { return } } }
            group.addTask { try? await Task.sleep(for: Self.longestPause) }
            await group.next()
            group.cancelAll()
        }
    }

    /// What there is to look at of one endpoint.
    private struct Look: Sendable {
        let endpoint: String
        let monitors: [Monitor]
        let minutes: [LabelledMinute]
        /// How often windows of each monitor were kept.
        let changes: [String: Int]
    }

    /// Looks at an endpoint, and lets it rest.
    private func take(_ look: Look) async {
        let began = clock.now
        let isBehind = await review(look)
        let took = max(0, clock.now.milliseconds - began.milliseconds)
        try? await Task.sleep(for: .milliseconds(min(60_000, Self.rest * Int(took))))
        underWay.end(look.endpoint)
        if isBehind { behind.notify() }
    }

    /// Looks at what there is to look at. A monitor that fails is left as it is, with a line in the log.
    /// - Returns: whether more is waiting.
    package func pass() async -> Bool {
        let (looks, isMoreWaiting) = await looks()
        return await withTaskGroup(of: Bool.self) { group in
            for look in looks {
                group.addTask {
                    defer { underWay.end(look.endpoint) }
                    return await review(look)
                }
            }
            return await group.reduce(isMoreWaiting) { $0 || $1 }
        }
    }

    /// What is to be looked at of the endpoints at which nobody looks, of all whose monitors measure quality; they count as
    /// looked at until `underWay` is told.
    private func looks() async -> (looks: [Look], isMoreWaiting: Bool) {
        do {
            let found = try await manifests.all()
            let monitors = found.compactMap { try? $0.monitor.get() }.filter(\.performance.isOn)
            try await store.forget(except: found.map(\.name))
            let watched = Dictionary(grouping: monitors, by: \.endpoint)
            let minutes = try await log.labelledMinutes(limit: Self.minutes)
            try await log.settle(minutes.filter { watched[$0.endpoint] == nil })
            let changes = try await store.changes()
            let looks = watched.keys.sorted().filter(underWay.begin).map { endpoint in
                Look(
                    endpoint: endpoint, monitors: watched[endpoint] ?? [],
                    minutes: minutes.filter { $0.endpoint == endpoint }, changes: changes)
            }
            return (looks, minutes.count == Self.minutes && !looks.isEmpty)
        } catch {
            report(error, of: "The quality of models")
            return ([], false)
        }
    }

    /// - Returns: whether more is waiting at the endpoint.
    private func review(_ look: Look) async -> Bool {
        var (isBehind, hasFailed) = (false, false)
        do {
            try await turns.enter()
            defer { turns.leave() }
            for monitor in look.monitors {
                let (changes, now) = (look.changes[monitor.name] ?? 0, clock.now)
                let isDue = await looked.isDue(monitor, changes: changes, at: now)
                guard isDue || !look.minutes.isEmpty else { continue }
                do {
                    let due = try await review(monitor, changes: changes, minutes: look.minutes)
                    await looked.note(monitor, change: due.change, at: now)
                    isBehind = due.isMoreWaiting || isBehind
                } catch {
                    hasFailed = true
                    report(error, of: "The quality of monitor \(monitor.name)")
                }
            }
            if !hasFailed { try await log.settle(look.minutes) }
        } catch {
            hasFailed = true
            report(error, of: "The quality at endpoint \(look.endpoint)")
        }
        return isBehind && !hasFailed
    }

    private func report(_ error: any Error, of subject: String) {
        guard !(error is CancellationError) else { return }
        let reason = (error as? any Problem)?.description ?? "\(error)"
        logger.warning("\(subject) cannot be looked at for now: \(reason)")
    }

    /// - Parameter changes: how often windows of the monitor were kept.
    /// - Returns: what was due.
    private func review(
        _ monitor: Monitor, changes: Int, minutes: [LabelledMinute]
    ) async throws -> PerformanceStore.Due {
        let source = log.source
        if !minutes.isEmpty { await missing.lookAgain(for: monitor) }
        let deadline = Timestamp(
            milliseconds: clock.now.milliseconds - Int64(monitor.performance.labelDays) * 86_400_000)
        let former = await looked.change(of: monitor, upTo: changes)
        let due = try await store.due(
            of: monitor.name, source: source, after: former, known: changes, before: deadline, limit: Self.turn)
        var windows = due.unseen
        if !monitor.merged.isEmpty {
            for window in windows where window.length == .window {
                windows += try await store.merged(over: window, of: monitor.name)
            }
        }
        // Those behind them are looked at in their turn.
        let last = due.isMoreWaiting ? due.unseen.map(\.number).max() ?? .max : .max
        windows += due.overdue
        for (from, to) in Self.stretches(minutes) {
            windows += try await store.windows(of: monitor.name, from: from, to: to).filter { $0.number <= last }
        }
        var seen: Set<Int> = []
        // Hours and days are made of what is known of the windows in them.
        windows.sort { ($0.length, $0.number) < ($1.length, $1.number) }
        for window in windows where seen.insert(window.number).inserted {
            try await review(window, of: monitor)
        }
        return due
    }

    /// Nil while it is not known what answers at the endpoint.
    private func isOver(_ window: PerformanceStore.Window, of monitor: Monitor) async throws -> Bool? {
        let versions = try await versions(monitor.endpoint)
        return versions.answering.isEmpty ? nil : versions.hasLost(window.lane)
    }

    /// Minutes that follow on each other, as one.
    static func stretches(_ minutes: [LabelledMinute]) -> [(from: Timestamp, to: Timestamp)] {
        var stretches: [(from: Timestamp, to: Timestamp)] = []
        for minute in minutes.sorted(by: { $0.start < $1.start }) {
            if let last = stretches.last, last.to == minute.start {
                stretches[stretches.count - 1].to = minute.end
            } else {
                stretches.append((minute.start, minute.end))
            }
        }
        return stretches
    }

    private func review(_ window: PerformanceStore.Window, of monitor: Monitor) async throws {
        let isOverdue = clock.now >= monitor.performance.deadline(ofEnd: window.end, judgedAt: window.judgedAt)
        guard window.length == .window else {
            return try await reviewMerged(window, of: monitor, isOverdue: isOverdue)
        }
        let standing = try await store.standing(of: window, monitor, source: log.source)
        let members = standing.members
        let review = PerformanceReview(monitor: monitor, log: log, members: members, now: clock.now)
        // What was said for good is not said otherwise behind anybody's back.
        if isOverdue, standing.isSettled { return try await noteLateLabels(window, of: monitor, review) }
        var basis = standing.basis
        let reference = try await tables.rows(
            of: window.model, window.version, monitor, withLabels: basis == nil, from: source, now: clock.now)
        if basis == nil { basis = try await makeBasis(of: window, monitor, review, reference) }
        let isCompared = PerformanceReview.isCompared(reference.inputs)
        let inputs = isCompared ? try await store.rows(of: window, monitor.name, source: log.source) : nil
        let performance = try await review.performance(
            of: window, basis: basis, known: store.segments(of: monitor), inputs: inputs, reference: reference.inputs)
        let (rule, certainty) = (monitor.performance, PerformanceCertainty(window, monitor.alarms))
        let isOver = performance.saysNothing ? nil : try await isOver(window, of: monitor)
        try await store.keep(
            performance, of: window, members: members, source: log.source, monitor, at: clock.now, isOver: isOver
        ) { [basis] merged in
            PerformanceFamily.findings(of: merged, basis: basis, by: rule, certainty, record: standing.record)
        }
    }

    private func noteLateLabels(
        _ window: PerformanceStore.Window, of monitor: Monitor, _ review: PerformanceReview
    ) async throws {
        let known = try await store.known(of: window, monitor.name, source: log.source)
        guard let known else { return }
        let late = try await review.labels(of: window, after: known.madeAt, besides: known.read)
        try await store.note(lateLabels: late, of: window, monitor.name, source: log.source)
    }

    private func reviewMerged(
        _ window: PerformanceStore.Window, of monitor: Monitor, isOverdue: Bool
    ) async throws {
        let standing = try await store.standing(of: window, monitor, source: log.source)
        if isOverdue, standing.isSettled { return }
        let (rule, certainty) = (monitor.performance, PerformanceCertainty(window, monitor.alarms))
        let merged = WindowPerformance(
            try await store.parts(of: window, monitor.name, source: log.source), in: window, of: monitor.name,
            isOverdue: isOverdue, at: clock.now)
        let isOver = try await isOver(window, of: monitor)
        try await store.keep(
            merged, of: window, source: log.source, monitor, at: clock.now, isOver: isOver
        ) { merged in
            PerformanceFamily.findings(of: merged, basis: standing.basis, by: rule, certainty).map {
                $0.of(window.length)
            }
        }
    }

    /// What can be made now: of the dataset, else of the version's first labelled rows.
    private func makeBasis(
        of window: PerformanceStore.Window, _ monitor: Monitor, _ review: PerformanceReview,
        _ reference: ReferenceRows
    ) async throws -> PerformanceBasis? {
        let (model, version) = (window.model, window.version)
        var made = PerformanceBasis(
            reference.labelled ?? [], origin: .dataset(monitor.reference.words), task: monitor.task,
            rule: monitor.performance)
        if made == nil, await missing.isWorthALook(model, version, of: monitor) {
            let first = try await store.firstWindow(of: monitor.name, model: model, version: version) ?? window
            let (rows, last) = try await review.firstRows(from: first)
            made = PerformanceBasis(
                rows, origin: .production(from: first.start, to: last), task: monitor.task,
                rule: monitor.performance)
        }
        if let made {
            try await store.keep(made, of: monitor.name, model: model, version: version)
        } else {
            await missing.note(model, version, of: monitor)
        }
        return made
    }
}
