/// How a worker's process came to its end.
enum WorkerEnd: Sendable, Hashable {
    case exited(code: Int)
    case signaled(Int)
    /// It was ended because it did not answer.
    case hung
    case notStarted(reason: String)

    /// Whether somebody else ended it: the system for want of memory, or a person. What a request does to its own process
    /// shows as another signal, or an exit.
    var isFromOutside: Bool {
        let hangUp = 1
        let interrupt = 2
        let kill = 9
        let terminate = 15
        switch self {
        case .signaled(let signal): return [hangUp, interrupt, kill, terminate].contains(signal)
        case .exited, .hung, .notStarted: return false
        }
    }

    /// - Parameter memoryBytes: how much it was allowed to take.
    func words(memoryBytes: Int?) -> String {
        switch self {
        case .exited(let code): return "exit code \(code)"
        case .signaled(9): return "killed, perhaps because memory ran out"
        case .signaled(let signal):
            let name = Self.names[signal].map { " (\($0))" } ?? ""
            let abort = 6
            guard signal == abort, let memoryBytes else { return "signal \(signal)\(name)" }
            return "signal \(signal)\(name), perhaps because it may take only \(memoryBytes.mebibytes)"
        case .hung: return "it did not answer in time"
        case .notStarted(let reason): return reason
        }
    }

    private static let names = [
        4: "illegal instruction", 6: "abort", 7: "bus error", 8: "arithmetic error", 11: "segmentation fault",
        15: "terminated",
    ]
}

extension Int {
    /// A number of bytes for people.
    var mebibytes: String { "\(self >> 20) MiB" }
}
