import Wire

/// Makes references beside those who need them, a few at a time and each once: their rows may be many, and far away.
actor ReferenceWorkshop {
    /// What is compared with, and for which version of a model.
    struct Order: Sendable, Hashable {
        let choice: ReferenceChoice
        let endpoint: String
        let model: String
        let version: Int
    }

    private let references: ReferenceStore
    private let clock: WallClock
    private let turn = Turnstile(places: 2)
    private var underWay: [Order: (task: Task<Void, Never>, since: Timestamp)] = [:]
    /// What kept one from being made, and until when nobody tries again.
    private var troubles: [Order: (error: any Error, until: Timestamp)] = [:]
    /// Those that were made once more.
    private var remade: Set<Order> = []

    init(references: ReferenceStore, clock: WallClock) {
        self.references = references
        self.clock = clock
    }

    /// Has a reference made, unless it is being made already.
    /// - Parameter isThere: it is made once more.
    /// - Returns: since when.
    /// - Throws: what kept it from being made a moment ago, be it that the rows could not be fetched.
    func take(_ order: Order, isThere: Bool = false) throws -> Timestamp {
        if isThere { remade.insert(order) }
        if let begun = underWay[order] { return begun.since }
        let now = clock.now
        troubles = troubles.filter { now < $0.value.until }
        if let trouble = troubles[order] { throw trouble.error }
        underWay[order] = (Task { await make(order) }, now)
        return now
    }

    func isMaking(_ order: Order) -> Bool { underWay[order] != nil }

    /// Whether one that was there was made once more, be it in vain.
    func hasRemade(_ order: Order) -> Bool { remade.contains(order) && underWay[order] == nil }

    private func make(_ order: Order) async {
        defer { underWay[order] = nil }
        do {
            try await turn.enter()
            defer { turn.leave() }
            // One with rows: another may have been made before rows were kept.
            _ = try await references.reference(
                order.choice, endpoint: order.endpoint, model: order.model, version: order.version, rows: 1)
        } catch {
            troubles[order] = (error, clock.now + WindowPolicy.askAgain)
        }
    }

    /// Waits until all that was ordered is made, or cannot be.
    /// - Returns: whether there was anything.
    func finish() async -> Bool {
        var any = false
        while let (task, _) = underWay.values.first {
            any = true
            await task.value
        }
        return any
    }
}

/// The reference of a window is being made; it can be judged when that is done.
struct ReferencePending: Error {}
