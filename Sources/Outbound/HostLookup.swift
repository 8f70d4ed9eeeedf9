import NIOCore
import NIOPosix
import Wire

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Looks up which addresses a host has now, on threads of its own: a name server that does not answer holds a thread for a
/// minute, and all others read files.
struct HostLookup: Sendable {
    private let pool: NIOThreadPool
    private let deadline: TimeAmount
    private let resolve: @Sendable (String) -> [NetworkAddress]

    /// - Parameters:
    ///   - pool: has been started.
    ///   - deadline: how long one look-up may take, waiting for a thread included.
    ///   - resolve: blocks.
    init(
        on pool: NIOThreadPool, deadline: TimeAmount,
        resolve: @escaping @Sendable (String) -> [NetworkAddress] = HostLookup.lookUp
    ) {
        (self.pool, self.deadline, self.resolve) = (pool, deadline, resolve)
    }

    /// By the system's resolver.
    static let system: HostLookup = {
        let pool = NIOThreadPool(numberOfThreads: 4)
        pool.start()
        return HostLookup(on: pool, deadline: .seconds(10))
    }()

    /// - Parameter receiver: what messages call the receiver, such as `webhook`.
    /// - Throws: `OutboundError` when there are none, or none were found in time.
    func addresses(of host: String, receiver: String) async throws -> [NetworkAddress] {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let (deadline, resolve) = (NIODeadline.now() + deadline, resolve)
        let answer = loop.makePromise(of: [NetworkAddress].self)
        let late = OutboundError(
            .deadlineExceeded,
            "The \(receiver)'s host '\(host)' was not found in time: its name server does not answer.")
        let timer = loop.scheduleTask(deadline: deadline) { answer.fail(late) }
        let found = pool.runIfActive(eventLoop: loop) {
            // Nobody waits for it any more.
            guard NIODeadline.now() < deadline else { throw late }
            return resolve(host)
        }
        found.whenComplete { found in
            timer.cancel()
            answer.completeWith(found)
        }
        let addresses = try await answer.futureResult.get()
        guard !addresses.isEmpty else {
            throw OutboundError(.invalidParameterValue, "Cannot resolve \(receiver) hostname '\(host)'.")
        }
        return addresses
    }

    static func lookUp(_ host: String) -> [NetworkAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [NetworkAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = address(entry), !found.contains(address) { found.append(address) }
            next = entry.ai_next
        }
        return found
    }

    private static func address(_ entry: addrinfo) -> NetworkAddress? {
        guard let pointer = UnsafeRawPointer(entry.ai_addr) else { return nil }
        switch entry.ai_family {
        case AF_INET:
            let address = pointer.assumingMemoryBound(to: sockaddr_in.self).pointee.sin_addr
            return NetworkAddress(bytes: withUnsafeBytes(of: address) { Array($0) })
        case AF_INET6:
            let address = pointer.assumingMemoryBound(to: sockaddr_in6.self).pointee.sin6_addr
            return NetworkAddress(bytes: withUnsafeBytes(of: address) { Array($0) })
        default: return nil
        }
    }
}
