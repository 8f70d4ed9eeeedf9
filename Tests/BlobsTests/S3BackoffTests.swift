import Testing
import Wire

@testable import Blobs

@Suite struct S3BackoffTests {
    private let backoff = S3Backoff(attempts: 5, firstMs: 100, longestMs: 5_000)

    /// The longest pauses that chance gives: the bound doubles until it is long enough.
    @Test func theBoundDoubles() {
        let pauses = (1...8).map { attempt in
            (0..<2_000).map { bits in
                backoff.pauseMs(after: attempt, retryAfterSeconds: nil, Entropy { UInt64(bits * 13) })
            }.max() ?? 0
        }
        for (pause, bound) in zip(pauses, [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]) {
            #expect(pause < bound && pause > bound * 9 / 10)
        }
    }

    @Test func whatTheStoreAsksForIsKeptWithinReason() {
        let least = Entropy { 0 }
        #expect(backoff.pauseMs(after: 1, retryAfterSeconds: 2, least) == 2_000)
        #expect(backoff.pauseMs(after: 1, retryAfterSeconds: 3_600, least) == 5_000)
        #expect(backoff.pauseMs(after: 1, retryAfterSeconds: nil, least) == 0)
    }
}
