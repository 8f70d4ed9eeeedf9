import Wire

/// How often, and after which pauses, a request that may pass is sent again: each pause is chance below a bound that
/// doubles, so that many clients do not come back at once ("Exponential Backoff And Jitter", AWS Architecture Blog).
package struct S3Backoff: Sendable {
    /// How often a request is sent in all.
    let attempts: Int
    let firstMs: Int
    let longestMs: Int

    package init(attempts: Int = 5, firstMs: Int = 100, longestMs: Int = 5_000) {
        self.attempts = attempts
        self.firstMs = firstMs
        self.longestMs = longestMs
    }

    /// The pause after the `attempt`-th try, from 1 on, in milliseconds. What the store asks for is kept to, unless it
    /// is longer than a client would wait.
    func pauseMs(after attempt: Int, retryAfterSeconds: Int?, _ entropy: Entropy) -> Int {
        let bound = min(longestMs, firstMs << min(attempt - 1, 16))
        let jitter = Int(entropy.bits() % UInt64(max(bound, 1)))
        return max(jitter, min((retryAfterSeconds ?? 0) * 1000, longestMs))
    }
}
