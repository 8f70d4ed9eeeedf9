import Incidents
package import Logging
package import Predictions
import ServiceLifecycle
package import Wire

/// Counts what the prediction log tells into the windows of the monitors: each prediction exactly once, however the server
/// ends, and late ones in the minute of their own time.
///
/// What was counted is in memory for about a second, and in the journal for as long. Records and the place in the journal up
/// to which they count are stored in one transaction; after a restart the journal is told again from an earlier place, and
/// what is counted already is passed over.
package actor WindowFeed: Service {
    private let store: WindowStore
    private let plans: @Sendable () async throws -> [WindowPlan]
    private let replanned: Signal
    private let anchors: @Sendable (WindowPlan, _ model: String, _ version: Int) async throws -> AnchorAnswer
    private let clock: WallClock
    private let logger: Logger
    private var counter: WindowCounter?
    private var flushing: Task<Void, any Error>?
    private var followed: (at: Timestamp, changes: Int)?
    private var flushedAt: Timestamp?
    private var rolledUpAt: Timestamp?
    private var anchorsSaidAt: Timestamp?
    /// Held by who counts, who takes up monitors and who rolls up: no window is begun twice, and no record is in memory while
    /// it is merged into a longer one.
    private let turn = Turnstile(places: 1)
    /// Given whenever a window that was closed has been stored.
    package nonisolated let closed = Signal()

    /// - Parameters:
    ///   - plans: what to count, as the monitors are now.
    ///   - replanned: wakes when they may have changed, for a prediction that comes after a monitor must be counted for it.
    ///   - anchors: what the columns of a version are compared with. Counting waits for the answer, so that it must not take
    ///     long.
    package init(
        store: WindowStore, clock: WallClock, logger: Logger, replanned: Signal,
        plans: @escaping @Sendable () async throws -> [WindowPlan],
        anchors: @escaping @Sendable (WindowPlan, _ model: String, _ version: Int) async throws -> AnchorAnswer
    ) {
        self.store = store
        self.clock = clock
        self.logger = logger
        self.plans = plans
        self.replanned = replanned
        self.anchors = anchors
    }

    /// For the prediction log.
    package nonisolated var observer: PredictionObserver {
        PredictionObserver(name: "monitors") {
            try await self.flush()
        } observe: { group in
            try await self.take(group)
        }
    }

    /// Stores what was counted when no more comes, and closes windows that nothing comes to.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await Task.sleep(for: WindowPolicy.flush)
                await self.beat()
            }
        }
    }

    /// What is due by the clock.
    package func beat() async {
        do {
            guard counter != nil else { return }
            try await flush()
            try await lookAround()
            try await flush()
            if rolledUpAt.map({ clock.now >= $0 + WindowPolicy.rollUp }) ?? true { try await rollUp() }
        } catch is CancellationError {
            // The journal keeps what is not stored.
        } catch {
            let reason = (error as? any Problem)?.description ?? "\(error)"
            logger.warning("What was predicted last is not stored for the monitors yet: \(reason)")
        }
    }

    private func lookAround() async throws {
        try await turn.enter()
        defer { turn.leave() }
        try await follow(endpoints: [])
        for key in counter?.waitingBooks ?? [] {
            guard let plan = counter?.feeds[key.monitor]?.plan else { continue }
            try await openBook(key, plan)
            // What waited for the reference may be judged.
            if counter?.books[key]?.isWaiting == false { closed.notify() }
        }
        try await fixRipe()
        counter?.closeIdle(since: clock.now + (.zero - WindowPolicy.idle))
        evict()
    }

    private func evict() {
        let now = clock.now
        counter?.evict(
            before: now + (.zero - WindowPolicy.idleRecord), rolledUpBefore: now + (.zero - WindowPolicy.minutesKept))
    }

    /// Merges what is old into longer records, some thousands at a time.
    func rollUp() async throws {
        try await turn.enter()
        defer { turn.leave() }
        try await flush()
        guard let source = counter?.source else { return }
        evict()
        rolledUpAt = clock.now
        if anchorsSaidAt.map({ clock.now >= $0 + WindowPolicy.anchorsSaid }) ?? true {
            counter?.sayAnchorsAnew()
            anchorsSaidAt = clock.now
        }
        for _ in 0..<20 {
            guard try await store.rollUp(source: source, at: clock.now) else { return }
        }
    }

    // MARK: Predictions

    private func take(_ group: PredictionGroup) async throws {
        try await turn.enter()
        defer { turn.leave() }
        try await begin(source: group.source)
        let predictions = group.predictions(after: counter?.position)
        if predictions.isEmpty {
            counter?.passOver(upTo: group.end)
            return
        }
        let turns = predictions.turns
        let endpoints = Set(turns.lazy.map { predictions[$0].endpoint })
        try await follow(endpoints: endpoints)
        try await openBooks(turns.map { predictions[$0] })
        let watched = endpoints.intersection(counter?.feeds.values.map(\.plan.endpoint) ?? [])
        let isAllWatched = watched.count == endpoints.count
        let table = RowTable(predictions, group.numbers) { isAllWatched || watched.contains($0) }
        while let placement = counter?.place(predictions, table, arrival: clock.now) {
            guard let missing = counter?.missing(placement), !missing.isEmpty else {
                counter?.count(predictions, table, placement, upTo: group.end)
                break
            }
            let stored = try await store.stored(missing)
            counter?.insert(stored, for: missing)
        }
        try await fixRipe()
        try await flushIfDue()
    }

    /// Gives columns of which enough was seen anchors of production.
    private func fixRipe() async throws {
        for (key, made) in counter?.ripe() ?? [:] {
            let fixed = try await store.fix(made, of: key.monitor, model: key.model, version: key.version)
            counter?.fix(fixed, of: key)
        }
    }

    private func flushIfDue() async throws {
        guard let counter else { return }
        let isDue = flushedAt.map { clock.now >= $0 + WindowPolicy.flush } ?? true
        guard isDue || counter.hasClosed || counter.liveCount > WindowPolicy.liveRecords else { return }
        try await flush()
    }

    private func begin(source: String) async throws {
        guard counter == nil else { return }
        let position = try await store.position(of: source)
        if counter == nil { counter = WindowCounter(source: source, position: position) }
    }

    // MARK: Monitors

    /// Takes up new and changed monitors and lets go of deleted ones: when there may be some, from time to time, and when an
    /// endpoint is new.
    private func follow(endpoints: Set<String>) async throws {
        guard let counter else { return }
        let isKnown = endpoints.allSatisfy { endpoint in
            counter.feeds.values.contains { $0.plan.endpoint == endpoint }
        }
        let changes = replanned.count
        if isKnown, let followed, followed.changes == changes, clock.now < followed.at + WindowPolicy.follow { return }
        let plans = try await plans()
        let names = Set(plans.map(\.monitor))
        for gone in counter.feeds.keys where !names.contains(gone) { self.counter?.remove(gone) }
        for plan in plans where self.counter?.feeds[plan.monitor]?.plan != plan {
            try await takeUp(plan)
        }
        followed = (clock.now, changes)
    }

    /// Begins to count for a monitor, or goes on where this server was. A plan that differs from the one before closes what
    /// is open.
    private func takeUp(_ plan: WindowPlan) async throws {
        guard let source = counter?.source else { return }
        // What is open must be stored before it is closed, or read again.
        try await flush()
        var state = try await store.state(of: plan.monitor, source: source, size: plan.window)
        if state?.plan != plan.signature {
            if try await store.begin(plan.monitor, plan: plan.signature, source: source) { closed.notify() }
            state = try await store.state(of: plan.monitor, source: source, size: plan.window)
        }
        let cutter = state?.cutter ?? WindowCutter(size: plan.window)
        let known = try await store.slices(monitor: plan.monitor).compactMap(\.segment)
        counter?.take(WindowCounter.Feed(plan, cutter, segments: known))
    }

    /// Asks for what the columns of new versions are compared with.
    private func openBooks(_ predictions: [Prediction]) async throws {
        var seen: Set<ColumnBook.Key> = []
        for prediction in predictions {
            for monitor in counter?.monitors(of: prediction.endpoint) ?? [] {
                let key = ColumnBook.Key(monitor: monitor, model: prediction.model, version: prediction.version)
                guard seen.insert(key).inserted, let plan = counter?.feeds[monitor]?.plan else { continue }
                if let book = counter?.books[key], clock.now < book.askAgainAt { continue }
                try await openBook(key, plan)
            }
        }
    }

    /// Asks for what the columns of a version are compared with. While that is being made the columns of a version that is new, or
    /// made anew, wait; where there was none they go on with those that production gave.
    private func openBook(_ key: ColumnBook.Key, _ plan: WindowPlan) async throws {
        let book = counter?.books[key]
        var (reference, isMaking, isReplaced) = (WindowAnchors?.none, false, false)
        switch try await answer(of: key, plan) {
        case .known(let anchors): reference = anchors
        case .making(let replaces): (isMaking, isReplaced) = (true, replaces || book != nil)
        }
        if let book, isMaking ? book.reference == nil : reference == nil || reference == book.reference {
            counter?.prolong(key, at: clock.now, isMaking: isMaking)
            return
        }
        let baselines =
            isReplaced
            ? WindowAnchors()
            : try await store.baselines(of: key.monitor, model: key.model, version: key.version)
        counter?.open(
            ColumnBook(reference: reference, baselines: baselines, isWaiting: isMaking, at: clock.now), of: key)
    }

    /// What the columns of a version are compared with; none when that cannot be told now. A dataset that cannot be read
    /// keeps nobody's predictions from being counted.
    private func answer(of key: ColumnBook.Key, _ plan: WindowPlan) async throws -> AnchorAnswer {
        do {
            return try await anchors(plan, key.model, key.version)
        } catch {
            try Task.checkCancellation()
            let reason = (error as? any Problem)?.description ?? "\(error)"
            logger.warning("Monitor '\(key.monitor)' counts without its reference for now: \(reason)")
            return .known(nil)
        }
    }

    // MARK: Storing

    /// Stores all that was counted.
    /// - Throws: `DatabaseError` when the database cannot; it stays in memory, and in the journal, until it can.
    package func flush() async throws {
        while let flushing { _ = try? await flushing.value }
        guard counter?.isChanged == true else { return }
        // It clears its own place, so that nobody waits for one that has ended.
        let task = Task {
            defer { flushing = nil }
            // What could not be stored before goes first, and then what came since.
            while try await storeNext() {}
        }
        flushing = task
        try await task.value
    }

    /// - Returns: whether there may be more to store.
    private func storeNext() async throws -> Bool {
        guard let counter, counter.isChanged else { return false }
        let isRetry = counter.hasUnstored
        guard let taken = self.counter?.takeFlush() else { return false }
        let gone = try await store.store(taken.flush, at: clock.now)
        self.counter?.stored(taken, gone: gone)
        flushedAt = clock.now
        if taken.flush.growth.contains(where: { $0.key.length == .window && $0.value.closesAt != nil }) {
            closed.notify()
        }
        return isRetry
    }
}
