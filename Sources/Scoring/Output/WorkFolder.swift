import Synchronization
import Wire

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The folder beside an output in which it grows, part by part. Whoever is killed leaves whole parts, and whoever comes
/// next goes on after the last of them.
///
/// `run.json` says what is scored by what; `part-N.json` is written after the files of part N, and makes it count.
final class WorkFolder: Sendable {
    let path: String
    /// Held as long as this value: two processes never work in one folder.
    private let lock: CInt
    private let state: Mutex<State>

    private struct State {
        var parts: [PartRecord]
        var model: String?
    }

    /// Opens the folder, or makes it. Blocks.
    /// - Parameters:
    ///   - order: what is asked for, which must not have changed since the folder was made.
    ///   - restarts: whether to throw away what is there.
    /// - Throws: `ScoringError` when it cannot be written, somebody works in it, or it is of another order.
    init(path: String, for order: JSON, restarts: Bool) throws {
        self.path = path
        if mkdir(path, 0o755) != 0, errno != EEXIST { throw DurableFile.failure(path) }
        lock = open("\(path)/lock", O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
        guard lock >= 0 else { throw DurableFile.failure(path) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            close(lock)
            throw ScoringError(.conflict, "Another process is writing this output, in \(path).")
        }
        if restarts { try Self.empty(path) }
        let former = Self.json("\(path)/\(Self.runFile)")
        let parts = Self.parts(of: path)
        if let former, former["order"] != order, !parts.isEmpty {
            let changed = order.memberList?.map(\.key).filter { former["order"]?[$0] != order[$0] } ?? []
            close(lock)
            throw ScoringError(
                .conflict,
                "\(path) has the parts of an unfinished batch that was asked for otherwise: "
                    + "\(changed.joined(separator: ", ")) changed since.",
                hint: "Ask as before to go on with it, or pass --restart to begin anew.")
        }
        // What has no part yet is nothing to go on with.
        let isSame = former?["order"] == order
        if former != nil, !isSame { try Self.empty(path) }
        state = Mutex(State(parts: parts, model: isSame ? former?["model"]?.stringValue : nil))
        if !isSame { try DurableFile.write(["order": order], to: "\(path)/\(Self.runFile)") }
    }

    deinit {
        close(lock)
    }

    private static let runFile = "run.json"

    /// Is there from the moment that the output is about to get its name.
    static let deliveryMark = "delivering"

    /// Whether the output has its name already, and nothing is left to do but to take the folder away.
    var isDelivered: Bool {
        let files = FileManager.default
        return files.fileExists(atPath: file(Self.deliveryMark)) && !files.fileExists(atPath: file("output"))
    }

    /// Which model answers, once that is known: an alias may mean another one by the time that the work goes on.
    var model: String? { state.withLock(\.model) }

    /// Blocks.
    func pin(_ model: String) throws {
        let order = Self.json("\(path)/\(Self.runFile)")?["order"] ?? [:]
        try DurableFile.write(["order": order, "model": .string(model)], to: "\(path)/\(Self.runFile)")
        state.withLock { $0.model = model }
    }

    /// The parts that count, in order.
    var parts: [PartRecord] { state.withLock(\.parts) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a part count whose files are there. Blocks.
    func commit(_ part: PartRecord, files: [String]) throws {
        for file in files { try DurableFile.sync(file) }
        try DurableFile.write(part.json, to: file("\(part.name).json"))
        state.withLock { $0.parts.append(part) }
    }

    /// Takes everything away. Blocks.
    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }

    private static func parts(of path: String) -> [PartRecord] {
        var parts: [PartRecord] = []
        while let json = json("\(path)/\(PartRecord.name(parts.count)).json"),
            let part = PartRecord(json: json, index: parts.count)
        {
            parts.append(part)
        }
        return parts
    }

    private static func empty(_ path: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: path) where name != "lock" {
            try FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
    }

    private static func json(_ path: String) -> JSON? {
        FileManager.default.contents(atPath: path).flatMap { try? JSON.parse($0) }
    }
}

/// A part of an output that is whole.
struct PartRecord: Sendable, Hashable {
    /// From 0.
    let index: Int
    let rows: Int
    let failed: Int
    /// Nil when all of its rows failed.
    let columns: PredictionColumns?

    var name: String { Self.name(index) }

    static func name(_ index: Int) -> String { "part-\(index)" }

    /// Whether it has rows for the output.
    var hasAnswers: Bool { failed < rows }

    init(index: Int, rows: Int, failed: Int, columns: PredictionColumns?) {
        self.index = index
        self.rows = rows
        self.failed = failed
        self.columns = columns
    }

    init?(json: JSON, index: Int) {
        guard let rows = json["rows"]?.integerValue, let failed = json["failed"]?.integerValue else { return nil }
        self.init(
            index: index, rows: Int(rows), failed: Int(failed),
            columns: json["columns"].map(PredictionColumns.init(json:)))
    }

    var json: JSON {
        .compact(["rows": .integer(Int64(rows)), "failed": .integer(Int64(failed)), "columns": columns?.json])
    }
}

extension DurableFile {
    fileprivate static func write(_ json: JSON, to path: String) throws {
        try write(json.text, to: path)
    }
}
