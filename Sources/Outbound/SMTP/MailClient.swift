import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Wire

/// Hands letters in at mail servers, at the very address that was looked at.
package struct MailClient: Sendable {
    private let client: OutboundClient
    private let ownName: String
    private let trustRoots: NIOSSLTrustRoots

    /// How long a letter may take.
    private static let timeout = Duration.seconds(60)

    /// - Parameters:
    ///   - ownName: what this machine is called, a host name.
    ///   - authority: a file with certificates in PEM that are trusted instead of the system's.
    package init(allowsPrivate: Bool, ownName: String = "localhost", authority: String? = nil) {
        client = OutboundClient(allowsPrivate: allowsPrivate, receiver: "mail server")
        self.ownName = ownName
        trustRoots = authority.map { .file($0) } ?? .default
    }

    /// - Throws: `OutboundError` when the server is not reached or refuses.
    package func send(_ message: MailMessage, to server: MailServer) async throws {
        let addresses = try await client.addresses(of: server.host)
        let session = SMTPSession(message, to: server, ownName: ownName)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await exchange(session, with: server, at: addresses) }
            group.addTask {
                try await Task.sleep(for: Self.timeout)
                throw OutboundError(.unavailable, "The mail server '\(server.host)' took longer than \(Self.timeout).")
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Talks until the letter is in; how the connection ends after that does not matter, and must not have the letter sent
    /// again.
    private func exchange(
        _ session: SMTPSession, with server: MailServer, at addresses: [NetworkAddress]
    ) async throws {
        let arrived = LineCount()
        let channel = try await connect(to: server, at: addresses, counting: arrived)
        var isDelivered = false
        do {
            try await channel.executeThenClose { inbound, outbound in
                var session = session
                var lines: [String] = []
                var readCount = 0
                for try await line in inbound {
                    readCount += 1
                    lines.append(String(buffer: line))
                    guard let reply = try SMTPReply(lines: lines) else { continue }
                    lines = []
                    var action = try session.next(after: reply)
                    isDelivered = session.isDelivered
                    if action == .encrypt {
                        try await encrypt(channel.channel, server, after: readCount, of: arrived)
                        action = session.hello()
                    }
                    switch action {
                    case .say(let line): try await outbound.write(ByteBuffer(string: line + "\r\n"))
                    case .letter(let lines): try await outbound.write(Self.stuffed(lines))
                    case .done, .encrypt: return
                    }
                }
                throw OutboundError(.unavailable, "The mail server '\(server.host)' closed the connection.")
            }
        } catch  where isDelivered {
            return
        }
    }

    /// The letter as DATA wants it (RFC 5321, 4.5.2).
    static func stuffed(_ lines: [String]) -> ByteBuffer {
        var buffer = ByteBuffer()
        for line in lines { buffer.writeString((line.hasPrefix(".") ? "." : "") + line + "\r\n") }
        buffer.writeString(".\r\n")
        return buffer
    }

    private typealias Lines = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Connects to the first of the addresses that answers.
    private func connect(
        to server: MailServer, at addresses: [NetworkAddress], counting arrived: LineCount
    ) async throws -> Lines {
        let tls = server.encryption == .tls ? try context() : nil
        var reason = "it has no address"
        for address in addresses {
            do {
                return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connectTimeout(.seconds(10))
                    .connect(host: address.text, port: server.port) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            if let tls { try Self.add(tls, server, to: channel) }
                            let decoder = ByteToMessageHandler(LineDecoder(arrived: arrived))
                            try channel.pipeline.syncOperations.addHandler(decoder)
                            return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                        }
                    }
            } catch {
                reason = "\(error)"
            }
        }
        throw OutboundError(
            .unavailable, "The mail server '\(server.host):\(server.port)' is not reached: \(reason)")
    }

    private func context() throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = trustRoots
        return try NIOSSLContext(configuration: configuration)
    }

    /// A certificate is for a name, or for an address that is given as one.
    private static func add(_ tls: NIOSSLContext, _ server: MailServer, to channel: any Channel) throws {
        let isAddress = (try? SocketAddress(ipAddress: server.host, port: 0)) != nil
        let handler = try NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : server.host)
        try channel.pipeline.syncOperations.addHandler(handler, position: .first)
    }

    /// What came in the clear must have been read by now: somebody on the way may have put words into the server's mouth that
    /// would be taken for encrypted ones.
    private func encrypt(
        _ channel: any Channel, _ server: MailServer, after readCount: Int, of arrived: LineCount
    ) async throws {
        let tls = try context()
        try await channel.eventLoop.submit {
            guard arrived.value == readCount else {
                throw OutboundError(.unavailable, "The mail server '\(server.host)' spoke before it was its turn.")
            }
            try Self.add(tls, server, to: channel)
        }.get()
    }
}

/// How many lines have come in.
final class LineCount: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func increment() { count.withLock { $0 += 1 } }
}

/// Cuts what comes in at its line ends.
struct LineDecoder: ByteToMessageDecoder {
    typealias InboundOut = ByteBuffer

    let arrived: LineCount

    /// RFC 5321 has 512; servers say more.
    static let longest = 4096

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let end = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else {
            guard buffer.readableBytes <= Self.longest else {
                throw OutboundError(.unavailable, "What answers there is no mail server.")
            }
            return .needMoreData
        }
        let length = end - buffer.readerIndex
        var line = buffer.readSlice(length: length) ?? ByteBuffer()
        buffer.moveReaderIndex(forwardBy: 1)
        if line.readableBytesView.last == UInt8(ascii: "\r") {
            line = line.getSlice(at: line.readerIndex, length: line.readableBytes - 1) ?? line
        }
        arrived.increment()
        context.fireChannelRead(wrapInboundOut(line))
        return .continue
    }

    mutating func decodeLast(
        context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool
    ) throws -> DecodingState {
        try decode(context: context, buffer: &buffer)
    }
}
