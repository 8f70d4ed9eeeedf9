package import Incidents
package import Logging
package import Predictions
import ServiceLifecycle
package import Wire

/// Judges what was counted: compares each window that closed, or changed after that, with its reference, and opens and closes
/// alerts.
///
/// It keeps nothing in memory that it could not read again: a window waits until what was found in it is stored.
///
/// Several servers on one database judge the same windows; of each it counts what one of them found (`MonitorStore.keep`).
package struct MonitorWatch: Service {
    private let templates: TemplateStore
    let store: MonitorStore
    let windows: WindowStore
    let alerts: AlertStore
    private let desk: ReferenceDesk
    private let closed: Signal
    private let costs: CostDesk?
    private let log: PredictionLog?
    let versions: @Sendable (_ endpoint: String) async throws -> EndpointVersions
    let clock: WallClock
    private let logger: Logger

    /// - Parameters:
    ///   - templates: knows the monitors that count and have no manifest yet.
    ///   - closed: given whenever a window has been stored that may be judged.
    ///   - costs: tells what predictions took of the machine; nil for nothing.
    ///   - log: tells what labels came; nil for nothing.
    ///   - versions: tells what answers at an endpoint, and what did.
    package init(
        templates: TemplateStore, store: MonitorStore, windows: WindowStore,
        alerts: AlertStore,
        desk: ReferenceDesk, closed: Signal, costs: CostDesk? = nil, log: PredictionLog? = nil,
        versions: @escaping @Sendable (_ endpoint: String) async throws -> EndpointVersions = { _ in .unknown },
        clock: WallClock, logger: Logger
    ) {
        self.templates = templates
        self.store = store
        self.windows = windows
        self.alerts = alerts
        self.versions = versions
        self.desk = desk
        self.closed = closed
        self.costs = costs
        self.log = log
        self.clock = clock
        self.logger = logger
    }

    /// Windows judged at once for one monitor.
    static let batch = 50
    /// How long it waits at most before it looks again, for manifests that changed and windows of minutes that ended.
    static let longestPause = Duration.seconds(5)
    /// Windows that close within this time are judged together.
    static let gathering = Duration.milliseconds(200)

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var courses: [String: MonitorCourse] = [:]
            while !Task.isCancelled {
                // Listens before it looks, so that no window slips in between.
                let closings = closed.subscribe()
                let isMoreWaiting = await pass(&courses)
                if !isMoreWaiting { await wait(for: closings) }
            }
        }
    }

    private func wait(for closings: AsyncStream<Void>) async {
        await withTaskGroup { group in
            group.addTask { for await _ in closings { return } }
            group.addTask { try? await Task.sleep(for: Self.longestPause) }
            await group.next()
            group.cancelAll()
        }
        try? await Task.sleep(for: Self.gathering)
    }

    /// Judges what waits, of every monitor a batch at most. A monitor that fails stays where it is, with a line in the log, and
    /// does not keep the others from going on.
    /// - Returns: whether more windows are waiting.
    package func pass(_ courses: inout [String: MonitorCourse]) async -> Bool {
        var isMoreWaiting = false
        do {
            try await follow(try await templates.monitorManifests(), &courses)
        } catch {
            report(error, of: "The monitors")
        }
        let waiting = await waiting()
        for name in courses.keys.sorted() {
            guard var course = courses[name] else { continue }
            do {
                let windows = waiting.map { $0[name] ?? [] }
                let isBehind = try await advance(&course, waiting: windows)
                isMoreWaiting = isMoreWaiting || isBehind
            } catch {
                report(error, of: "Monitor \(name)")
            }
            courses[name] = course
        }
        do {
            try await closeLapsed(courses.values.map(\.judge.monitor))
        } catch {
            report(error, of: "What alerts are about")
        }
        return isMoreWaiting
    }

    /// The windows that wait, by monitor; nil when that cannot be told.
    private func waiting() async -> [String: [TrafficWindow]]? {
        do {
            return try await windows.waiting(at: clock.now, limit: Self.batch)
        } catch {
            report(error, of: "The windows of monitors")
            return nil
        }
    }

    private func report(_ error: any Error, of subject: String) {
        guard !(error is CancellationError) else { return }
        let reason = (error as? any Problem)?.description ?? "\(error)"
        logger.warning("\(subject) cannot go on for now: \(reason)")
    }

    /// Takes up new and changed monitors and lets go of deleted ones. One whose manifest cannot be read, because an earlier
    /// version took more, is left as it is.
    private func follow(_ manifests: [MonitorManifests.Entry], _ courses: inout [String: MonitorCourse]) async throws {
        for (name, monitor) in manifests {
            do {
                let monitor = try monitor.get()
                guard courses[monitor.name]?.judge.monitor != monitor else { continue }
                courses[monitor.name] = try await store.course(of: monitor)
            } catch {
                report(error, of: "Monitor \(name)")
            }
        }
        let names = Set(manifests.map(\.name))
        let known = Set(try await store.known()).union(try await windows.known())
        for gone in known.union(courses.keys).subtracting(names) {
            courses[gone] = nil
            try await store.forget(gone, unlessWantedBy: templates)
        }
    }

    /// - Parameter known: the windows of the monitor that wait; nil when that could not be told.
    /// - Returns: whether more windows are waiting.
    private func advance(_ course: inout MonitorCourse, waiting known: [TrafficWindow]?) async throws -> Bool {
        var waiting = known ?? []
        if known == nil {
            waiting = try await windows.waiting(of: course.judge.monitor.name, at: clock.now, limit: Self.batch)
        }
        var isPending = false
        for window in waiting {
            do {
                let judged = try await judge(window, &course)
                guard try await note(judged, &course) else { return true }
            } catch is ReferencePending {
                // Its reference is being made: it waits with those after it, and no other monitor waits for it.
                isPending = true
                break
            }
        }
        if !isPending {
            guard waiting.count < Self.batch else { return true }
            guard try await !judgeMerged(&course) else { return true }
        }
        if waiting.isEmpty, let overdue = overdue(course) {
            let kept = try await store.keep(
                overdue, of: nil, by: course.judge, families: [.quality], at: clock.now)
            guard try await note(kept, &course) else { return true }
        }
        guard try await !judgeCalls(&course) else { return true }
        try await dropOld(&course)
        return false
    }

    /// Between two looks for windows that are too old to be kept, and how often it drops some of them then.
    private static let dropping = Duration.seconds(3_600)
    private static let dropsAtOnce = 20

    private func dropOld(_ course: inout MonitorCourse) async throws {
        if let last = course.droppedAt, clock.now < last + Self.dropping { return }
        for _ in 0..<Self.dropsAtOnce {
            guard try await store.dropOld(of: course.judge.monitor, at: clock.now) else {
                course.droppedAt = clock.now
                return
            }
        }
    }

    /// Judges hours and days once the windows in them are judged.
    /// - Returns: whether more are waiting.
    private func judgeMerged(_ course: inout MonitorCourse) async throws -> Bool {
        let monitor = course.judge.monitor
        let waiting = try await windows.waitingMerged(
            of: monitor.name, monitor.merged, at: clock.now, limit: Self.batch)
        do {
            for window in waiting {
                let judged = try await judge(window, &course)
                guard try await note(judged, &course) else { return true }
            }
        } catch is ReferencePending {
            return false
        }
        return waiting.count == Self.batch
    }

    /// Takes note of a window that was kept.
    /// - Parameter window: nil when another server was first; then it looks again at where the monitor stands.
    private func note(_ window: MonitorWindow?, _ course: inout MonitorCourse) async throws -> Bool {
        guard let window else {
            course.goOn(from: try await store.course(of: course.judge.monitor))
            return false
        }
        course.judge.note(window)
        return true
    }

    private func judge(_ window: TrafficWindow, _ course: inout MonitorCourse) async throws -> MonitorWindow? {
        let monitor = course.judge.monitor
        let records = try await windows.judged(
            window, withRows: monitor.drift.readsRows(in: monitor.size(window.length)))
        let references = try await desk.references(
            for: window, records, of: monitor, &course.shelf)
        let absence = try await desk.absence(of: window, monitor, found: references)
        let cost = try await costs?.cost(of: window, of: monitor, counted: windows)
        // By whole minutes, each of which is in one window.
        let labels = try await log?.labelArrivals(
            of: monitor.endpoint, from: (course.judge.end(before: window) ?? window.start).start(ofMinutes: 1),
            to: window.end.start(ofMinutes: 1))
        let judged = course.judge.window(
            window, records, references: references, absence: absence, cost: cost, labels: labels, now: clock.now)
        // The last windows of a version that was taken out, which nobody can do anything about.
        let versions = judged.bad.isEmpty ? .unknown : try await versions(monitor.endpoint)
        return try await store.keep(
            judged, of: window, by: course.judge, families: MonitorEvaluation.families,
            isOver: versions.hasLost(window.lane), at: clock.now)
    }

    /// Judges how often an endpoint was called in the stretches of the clock that ended since the last look, where a monitor
    /// limits it.
    /// - Returns: whether another server was first.
    private func judgeCalls(_ course: inout MonitorCourse) async throws -> Bool {
        let monitor = course.judge.monitor
        guard !monitor.calls.isEmpty else { return false }
        for stretch in course.callStretches(at: clock.now) {
            let record = try await windows.merged(monitor: monitor.name, from: stretch.start, to: stretch.end)
            let findings = CallsFamily.findings(
                record?.calls ?? CallCounts(), minutes: Double(monitor.calls.minutes), by: monitor.calls)
            let window = MonitorWindow(
                monitor: monitor.name, number: 0, lane: .whole, start: stretch.start, end: stretch.end,
                rows: record?.rows ?? 0, findings: findings)
            let kept = try await store.keep(
                window, of: nil, by: course.judge, families: [.calls], callsCountedTo: stretch.end, at: clock.now)
            guard try await note(kept, &course) else { return true }
            course.callsCountedTo = stretch.end
        }
        return false
    }

    /// What is to be said of rows that do not come where a monitor wants to know.
    private func overdue(_ course: MonitorCourse) -> MonitorWindow? {
        let recent = course.judge.recent
        guard let last = recent.last(where: { $0.rows > 0 && $0.lane != .whole && $0.length == .window }) else {
            return nil
        }
        let told = recent.count { $0.rows == 0 && $0.lane == last.lane && $0.start == last.end }
        return Freshness.overdue(
            course.judge.monitor, since: last.end, told: told, lane: last.lane, now: clock.now)
    }
}
