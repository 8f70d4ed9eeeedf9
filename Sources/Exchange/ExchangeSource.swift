import NIOCore
import Wire

/// The bytes of a file as they come.
typealias FileChunks = any AsyncSequence<ByteBuffer, any Error> & Sendable

/// What a source has read.
enum SourceRecord: Sendable {
    case whole(JSON)
    /// Something is there that could not be read; the rest is.
    case broken(id: String, any Error)

    /// Reads one thing, whole or broken.
    static func reading(_ id: String, _ read: () async throws -> JSON) async throws -> SourceRecord {
        do {
            return .whole(try await read())
        } catch  where !TransferStop.isDue(after: error) {
            return .broken(id: id, error)
        }
    }
}

/// Takes records one by one; the next is read when it is done with one.
typealias RecordBody = (SourceRecord) async throws -> Void

/// Where experiments, runs, models and traces are read from: a server, a folder, a database. Records have the form in which
/// MLflow's REST API writes them (see docs/reference/export.md); each is small, and no list is held as a whole but that of
/// experiments. A list that throws has broken off, and others are still read.
protocol ExchangeSource: Sendable {
    /// How messages name it.
    var place: String { get }
    func experiments(_ body: RecordBody) async throws
    /// All runs of an experiment, deleted ones too.
    func runs(of experiment: String, _ body: RecordBody) async throws
    /// All points of a run, in records of up to `ImportedPoints.limit`.
    func points(of run: JSON, _ body: RecordBody) async throws
    /// - Parameter linked: models that runs of the experiment refer to, for sources that do not list deleted ones.
    func loggedModels(of experiment: String, linked: Set<String>, _ body: RecordBody) async throws
    func traces(of experiment: String, _ body: RecordBody) async throws
    /// All spans of a trace, in records of any size.
    func spans(of trace: JSON, _ body: RecordBody) async throws
    /// - Parameters:
    ///   - runs: for sources that must be asked run by run.
    ///   - experiments: where their traces may be.
    func traceLinks(of runs: [String], in experiments: [String], _ body: RecordBody) async throws
    func models(_ body: RecordBody) async throws
    func versions(of model: JSON, _ body: RecordBody) async throws
    func evaluationDatasets(_ body: RecordBody) async throws
    func evaluationRecords(of dataset: JSON, _ body: RecordBody) async throws
    func webhooks(_ body: RecordBody) async throws
    /// The files of a run, logged model or trace; nil when they are where this source does not reach.
    func files(of owner: FileOwner) async throws -> (any FileTree)?
}

/// Files below a root.
protocol FileTree: Sendable {
    /// What lies directly in a folder; `""` is the root.
    func list(_ folder: String) async throws -> [FileEntry]
    func read(_ path: String) async throws -> FileChunks
}

/// Where records and files go.
protocol ExchangeTarget: Sendable {
    /// Stores records of a kind, all or none.
    /// - Returns: what became of each.
    func store(_ kind: RecordKind, _ records: [JSON]) async throws -> [StoredRecord]
    /// The sizes of the files in a folder of an owner that are there already, by path.
    /// - Parameter uri: where the target said that the owner's files belong.
    func sizes(in folder: String, of owner: FileOwner, at uri: String) async throws -> [String: Int]
    func write(_ entry: FileEntry, of owner: FileOwner, at uri: String, _ chunks: FileChunks) async throws
}

/// What became of a record.
struct StoredRecord: Sendable, Hashable {
    enum Effect: String, Sendable {
        case created, present, different
    }

    let id: String
    let effect: Effect
    var reason: String?
    /// The id that an experiment has in the target.
    var localID: String?
    /// Where its files belong in the target; nil when it has none.
    var artifactURI: String?
    /// How many of the things that a record stands for are new.
    var added: Int?
}

/// What is wrong with an exchange.
struct ExchangeError: Problem {
    let code: ProblemCode
    let message: String
    let hint: String?

    init(_ code: ProblemCode, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }
}

/// Why a transfer cannot go on: the target does not take anything, or the source is gone.
struct TransferStop: Error {
    let reason: any Error

    /// Whether an error of a source will not be cured by reading something else.
    static func isDue(after error: any Error) -> Bool {
        if error is TransferStop || error is CancellationError { return true }
        return [401, 503].contains((error as? any Problem)?.code.status)
    }
}
