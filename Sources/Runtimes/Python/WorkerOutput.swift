import Foundation
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
///
/// Between requests a thread waits for what is printed: a worker is a process, beside which a thread is nothing. Sources of
/// libdispatch would do without, but on Linux those that come and go on several threads bring the whole program down
/// (swiftlang/swift-corelibs-libdispatch, issue 949).
final class WorkerOutput: Sendable {
    private let log: WorkerLog
    private let worker: Int
    private let state: Mutex<State>

    private struct State {
        /// -1 once it is not read any more. The thread closes it.
        var descriptor: CInt
        /// The end of a pipe of which the thread has the other one: closing it ends the thread. -1 once it is closed.
        var rope: CInt
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
        let ends = try pipe()
        let rope: (reading: CInt, writing: CInt)
        do {
            rope = try pipe()
        } catch {
            _ = (close(ends.reading), close(ends.writing))
            throw error
        }
        _ = fcntl(ends.reading, F_SETFL, O_NONBLOCK)
        let output = WorkerOutput(descriptor: ends.reading, rope: rope.writing, log: log, worker: worker)
        Thread.detachNewThread { [weak output] in
            wait(for: ends.reading, orEndOf: rope.reading) { output?.drain() ?? false }
        }
        return (output, FileDescriptor(rawValue: ends.writing))
    }

    private static func pipe() throws -> (reading: CInt, writing: CInt) {
        var ends: [CInt] = [-1, -1]
        #if canImport(Glibc)
            let result = Glibc.pipe(&ends)
        #else
            let result = Darwin.pipe(&ends)
        #endif
        guard result == 0 else { throw RuntimeError.noDescriptor(errno: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private init(descriptor: CInt, rope: CInt, log: WorkerLog, worker: Int) {
        self.log = log
        self.worker = worker
        state = Mutex(State(descriptor: descriptor, rope: rope))
    }

    deinit { state.withLock { Self.letGo(&$0) } }

    /// What the thread does: calls `drain` whenever there is something, until that says that no more will come, or the rope is
    /// let go. Closes both descriptors.
    private static func wait(for descriptor: CInt, orEndOf rope: CInt, drain: () -> Bool) {
        defer { _ = (close(descriptor), close(rope)) }
        var waited = [descriptor, rope].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while true {
            let count = poll(&waited, 2, -1)
            if count < 0, errno == EINTR { continue }
            guard count > 0, waited[1].revents == 0, drain() else { return }
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
            Self.letGo(&state)
        }
    }

    /// From now on nothing is read, and the thread ends.
    private static func letGo(_ state: inout State) {
        state.descriptor = -1
        if state.rope >= 0 { _ = close(state.rope) }
        state.rope = -1
    }

    /// - Returns: whether more may come.
    private func drain() -> Bool {
        state.withLock { state in
            takeIn(&state)
            return state.descriptor >= 0
        }
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
                // Nobody holds the other end any more.
                Self.letGo(&state)
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
