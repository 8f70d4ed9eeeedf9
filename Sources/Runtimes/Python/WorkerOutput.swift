import Dispatch
import Synchronization
import Wire

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The pipe that one worker prints into, read as it comes.
///
/// Whatever a worker printed before it answered is in the pipe by the time that its answer arrives. So the end of a request
/// reads the pipe empty, and every line belongs to the request that it was printed for.
final class WorkerOutput: Sendable {
    private let log: WorkerLog
    private let worker: Int
    private let state: Mutex<State>

    private struct State {
        /// -1 once it is closed.
        var descriptor: CInt
        var source: (any DispatchSourceRead)?
        var splitter = LineSplitter(maximumBytes: 4 << 10)
        var ids: [String] = []
        /// How many lines have been printed for the request, those that were left out too.
        var lineCount = 0
    }

    /// So many lines of one request are recorded.
    private static let maximumLines = 200

    /// - Returns: also the end for the process, which the caller closes.
    /// - Throws: `RuntimeError` when the server has too many files open.
    static func open(log: WorkerLog, worker: Int) throws -> (WorkerOutput, FileDescriptor) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw RuntimeError.noDescriptor(errno: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        let output = WorkerOutput(descriptor: ends[0], log: log, worker: worker)
        return (output, FileDescriptor(rawValue: ends[1]))
    }

    private init(descriptor: CInt, log: WorkerLog, worker: Int) {
        self.log = log
        self.worker = worker
        state = Mutex(State(descriptor: descriptor))
        state.withLock { state in
            let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
            source.setEventHandler { [weak self] in self?.drain() }
            source.setCancelHandler { _ = close(descriptor) }
            state.source = source
            source.activate()
        }
    }

    /// From now on lines belong to these requests.
    func begin(_ ids: [String]) {
        state.withLock { $0.ids = ids }
    }

    /// The request has been answered.
    func end() {
        state.withLock { state in
            takeIn(&state)
            flush(&state)
            state.ids = []
        }
    }

    /// Reads what is left, and no more.
    func finish() {
        state.withLock { state in
            takeIn(&state)
            flush(&state)
            state.source?.cancel()
            state.source = nil
            state.descriptor = -1
        }
    }

    private func drain() {
        state.withLock { takeIn(&$0) }
    }

    /// Takes what is there, at most as much as a pipe holds a few times over: the worker may go on printing.
    private func takeIn(_ state: inout State) {
        guard state.descriptor >= 0 else { return }
        for _ in 0..<16 {
            let count = withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 1) { buffer in
                let count = read(state.descriptor, buffer.baseAddress, buffer.count)
                if count > 0 {
                    record(state.splitter.split(UnsafeRawBufferPointer(rebasing: buffer[..<count])), &state)
                }
                return count
            }
            if count == 0 {
                // Nobody holds the other end any more; a source would call for ever.
                state.source?.cancel()
                state.source = nil
                state.descriptor = -1
            }
            guard count > 0 else { return }
        }
    }

    private func record(_ lines: [String], _ state: inout State) {
        let room = max(0, Self.maximumLines - state.lineCount)
        state.lineCount += lines.count
        if room > 0 { log.record(Array(lines.prefix(room)), worker: worker, ids: state.ids) }
    }

    private func flush(_ state: inout State) {
        if let line = state.splitter.flush() { record([line], &state) }
        let omitted = state.lineCount - Self.maximumLines
        if omitted > 0 {
            log.record(["... and \(omitted) more lines, which are left out"], worker: worker, ids: state.ids)
        }
        state.lineCount = 0
    }
}
