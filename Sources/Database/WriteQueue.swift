/// Transactions waiting for the one writer. A pure value; the engine guards it with a lock.
///
/// Idle → (admit) → draining → (the queue is empty) → idle.
struct WriteQueue {
    enum Admission: Equatable {
        /// The caller must start a drain.
        case startDrain
        /// A drain under way will take it.
        case waiting
        case refused(waiting: Int)
    }

    private var waiting: [PendingWrite] = []
    private var isDraining = false

    var count: Int { waiting.count }

    mutating func admit(_ write: PendingWrite, limit: Int) -> Admission {
        guard waiting.count < limit else { return .refused(waiting: waiting.count) }
        waiting.append(write)
        if isDraining { return .waiting }
        isDraining = true
        return .startDrain
    }

    /// The writes that share the next commit, oldest first; nil ends the drain.
    mutating func nextGroup(limit: Int) -> [PendingWrite]? {
        guard !waiting.isEmpty else {
            isDraining = false
            return nil
        }
        let group = Array(waiting.prefix(limit))
        waiting.removeFirst(group.count)
        return group
    }
}

/// A transaction that waits for its turn, and whoever waits for its outcome.
struct PendingWrite: Sendable {
    /// Runs the body; the outcome must be answered after the commit, or replaced by `fail`.
    let run: @Sendable (Transaction) -> any WriteOutcome
    let fail: @Sendable (any Error) -> Void

    init<Value: Sendable>(
        body: @escaping @Sendable (Transaction) throws -> Value, continuation: CheckedContinuation<Value, any Error>
    ) {
        run = { transaction in
            let result = Result {
                let value = try body(transaction)
                if let failure = transaction.failure { throw failure }
                return value
            }
            return Outcome(result: result, transaction: transaction, continuation: continuation)
        }
        fail = { continuation.resume(throwing: $0) }
    }

    private struct Outcome<Value: Sendable>: WriteOutcome {
        let result: Result<Value, any Error>
        let transaction: Transaction
        let continuation: CheckedContinuation<Value, any Error>

        var error: (any Error)? {
            if case .failure(let error) = result { error } else { nil }
        }

        var topics: Set<Topic> { error == nil ? transaction.topics : [] }

        func answer() {
            if error == nil { transaction.committed() }
            continuation.resume(with: result)
        }
    }
}

/// What a transaction's body came to, kept until the group's commit is durable.
protocol WriteOutcome {
    var error: (any Error)? { get }
    /// What it announced.
    var topics: Set<Topic> { get }
    /// Runs what waits for the commit and answers the caller.
    func answer()
}
