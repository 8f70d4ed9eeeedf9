import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Hears on a connection of its own what other servers on the database announce, and wakes who waits for it here.
///
/// Starts with the first who waits. While it has no connection it tries again with short pauses, and after each it wakes
/// everyone: what was announced meanwhile is not told again.
final class PostgresListener: Sendable {
    static let channel = "martlet"

    private struct State {
        var isStarted = false
        var isClosed = false
    }

    private let state = Mutex(State())
    private let alarm = Alarm()
    private let library: LibPQ
    private let location: PostgresLocation
    private let bulletin: Bulletin
    /// Who the writer of this server is: those that it told know already.
    private let ownPID: WriterPID

    init(_ library: LibPQ, _ location: PostgresLocation, bulletin: Bulletin, ownPID: WriterPID) {
        self.library = library
        self.location = location
        self.bulletin = bulletin
        self.ownPID = ownPID
    }

    func start() {
        let isFirst = state.withLock { state in
            defer { state.isStarted = true }
            return !state.isStarted && !state.isClosed
        }
        if isFirst { Thread.detachNewThread { [self] in listen() } }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        alarm.ring()
    }

    private var isClosed: Bool { state.withLock(\.isClosed) }

    private func listen() {
        var backoff = Backoff()
        while !isClosed {
            do {
                let connection = try PostgresConnection(library, location, settings: "LISTEN \(Self.channel)")
                backoff = Backoff()
                bulletin.notifyAll()
                while !isClosed {
                    for (name, sender) in try connection.notifications() where !isOwn(sender) {
                        bulletin.notify(Topic(name))
                    }
                    alarm.wait(orFor: connection.socket, atMost: .seconds(30))
                }
            } catch {
                alarm.wait(atMost: backoff.pause)
                backoff.failed(with: DatabaseError.closed, at: .now)
                bulletin.notifyAll()
            }
        }
    }

    private func isOwn(_ sender: Int32) -> Bool {
        sender == ownPID.value.load(ordering: .relaxed)
    }
}

/// Ends a wait from another thread: a pipe, because what is waited for is a socket.
private final class Alarm: Sendable {
    private let ends: (read: Int32, write: Int32)

    init() {
        var ends: [Int32] = [-1, -1]
        ends.withUnsafeMutableBufferPointer { _ = $0.baseAddress.map(pipe) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        self.ends = (ends[0], ends[1])
    }

    deinit {
        close(ends.read)
        close(ends.write)
    }

    /// From now on nobody waits.
    func ring() {
        _ = write(ends.write, "!", 1)
    }

    /// Waits until `socket` can be read, the alarm has rung, or the time is over.
    func wait(orFor socket: Int32 = -1, atMost time: Duration) {
        var files = [pollfd(fd: ends.read, events: Int16(POLLIN), revents: 0)]
        if socket >= 0 { files.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
        let milliseconds = time.components.seconds * 1000 + time.components.attoseconds / 1_000_000_000_000_000
        _ = poll(&files, nfds_t(files.count), Int32(milliseconds))
    }
}
