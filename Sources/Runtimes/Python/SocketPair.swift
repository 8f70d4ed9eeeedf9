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

/// Two connected Unix sockets without a name, which nobody else can reach. Neither is inherited by other processes.
struct SocketPair {
    let ours: CInt
    let theirs: FileDescriptor

    /// - Throws: `RuntimeError` when the process has too many files open.
    init() throws {
        var pair: [CInt] = [-1, -1]
        #if os(Linux)
            let status = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair)
        #else
            let status = socketpair(AF_UNIX, SOCK_STREAM, 0, &pair)
        #endif
        guard status == 0 else {
            throw RuntimeError.noDescriptor(errno: errno)
        }
        ours = pair[0]
        theirs = FileDescriptor(rawValue: pair[1])
    }
}

extension RuntimeError {
    /// The server cannot open what connects it with a worker.
    static func noDescriptor(errno: CInt) -> RuntimeError {
        RuntimeError(
            .unavailable, "A worker cannot be connected: \(Errno(rawValue: errno)).",
            hint: "Raise the limit of open files (ulimit -n).", retryAfterSeconds: 10)
    }
}
