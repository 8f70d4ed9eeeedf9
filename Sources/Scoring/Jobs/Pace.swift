import Synchronization

/// Lets something happen at most so often.
final class Pace: Sendable {
    private let pause: Duration
    private let last = Mutex<ContinuousClock.Instant?>(nil)

    init(_ pause: Duration) {
        self.pause = pause
    }

    /// Whether it is time again; the first time it is.
    func isDue() -> Bool {
        last.withLock { last in
            let now = ContinuousClock.now
            if let last, now - last < pause { return false }
            last = now
            return true
        }
    }
}
