import Wire

/// Lets as many requests to the models of an endpoint as its limits allow. Those that find no place wait in order, those
/// that find no place to wait are refused at once, and those that wait for too long as well.
struct EndpointGate: Sendable {
    let limits: EndpointLimits
    private let turnstile: Turnstile

    init(_ limits: EndpointLimits) {
        self.limits = limits
        turnstile = Turnstile(places: limits.concurrency, queueLimit: limits.queue)
    }

    /// Runs `body` once there is a place.
    /// - Throws: `ServingError` 429 when too many wait, 504 when the wait lasts until the deadline.
    func pass<Value>(
        until deadline: ContinuousClock.Instant, endpoint: String, _ body: () async throws -> Value
    ) async throws -> Value {
        if !turnstile.enterIfFree() { try await wait(until: deadline, endpoint: endpoint) }
        defer { turnstile.leave() }
        return try await body()
    }

    private func wait(until deadline: ContinuousClock.Instant, endpoint: String) async throws {
        let turnstile = turnstile
        let entry = Task { try await turnstile.enter() }
        let alarm = Task {
            try await Task.sleep(until: deadline, clock: .continuous)
            entry.cancel()
        }
        defer { alarm.cancel() }
        do {
            try await withTaskCancellationHandler {
                try await entry.value
            } onCancel: {
                entry.cancel()
            }
        } catch let crowded as Turnstile.Crowded {
            throw ServingError(
                .tooManyRequests,
                "The endpoint '\(endpoint)' is busy: \(crowded.waiting) requests wait already.",
                hint: "Try again, or raise limits.max_concurrency or limits.queue.", retryAfterSeconds: 1)
        } catch is CancellationError where !Task.isCancelled {
            throw Self.tooLate(endpoint, limits)
        }
    }

    /// The answer to whoever is not answered in time.
    static func tooLate(_ endpoint: String, _ limits: EndpointLimits) -> ServingError {
        ServingError(
            .deadlineExceeded, "The endpoint '\(endpoint)' did not answer within \(limits.timeout).",
            hint: "Raise limits.timeout_ms, or send fewer rows or requests at once.", retryAfterSeconds: 1)
    }

    /// How many requests wait for their turn.
    var waiting: Int { turnstile.waiting }

    /// Whether others would have to wait: a sign to leave out what nobody waits for.
    var isCrowded: Bool { turnstile.isCrowded }
}
