import Synchronization
import Testing

@testable import Wire

@Suite(.timeLimit(.minutes(1))) struct TurnstileTests {
    @Test func letsInNoMoreThanItHasPlacesFor() async throws {
        let turnstile = Turnstile(places: 3)
        let room = Room()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await turnstile.enter()
                    room.enter()
                    await Task.yield()
                    room.leave()
                    turnstile.leave()
                }
            }
            try await group.waitForAll()
        }
        #expect(room.most <= 3)
    }

    ///     first    enter ……………………………… leave
    ///     second         enter (waits) ✕
    ///     third                                enter
    @Test func whoGivesUpTakesNoPlace() async throws {
        let turnstile = Turnstile(places: 1)
        try await turnstile.enter()
        let second = Task { try await turnstile.enter() }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        turnstile.leave()
        try await turnstile.enter()
        turnstile.leave()
    }

    @Test func refusesWhoWouldWaitBehindTooMany() async throws {
        let turnstile = Turnstile(places: 1, queueLimit: 0)
        try await turnstile.enter()
        await #expect(throws: Turnstile.Crowded.self) { try await turnstile.enter() }
        turnstile.leave()
        try await turnstile.enter()
        turnstile.leave()
    }

    /// Counts who is inside.
    private final class Room: Sendable {
        private let counts = Mutex((now: 0, most: 0))

        var most: Int { counts.withLock { $0.most } }

        func enter() {
            counts.withLock { $0 = (now: $0.now + 1, most: max($0.most, $0.now + 1)) }
        }

        func leave() {
            counts.withLock { $0.now -= 1 }
        }
    }
}
