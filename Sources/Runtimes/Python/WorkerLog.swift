import Logging
import Synchronization

/// What a worker prints: every line goes to the server's log, the last ones are kept for messages.
final class WorkerLog: Sendable {
    private let logger: Logger
    private let state = Mutex(State())
    private static let keptLines = 40

    private struct State {
        var splitter = LineSplitter(maximumBytes: 8 << 10)
        var last: [String] = []
    }

    init(logger: Logger) {
        self.logger = logger
    }

    func receive(_ bytes: some Sequence<UInt8>) {
        let lines = state.withLock { state in
            let lines = state.splitter.split(bytes)
            state.last = Array((state.last + lines).suffix(Self.keptLines))
            return lines
        }
        for line in lines { logger.info("\(line)") }
    }

    /// The last lines, oldest first.
    var last: [String] {
        state.withLock { $0.last }
    }
}

/// Cuts bytes into lines of text. A line longer than allowed is cut into several.
struct LineSplitter {
    private let maximumBytes: Int
    private var rest: [UInt8] = []

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// The lines that `bytes` complete, without empty ones.
    mutating func split(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte != UInt8(ascii: "\n") { rest.append(byte) }
            guard byte == UInt8(ascii: "\n") || rest.count >= maximumBytes else { continue }
            if !rest.isEmpty { lines.append(String(decoding: rest, as: UTF8.self)) }
            rest.removeAll(keepingCapacity: true)
        }
        return lines
    }
}
