import NIOPosix
import Synchronization
import Wire

/// Where predictions go before they are answered: files that only grow, written with `write(2)`.
///
/// What has been appended survives the end of the process, however it ends, because it is the kernel's then. A power
/// failure may lose the last moments of it; what was appended with durability `disk` is flushed to the disk before it is
/// answered. From here predictions are moved into the store and told to observers; a file whose lines all went both ways is
/// deleted.
///
/// Who appends a short line while nothing is being written writes it: a copy into the kernel's memory takes less than to
/// wake a thread and be woken by it. Appends that come meanwhile are written together, on a thread of the journal's own, and
/// those that come while one is being flushed are flushed together, on another: who does not wait for the disk is not held up
/// by who does.
final class PredictionJournal: Sendable {
    private typealias Waiter = CheckedContinuation<Void, any Error>
    private typealias LineNumbers = (end: Int, numbers: RequestNumbers?)

    /// Lines that wait for the thread, and who waits for them.
    private struct Batch {
        var lines: [UInt8] = []
        var forProcess: [Waiter] = []
        var forDisk: [Waiter] = []
        /// What they say, by where each ends among them.
        var numbers: [LineNumbers] = []

        var isEmpty: Bool { lines.isEmpty }
    }

    private struct State {
        var sequence: PredictionSequence
        /// The largest id that came from elsewhere.
        var largestSent = RequestNumber(high: 0, low: 0)
        var batch = Batch()
        var isWriting = false
        /// Whose lines are written and not flushed.
        var unflushed: [Waiter] = []
        var isFlushing = false
        var progress: JournalProgress
        var held: HeldNumbers
    }

    private let limits: Limits
    private let folder: JournalFolder
    private let mark: JournalMark
    private let writer = NIOThreadPool(numberOfThreads: 1)
    private let flusher = NIOThreadPool(numberOfThreads: 1)
    private let state: Mutex<State>
    /// Wakes whoever moves lines into the store.
    let appended = Signal()

    /// Opens the journal. Lines that an earlier process left are the first to be stored. Blocks.
    /// - Parameters:
    ///   - last: the largest request id that the store holds; nil for none.
    ///   - flush: hands what a file holds to the disk.
    init(
        folder path: String, after last: RequestNumber?, limits: Limits = Limits(), entropy: Entropy = .system,
        flush: @escaping JournalFolder.Flush = JournalFolder.dataSync
    ) throws {
        self.limits = limits
        folder = try JournalFolder(path: path, flush: flush)
        let left = try folder.segments()
        mark = try JournalMark(folder: path, entropy: entropy)
        let current = max(left.last ?? 0, mark.lastSegment) + 1
        let newest = try [last, left.compactMap(folder.largestRequest).max()].compactMap(\.self).max()
        state = Mutex(
            State(
                sequence: PredictionSequence(after: newest),
                progress: JournalProgress(
                    left: left, bytes: try left.map(folder.size).reduce(0, +), current: current),
                held: HeldNumbers(limit: limits.heldNumbers)))
        try folder.begin(segment: current)
        writer.start()
        flusher.start()
    }

    /// One that was not closed is as after a crash: its lines stay, its threads and its file do not.
    deinit {
        for threads in [writer, flusher] { threads.shutdownGracefully { _ in } }
    }

    /// Appends a request.
    /// - Returns: its id, once the line is as safe as the policy wants it.
    /// - Throws: `PredictionError` when the disk is full or the store has fallen too far behind; nothing is appended then.
    func append(
        _ request: LoggedRequest, policy: LogPolicy = .standard, at moment: Timestamp, entropy: Entropy
    ) async throws -> String {
        let drawn = PredictionSequence.draw(at: moment, entropy: entropy)
        let isKept = policy.keeps(drawn.lot)
        var line = JournalLine.bytes(request, isKept: isKept, mask: policy.mask)
        let numbers = isKept && policy.mask.isEmpty && limits.heldNumbers > 0 ? RequestNumbers(request) : nil
        guard policy.durability == .process, let (number, place) = takeTurn(drawn, byteCount: line.count) else {
            return try await wait(for: policy.durability, drawn, line, numbers).text
        }
        JournalLine.put(number, into: &line)
        defer { passTurn() }
        try write(line, CollectionOfOne<LineNumbers>((line.count, numbers)), at: place)
        return number.text
    }

    /// What a line of this size that is written at once is called and where it belongs; nil when others are being written or
    /// wait, or a file has to be begun for it.
    private func takeTurn(
        _ drawn: RequestNumber, byteCount: Int
    ) -> (number: RequestNumber, place: JournalPosition)? {
        state.withLock { state in
            let place = state.progress.written
            guard !state.isWriting, byteCount <= limits.ownLineBytes, place.offset < limits.segmentBytes,
                state.progress.unstoredBytes <= limits.unstoredBytes
            else { return nil }
            state.isWriting = true
            return (state.sequence.next(drawn), place)
        }
    }

    /// Lets the thread write what came while somebody wrote a line of their own.
    private func passTurn() {
        let others = state.withLock { state in
            state.isWriting = !state.batch.isEmpty
            return state.isWriting
        }
        if others { writer.submit { _ in self.writeWaiting() } }
    }

    /// Appends lines that have their ids, which are in no order.
    /// - Parameter largest: the largest of these ids.
    /// - Throws: `PredictionError` when the disk is full or the store has fallen too far behind; nothing is appended then.
    func append(lines: [UInt8], largest: RequestNumber, durability: LogPolicy.Durability) async throws {
        try await wait(for: durability, byteCount: lines.count) { state in
            state.largestSent = max(state.largestSent, largest)
            state.batch.lines += lines
        }
    }

    /// Returns once the thread has written a line, and the disk has it if it is to.
    private func wait(
        for durability: LogPolicy.Durability, _ drawn: RequestNumber, _ line: [UInt8], _ numbers: RequestNumbers?
    ) async throws -> RequestNumber {
        var number = drawn
        try await wait(for: durability, byteCount: line.count) { state in
            number = state.sequence.next(drawn)
            let start = state.batch.lines.count
            state.batch.lines += line
            JournalLine.put(number, into: &state.batch.lines, at: start)
            if let numbers { state.batch.numbers.append((state.batch.lines.count, numbers)) }
        }
        return number
    }

    /// Puts lines to those that wait and returns once the thread has written them, and the disk has them if it is to.
    private func wait(
        for durability: LogPolicy.Durability, byteCount: Int, _ put: (inout State) -> Void
    ) async throws {
        try await withCheckedThrowingContinuation { (waiter: Waiter) in
            let startsWriting = state.withLock { state -> Bool? in
                guard state.batch.lines.count + byteCount <= limits.waitingBytes,
                    state.progress.unstoredBytes <= limits.unstoredBytes
                else { return nil }
                put(&state)
                switch durability {
                case .process: state.batch.forProcess.append(waiter)
                case .disk: state.batch.forDisk.append(waiter)
                }
                defer { state.isWriting = true }
                return !state.isWriting
            }
            switch startsWriting {
            case nil: waiter.resume(throwing: PredictionError.tooFarBehind)
            case true?: writer.submit { _ in self.writeWaiting() }
            case false?: break
            }
        }
    }

    /// Writes until nothing waits. Runs on the writer's thread.
    private func writeWaiting() {
        while true {
            let (batch, place) = state.withLock { state in
                defer { state.batch = Batch() }
                state.isWriting = !state.batch.isEmpty
                return (state.batch, state.progress.written)
            }
            guard !batch.isEmpty else { return }
            do {
                try write(batch.lines, batch.numbers, at: place)
                for waiter in batch.forProcess { waiter.resume() }
                if !batch.forDisk.isEmpty { flushLater(batch.forDisk) }
            } catch {
                for waiter in batch.forProcess + batch.forDisk { waiter.resume(throwing: error) }
            }
        }
    }

    private func write(_ lines: [UInt8], _ numbers: some Sequence<LineNumbers>, at place: JournalPosition) throws {
        var place = place
        if place.offset >= limits.segmentBytes {
            place = JournalPosition(segment: place.segment + 1, offset: 0)
            try folder.begin(segment: place.segment)
        }
        try folder.append(lines, at: place.offset)
        let end = JournalPosition(segment: place.segment, offset: place.offset + lines.count)
        state.withLock { state in
            state.progress.wrote(lines.count, upTo: end)
            for case (let length, let numbers?) in numbers {
                let end = JournalPosition(segment: place.segment, offset: place.offset + length)
                state.held.hold(numbers, ofLineTo: end)
            }
        }
        appended.notify()
    }

    private func flushLater(_ waiters: [Waiter]) {
        let starts = state.withLock { state in
            defer { state.isFlushing = true }
            state.unflushed += waiters
            return !state.isFlushing
        }
        if starts { flusher.submit { _ in self.flushWaiting() } }
    }

    /// Flushes until nobody waits for it. Runs on the flusher's thread.
    private func flushWaiting() {
        while true {
            let waiters = state.withLock { state in
                defer { state.unflushed = [] }
                state.isFlushing = !state.unflushed.isEmpty
                return state.unflushed
            }
            guard !waiters.isEmpty else { return }
            let result = Result { try folder.flush() }
            for waiter in waiters { waiter.resume(with: result) }
        }
    }

    // MARK: Out of the journal

    /// The next lines that are not in the store yet; nil when all are. Blocks.
    func unstored(maximumBytes: Int = portionBytes) throws -> Portion? {
        let progress = progress
        var portion = try portion(from: progress.stored, to: progress.written, maximumBytes: maximumBytes)
        if let end = portion?.end { portion?.numbers = state.withLock { $0.held.take(upTo: end) } }
        return portion
    }

    func portion(
        from start: JournalPosition, to limit: JournalPosition, maximumBytes: Int
    ) throws -> Portion? {
        guard start < limit else { return nil }
        let size = start.segment == limit.segment ? limit.offset : try folder.size(start.segment)
        let available = size - start.offset
        let lines = try folder.lines(start.segment, from: start.offset, available: available, atMost: maximumBytes)
        var end = JournalPosition(segment: start.segment, offset: start.offset + lines.count)
        // At the end of a segment, at half a line there, or in a file that somebody cut.
        if lines.isEmpty {
            end = start.segment < limit.segment ? JournalPosition(segment: start.segment + 1, offset: 0) : limit
        }
        return Portion(start: start, lines: lines, end: end, byteCount: lines.isEmpty ? available : lines.count)
    }

    /// Says that a portion is in the store.
    func markStored(_ portion: Portion) {
        state.withLock { $0.progress.store(portion.byteCount, upTo: portion.end) }
    }

    /// Says that observers were told of a portion, or go without it.
    func markObserved(_ portion: Portion) {
        let finished = state.withLock { $0.progress.observe(portion.byteCount, upTo: portion.end) }
        for segment in finished { folder.remove(segment: segment) }
    }

    /// The largest id so far; zeros before the first.
    var newest: RequestNumber {
        state.withLock { max($0.sequence.last, $0.largestSent) }
    }

    var progress: JournalProgress {
        state.withLock { $0.progress }
    }

    /// Whether more waits for observers than may.
    var leavesObserversBehind: Bool { progress.unobservedBytes > limits.unobservedBytes }

    /// Names the journal among those of other data folders, for as long as this one lives.
    var source: String { mark.source }

    /// Ends the threads once everything that waits is written, and leaves no lines when all of them went out.
    /// - Parameter keepsAll: leaves all lines, for observers that could not settle.
    func close(keepsAll: Bool = false) async {
        try? await writer.shutdownGracefully()
        try? await flusher.shutdownGracefully()
        folder.close()
        let progress = progress
        guard !keepsAll, progress.observed == progress.written else { return }
        // Without it the next segment would have this one's number, and its lines count as told.
        guard (try? mark.write(lastSegment: progress.written.segment)) != nil else { return }
        folder.remove(segment: progress.written.segment)
    }
}
