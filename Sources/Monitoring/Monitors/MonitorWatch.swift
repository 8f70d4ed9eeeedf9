package import Logging
package import Manifests
package import Predictions
import ServiceLifecycle
package import Wire

/// Watches the prediction log: cuts it into windows, compares each with its reference, opens and closes alerts.
///
/// It keeps nothing in memory that it could not read again: after a restart each monitor goes on behind its last closed
/// window.
package struct MonitorWatch: Service {
    private let manifests: ManifestStore
    private let store: MonitorStore
    private let references: ReferenceStore
    private let log: PredictionLog
    private let clock: WallClock
    private let logger: Logger

    package init(
        manifests: ManifestStore, store: MonitorStore, references: ReferenceStore, log: PredictionLog,
        clock: WallClock, logger: Logger
    ) {
        self.manifests = manifests
        self.store = store
        self.references = references
        self.log = log
        self.clock = clock
        self.logger = logger
    }

    /// Predictions read at once.
    static let batch = 500
    /// How long it waits at most before it looks again, for manifests that changed and windows of minutes that ended.
    static let longestPause = Duration.seconds(5)
    /// Predictions that come within this time are read together.
    static let gathering = Duration.milliseconds(200)
    /// A window of minutes is closed this long after its end, when all of its predictions have reached the log.
    static let grace = Duration.seconds(2)

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            var courses: [String: MonitorCourse] = [:]
            while !Task.isCancelled {
                // Listens before it looks, so that no prediction slips in between.
                let arrivals = log.appended.subscribe()
                let isMoreWaiting = await pass(&courses)
                if !isMoreWaiting { await wait(for: arrivals) }
            }
        }
    }

    private func wait(for arrivals: AsyncStream<Void>) async {
        await withTaskGroup { group in
            group.addTask { for await _ in arrivals { return } }
            group.addTask { try? await Task.sleep(for: Self.longestPause) }
            await group.next()
            group.cancelAll()
        }
        // Lets a few more come, so that steady traffic is read in groups.
        try? await Task.sleep(for: Self.gathering)
    }

    /// Brings every monitor forward by a batch of predictions at most. A monitor that fails stays where it is, with a line
    /// in the log, and does not keep the others from going on.
    /// - Returns: whether more predictions are waiting.
    package func pass(_ courses: inout [String: MonitorCourse]) async -> Bool {
        var isMoreWaiting = false
        do {
            try await follow(try await manifests.all(kind: Monitor.kind.name), &courses)
        } catch {
            report(error, of: "The monitors")
        }
        for name in courses.keys.sorted() {
            guard var course = courses[name] else { continue }
            do {
                let isBehind = try await advance(&course)
                isMoreWaiting = isMoreWaiting || isBehind
            } catch {
                report(error, of: "Monitor \(name)")
            }
            courses[name] = course
        }
        return isMoreWaiting
    }

    private func report(_ error: any Error, of subject: String) {
        guard !(error is CancellationError) else { return }
        let reason = (error as? any Problem)?.description ?? "\(error)"
        logger.warning("\(subject) cannot go on for now: \(reason)")
    }

    /// Takes up new and changed monitors and lets go of deleted ones. One whose manifest cannot be read, because an earlier
    /// version took more, is left as it is.
    private func follow(_ manifests: [Manifest], _ courses: inout [String: MonitorCourse]) async throws {
        for manifest in manifests {
            do {
                let monitor = try Monitor(manifest)
                guard courses[monitor.name]?.monitor != monitor else { continue }
                courses[monitor.name] = MonitorCourse(monitor, try await store.progress(of: monitor.name))
            } catch {
                report(error, of: "Monitor \(manifest.name)")
            }
        }
        let names = Set(manifests.map(\.name))
        let known = Set(try await store.known())
        for gone in known.union(courses.keys).subtracting(names) {
            courses[gone] = nil
            try await store.forget(gone)
        }
    }

    private func advance(_ course: inout MonitorCourse) async throws -> Bool {
        // A window that could not be stored the last time.
        if course.open?.isFull == true { try await close(&course) }
        let predictions = try await log.predictions(
            PredictionQuery(endpoint: course.monitor.endpoint, after: course.position, limit: Self.batch))
        for prediction in predictions {
            if course.open?.takes(prediction) == false { try await close(&course) }
            if course.open == nil {
                let reference = try await references.reference(
                    model: prediction.model, version: prediction.version, context: course.monitor.reference)
                course.open = reference.map { OpenWindow(for: prediction, size: course.monitor.window, reference: $0) }
            }
            // Without a reference there is nothing to compare with, and the prediction is passed over.
            course.open?.add(prediction)
            course.position = prediction.id
            if course.open?.isFull == true { try await close(&course) }
        }
        if course.open == nil, let last = predictions.last, course.progress.cursor != last.id {
            course.progress.moveOn(to: last.id, model: last.model, version: last.version)
            try await store.save(course.progress, of: course.monitor.name)
        }
        if predictions.isEmpty, let deadline = course.open?.deadline, clock.now >= deadline + Self.grace {
            try await close(&course)
        }
        return predictions.count == Self.batch
    }

    private func close(_ course: inout MonitorCourse) async throws {
        guard let open = course.open else { return }
        course.progress = try await store.close(open, of: course.monitor, after: course.progress)
        course.open = nil
    }
}

/// How far one monitor has come since the start of the server.
package struct MonitorCourse: Sendable {
    package let monitor: Monitor
    package var progress: MonitorProgress
    /// The last prediction read.
    var position: PredictionID?
    var open: OpenWindow?

    init(_ monitor: Monitor, _ progress: MonitorProgress) {
        self.monitor = monitor
        self.progress = progress
        position = progress.cursor
    }
}
