import Wire

/// PostgreSQL through libpq: one connection that writes, a few that read, one that listens.
///
/// Every server on a database writes under one lock, so that their transactions are as serial as those of one server are.
/// Reads see a snapshot and wait for nobody.
final class PostgresEngine: Engine {
    let dialect = Dialect.postgres
    let isShared = true
    private let location: PostgresLocation
    private let bulletin = Bulletin()
    private let writes: GroupCommit
    private let writer: EngineThreads<PostgresLink>
    private let readers: EngineThreads<PostgresLink>
    private let listener: PostgresListener
    private let writerPID = WriterPID()

    /// Makes no connection yet.
    /// - Throws: `NativesError` when libpq is missing.
    init(_ location: PostgresLocation) throws {
        self.location = location
        writes = GroupCommit(bulletin: bulletin)
        let library = try LibPQ()
        writer = EngineThreads(maximum: 1, queueLimit: 1) {
            PostgresLink(library, location, settings: PostgresWriter.settings)
        }
        readers = EngineThreads(maximum: Database.maximumReaders, queueLimit: Database.maximumWaitingReads) {
            PostgresLink(library, location, settings: PostgresReader.settings)
        }
        listener = PostgresListener(library, location, bulletin: bulletin, ownPID: writerPID)
    }

    deinit {
        writer.close()
        readers.close()
        listener.close()
    }

    var place: String { location.place }
    var waitingWrites: Int { writes.waiting }

    func read<Value: Sendable>(_ body: @escaping @Sendable (Reader) throws -> Value) async throws -> Value {
        try await readers.run { PostgresReader(link: $0).read(body, $1) }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value {
        try await writes.write(body) {
            let admission = writer.submit { [writes, location, writerPID] link in
                writes.drain(on: PostgresWriter(link: link, location: location, pid: writerPID))
            }
            if case .accepted = admission { return }
            writes.refuse(because: DatabaseError.closed)
        }
    }

    func signal(of topic: Topic) -> Signal {
        listener.start()
        return bulletin.signal(of: topic)
    }

    func close() {
        writer.closeAndWait()
        readers.closeAndWait()
        listener.close()
    }
}
