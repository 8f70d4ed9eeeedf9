import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A process as the kernel tells of it.
package struct ObservedProcess: Sendable, Hashable {
    fileprivate let id: pid_t
    /// In ticks since the machine was started: who has the same number later is another.
    private let start: String

    /// What `/proc` says of a process at this moment.
    private struct Status {
        let parent: pid_t
        let group: pid_t
        let isZombie: Bool
        let start: String
    }

    /// - Parameter isOfInterest: gets the parent and the group.
    fileprivate static func all(where isOfInterest: (pid_t, pid_t) -> Bool) throws -> [ObservedProcess] {
        let ids = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
        return ids.compactMap { id in
            guard let status = status(of: id), isOfInterest(status.parent, status.group) else { return nil }
            return ObservedProcess(id: id, start: status.start)
        }
    }

    private static func status(of id: pid_t) -> Status? {
        guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
            // The name, in parentheses, may hold anything.
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let parent = pid_t(fields[1]), let group = pid_t(fields[2]) else { return nil }
        return Status(parent: parent, group: group, isZombie: fields[0] == "Z", start: String(fields[19]))
    }

    private var status: Status? {
        Self.status(of: id).flatMap { $0.start == start ? $0 : nil }
    }

    /// Whether it has not ended.
    package var isRunning: Bool { status.map { !$0.isZombie } ?? false }

    /// Whether it has ended and its parent has not taken note of it.
    package var isZombie: Bool { status?.isZombie ?? false }

    /// Ends it without a word.
    package func kill() {
        if isRunning { _ = systemKill(id, SIGKILL) }
    }
}

/// The function of the C library, which the method's own name hides.
private func systemKill(_ id: pid_t, _ signal: CInt) -> CInt { kill(id, signal) }

extension RunningServer {
    /// What it has started and has not taken note of the end of.
    package var children: [ObservedProcess] {
        get throws { try ObservedProcess.all { parent, _ in parent == processID } }
    }

    /// Its children, with all that those have started and kept in their group.
    package var descendants: [ObservedProcess] {
        get throws {
            let groups = Set(try children.map(\.id))
            return try ObservedProcess.all { _, group in groups.contains(group) }
        }
    }
}
