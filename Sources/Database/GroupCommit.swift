import Synchronization

/// The writes of many callers, committed together by the one writer of an engine.
///
/// Each runs in a savepoint of the transaction that its group shares, so that one which throws is undone alone; all are
/// answered once the transaction is durable.
final class GroupCommit: Sendable {
    private let queue = Mutex(WriteQueue())
    private let bulletin: Bulletin

    /// - Parameter bulletin: where followers are told of what was committed.
    init(bulletin: Bulletin) {
        self.bulletin = bulletin
    }

    /// The most transactions that share one commit, so that none waits long for the others.
    private static let largest = 256

    /// How many transactions wait.
    var waiting: Int { queue.withLock(\.count) }

    /// Adds a write and waits until it is durable.
    /// - Parameter startDrain: called when no drain is under way; it has `drain` called on the writer's thread.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value, startDrain: () -> Void
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let write = PendingWrite(body: body, continuation: continuation)
            switch queue.withLock({ $0.admit(write, limit: Database.maximumWaitingWrites) }) {
            case .refused(let waiting): write.fail(DatabaseError.overloaded(waiting: waiting))
            case .waiting: break
            case .startDrain: startDrain()
            }
        }
    }

    /// Commits what waits, until nothing does.
    func drain(on session: some WriterSession) {
        while let group = queue.withLock({ $0.nextGroup(limit: Self.largest) }) { commit(group, on: session) }
    }

    /// Fails what waits, where there is no writer any more.
    func refuse(because error: any Error) {
        while let group = queue.withLock({ $0.nextGroup(limit: Self.largest) }) {
            for write in group { write.fail(error) }
        }
    }

    private func commit(_ group: [PendingWrite], on session: some WriterSession) {
        var outcomes: [any WriteOutcome] = []
        do {
            try session.begin()
            for write in group {
                outcomes.append(try group.count == 1 ? runAlone(write, on: session) : run(write, on: session))
            }
            let topics = outcomes.reduce(into: Set<Topic>()) { $0.formUnion($1.topics) }
            try session.commit(announcing: topics)
            for topic in topics { bulletin.notify(topic) }
            for outcome in outcomes { outcome.answer() }
        } catch {
            session.rollBack()
            for write in group { write.fail(error) }
        }
    }

    /// The transaction is the write's own, and needs no savepoint.
    /// - Throws: what the body threw.
    private func runAlone(_ write: PendingWrite, on session: some WriterSession) throws -> any WriteOutcome {
        let outcome = write.run(Transaction(session: session))
        if let error = outcome.error { throw error }
        return outcome
    }

    /// - Throws: when the transaction as a whole is lost, as on a full disk.
    private func run(_ write: PendingWrite, on session: some WriterSession) throws -> any WriteOutcome {
        try session.setSavepoint()
        let outcome = write.run(Transaction(session: session))
        if let error = outcome.error {
            guard session.isInTransaction else { throw error }
            try session.rollBackToSavepoint()
        }
        try session.releaseSavepoint()
        return outcome
    }
}

/// The connection of the one writer.
protocol WriterSession: Session {
    /// Begins a transaction in which nobody else writes.
    func begin() throws
    /// Makes the transaction durable, and tells other servers on the database of its topics.
    func commit(announcing topics: Set<Topic>) throws
    /// Undoes what is left of the transaction, if anything is. It does not fail: at worst the connection is gone, and
    /// the transaction with it.
    func rollBack()
    func setSavepoint() throws
    func rollBackToSavepoint() throws
    func releaseSavepoint() throws
    var isInTransaction: Bool { get }
}
