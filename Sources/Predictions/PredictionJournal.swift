import NIOPosix
import Synchronization
import Wire

/// Where predictions go before they are answered: files that only grow, written with `write(2)`.
///
/// What has been appended survives the end of the process, however it ends, because it is the kernel's then. A power
/// failure may lose the last moments: the files are not flushed to the disk. From here predictions are moved into the
/// store; a file whose lines are all there is deleted.
///
/// Appends that come while one is being written are written together, on a thread of the journal's own.
final class PredictionJournal: Sendable {
    /// A place between two lines.
    struct Position: Sendable, Hashable, Comparable {
        var segment: Int
        /// In bytes from the beginning of the segment.
        var offset: Int

        static func < (earlier: Position, later: Position) -> Bool {
            (earlier.segment, earlier.offset) < (later.segment, later.offset)
        }
    }

    private struct State {
        var sequence: PredictionSequence
        /// Lines that wait for the thread, and who waits for them.
        var lines: [UInt8] = []
        var waiting: [CheckedContinuation<Void, any Error>] = []
        var isWriting = false
        /// Up to where lines are written.
        var written: Position
        /// Up to where lines are in the store.
        var stored: Position
        var unstoredBytes: Int
    }

    private let limits: Limits
    private let folder: JournalFolder
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let state: Mutex<State>
    /// Wakes whoever moves lines into the store.
    let appended = Signal()

    struct Limits: Sendable {
        /// A file that has grown to this size is followed by another.
        var segmentBytes = 64 << 20
        /// So many bytes may wait to be written, or for the store, before requests are refused.
        var waitingBytes = 256 << 20
        var unstoredBytes = 4 << 30
    }

    /// Opens the journal. Lines that an earlier process left are the first to be stored. Blocks.
    /// - Parameter last: the largest request id that the store holds; an empty text for none.
    init(folder path: String, after last: String, limits: Limits = Limits()) throws {
        self.limits = limits
        folder = try JournalFolder(path: path)
        let left = try folder.segments()
        let current = (left.last ?? 0) + 1
        state = Mutex(
            State(
                sequence: PredictionSequence(after: max(last, try left.compactMap(folder.lastRequest).last ?? "")),
                written: Position(segment: current, offset: 0),
                stored: Position(segment: left.first ?? current, offset: 0),
                unstoredBytes: try left.map(folder.size).reduce(0, +)))
        try folder.begin(segment: current)
        thread.start()
    }

    /// Appends a request.
    /// - Returns: its id, once the line is written.
    /// - Throws: `PredictionError` when the disk is full or the store has fallen too far behind; nothing is appended then.
    func append(_ request: LoggedRequest, at moment: Timestamp, entropy: Entropy) async throws -> String {
        let tail = JournalLine.tail(of: request)
        var id = ""
        try await withCheckedThrowingContinuation { continuation in
            let startsWriting = state.withLock { state -> Bool? in
                guard state.lines.count + tail.count <= limits.waitingBytes,
                    state.unstoredBytes <= limits.unstoredBytes
                else { return nil }
                id = state.sequence.next(at: moment, entropy: entropy)
                state.lines += JournalLine.head(request: id)
                state.lines += tail
                state.waiting.append(continuation)
                defer { state.isWriting = true }
                return !state.isWriting
            }
            switch startsWriting {
            case nil: continuation.resume(throwing: Self.tooFarBehind)
            case true?: thread.submit { _ in self.writeWaiting() }
            case false?: break
            }
        }
        return id
    }

    private static let tooFarBehind = PredictionError(
        .unavailable, "The prediction log cannot keep up with the requests.",
        hint: "Give the data folder a faster disk, or send fewer requests at once.", retryAfterSeconds: 5)

    /// Writes until nothing waits. Runs on the journal's thread.
    private func writeWaiting() {
        while true {
            let (lines, waiting, place) = state.withLock { state in
                defer {
                    state.lines = []
                    state.waiting = []
                }
                state.isWriting = !state.waiting.isEmpty
                return (state.lines, state.waiting, state.written)
            }
            guard !waiting.isEmpty else { return }
            let result = Result { try write(lines, at: place) }
            for continuation in waiting { continuation.resume(with: result) }
        }
    }

    private func write(_ lines: [UInt8], at place: Position) throws {
        var place = place
        if place.offset >= limits.segmentBytes {
            place = Position(segment: place.segment + 1, offset: 0)
            try folder.begin(segment: place.segment)
        }
        try folder.append(lines, at: place.offset)
        let end = Position(segment: place.segment, offset: place.offset + lines.count)
        state.withLock { state in
            state.written = end
            state.unstoredBytes += lines.count
        }
        appended.notify()
    }

    // MARK: Moving lines into the store

    /// The next lines that are not in the store yet, and where they end; nil when all are. Blocks.
    func unstored(maximumBytes: Int = 4 << 20) throws -> (lines: [UInt8], end: Position)? {
        while true {
            let (stored, written) = state.withLock { ($0.stored, $0.written) }
            guard stored < written else { return nil }
            let available =
                (stored.segment == written.segment ? written.offset : try folder.size(stored.segment)) - stored.offset
            let lines = try folder.lines(
                stored.segment, from: stored.offset, available: available, atMost: maximumBytes)
            if !lines.isEmpty {
                return (lines, Position(segment: stored.segment, offset: stored.offset + lines.count))
            }
            // The segment is at its end; what is left of it is half a line that a power failure cut.
            markStored(Position(segment: stored.segment + 1, offset: 0), bytes: available)
        }
    }

    /// Says that all lines up to `end` are in the store.
    func markStored(_ end: Position, bytes: Int) {
        let finished = state.withLock { state in
            defer {
                state.stored = end
                state.unstoredBytes -= bytes
            }
            return state.stored.segment..<end.segment
        }
        for segment in finished { folder.remove(segment: segment) }
    }

    /// Up to where lines are written at this moment.
    var end: Position {
        state.withLock { $0.written }
    }

    /// Up to where lines are in the store.
    var storedEnd: Position {
        state.withLock { $0.stored }
    }

    /// Ends the thread once everything that waits is written, and leaves no file when all of it is in the store.
    func close() async {
        try? await thread.shutdownGracefully()
        folder.close()
        let (stored, written) = state.withLock { ($0.stored, $0.written) }
        if stored == written { folder.remove(segment: written.segment) }
    }
}
