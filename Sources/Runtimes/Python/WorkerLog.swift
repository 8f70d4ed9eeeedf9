import DequeModule
import Logging
import Synchronization

/// What the processes of a model print: every line goes to the server's log, and those that were printed while a request
/// was answered are kept under the request's id.
final class WorkerLog: Sendable {
    private let logger: Logger
    private let kept = Mutex(Kept())

    fileprivate struct Kept {
        var lines: [String: [String]] = [:]
        var ids: Deque<String> = []
    }

    /// Of so many requests lines are kept, the newest.
    fileprivate static let keptRequests = 256
    /// So much is kept of each, the last lines.
    fileprivate static let keptBytes = 16 << 10

    init(logger: Logger) {
        self.logger = logger
    }

    /// - Parameter ids: the requests that the process was answering.
    func record(_ lines: [String], worker: Int, ids: [String]) {
        guard !lines.isEmpty else { return }
        var metadata: Logger.Metadata = ["worker": "\(worker)"]
        if !ids.isEmpty { metadata["request"] = "\(ids.joined(separator: ","))" }
        for line in lines { logger.info("\(line)", metadata: metadata) }
        kept.withLock { kept in
            for id in ids { kept.append(lines, id: id) }
        }
    }

    /// The last lines that were printed for a request, oldest first.
    func lines(for id: String) -> [String] {
        kept.withLock { $0.lines[id] ?? [] }
    }
}

extension WorkerLog.Kept {
    fileprivate mutating func append(_ more: [String], id: String) {
        if lines[id] == nil {
            ids.append(id)
            if ids.count > WorkerLog.keptRequests, let oldest = ids.popFirst() { lines[oldest] = nil }
        }
        var all = lines[id, default: []] + more
        var size = all.reduce(0) { $0 + $1.utf8.count }
        let dropped = all.prefix { line in
            guard size > WorkerLog.keptBytes else { return false }
            size -= line.utf8.count
            return true
        }
        all.removeFirst(dropped.count)
        lines[id] = all
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
            if let line = flush() { lines.append(line) }
        }
        return lines
    }

    /// What there is of a line that has not ended; nil when there is nothing.
    mutating func flush() -> String? {
        defer { rest.removeAll(keepingCapacity: true) }
        return rest.isEmpty ? nil : String(decoding: rest, as: UTF8.self)
    }
}
