import Wire

/// How long a worker that ended is left alone, and when it is given up for the moment.
package struct BackOff: Sendable, Hashable {
    package let first: Duration
    package let longest: Duration
    /// So many ends in a row without an answer between them are called a crash loop.
    package let crashLoopAfter: Int

    package init(
        first: Duration = .milliseconds(200), longest: Duration = .seconds(60), crashLoopAfter: Int = 5
    ) {
        self.first = first
        self.longest = longest
        self.crashLoopAfter = crashLoopAfter
    }

    /// Doubles with each failure.
    func delay(afterFailures failures: Int) -> Duration {
        min(longest, first * (1 << min(failures - 1, 20)))
    }
}

/// Whether a worker answers, and when it is started again. A pure value: processes, sockets and timers are elsewhere.
struct WorkerState: Sendable, Equatable {
    enum Phase: Sendable, Equatable {
        /// The process starts and loads its model. Next: ready, resting, crashLooping, stopped.
        case loading
        /// It answers. Next: resting, crashLooping, stopped.
        case ready
        /// It ended and will be started again soon. Next: loading, stopped.
        case resting(reason: String)
        /// It keeps ending without having answered; it is tried rarely now. Next: loading, stopped.
        case crashLooping(reason: String)
        /// It was closed, or its model cannot be loaded at all. Next: none.
        case stopped
    }

    private(set) var phase = Phase.loading
    private let backOff: BackOff
    private var failuresInARow = 0
    /// Whether it ever was ready: what cannot be loaded the first time will not be loaded the second time.
    private var hasLoaded: Bool

    /// - Parameter hasLoaded: whether another process was able to load the model before.
    init(backOff: BackOff, hasLoaded: Bool = false) {
        self.backOff = backOff
        self.hasLoaded = hasLoaded
    }

    /// The model is loaded and warm.
    mutating func loaded() {
        guard phase == .loading else { return }
        phase = .ready
        hasLoaded = true
    }

    /// A prediction came back, be it a refusal: the worker works.
    mutating func answered() {
        failuresInARow = 0
    }

    /// The process is gone.
    /// - Returns: after how long to start it again; nil when it stays down.
    mutating func ended(reason: String) -> Duration? {
        guard phase != .stopped else { return nil }
        guard hasLoaded else {
            phase = .stopped
            return nil
        }
        failuresInARow += 1
        let isCrashLooping = failuresInARow >= backOff.crashLoopAfter
        phase = isCrashLooping ? .crashLooping(reason: reason) : .resting(reason: reason)
        return backOff.delay(afterFailures: failuresInARow)
    }

    /// The rest is over.
    /// - Returns: whether to start the process.
    mutating func restart() -> Bool {
        switch phase {
        case .resting, .crashLooping: phase = .loading
        case .loading, .ready, .stopped: break
        }
        return phase == .loading
    }

    mutating func stop() {
        phase = .stopped
    }

    /// How far it is from answering; less is nearer.
    var distance: Int {
        switch phase {
        case .ready: 0
        case .loading: 1
        case .resting: 2
        case .crashLooping: 3
        case .stopped: 4
        }
    }

    /// Why no request can be taken now; nil when one can.
    var refusal: RuntimeError? {
        switch phase {
        case .ready: nil
        case .loading:
            RuntimeError(.unavailable, "The model is being loaded.", retryAfterSeconds: 1)
        case .resting(let reason):
            RuntimeError(.unavailable, "The model's process ended (\(reason)) and is restarted.", retryAfterSeconds: 1)
        case .crashLooping(let reason):
            RuntimeError(
                .unavailable, "The model's process ended \(failuresInARow) times in a row (\(reason)).",
                hint: "The server's log has what it printed.", retryAfterSeconds: 30)
        case .stopped: RuntimeError(.unavailable, "The model is no longer served here.", retryAfterSeconds: 1)
        }
    }
}
