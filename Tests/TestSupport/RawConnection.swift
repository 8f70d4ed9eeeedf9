package import NIOCore
import NIOPosix

/// A connection on which a test says whatever it wants, for what no proper client would send.
package struct RawConnection {
    package let sender: Sender
    private let channel: any Channel
    private var received: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator

    /// The half of it that speaks.
    package struct Sender: Sendable {
        fileprivate let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

        package func send(_ bytes: ByteBuffer) async throws {
            try await outbound.write(bytes)
        }

        package func send(_ text: String) async throws {
            try await send(ByteBuffer(string: text))
        }

        /// Sends for as long as the server takes it: one that has heard enough hangs up.
        package func send(_ chunks: some Sequence<ByteBuffer>) async {
            for chunk in chunks {
                guard (try? await send(chunk)) != nil else { break }
            }
        }

        /// Says that there is nothing more to come.
        package func finish() {
            outbound.finish()
        }
    }

    /// Opens a connection, which is closed when `body` is done with it.
    /// - Parameter patience: after it the connection is closed whatever happens.
    package static func open<Value>(
        to server: LiveServer, patience: TimeAmount = .seconds(60), _ body: (inout RawConnection) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: server.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        let end = channel.channel.eventLoop.scheduleTask(in: patience) { channel.channel.close(promise: nil) }
        defer { end.cancel() }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = RawConnection(
                sender: Sender(outbound: outbound), channel: channel.channel, received: inbound.makeAsyncIterator())
            return try await body(&connection)
        }
    }

    /// Breaks the connection off without a word.
    package func cut() async throws {
        try await channel.close()
    }

    /// What the server says until it hangs up; what it said until then when the connection breaks.
    package mutating func rest() async -> String {
        var bytes = ByteBuffer()
        while var chunk = try? await received.next() { bytes.writeBuffer(&chunk) }
        return String(buffer: bytes)
    }

    /// Waits until the server has said something that contains `text`.
    /// - Returns: all it has said; without the text when it hung up before.
    package mutating func answer(containing text: String) async throws -> String {
        var answer = ""
        while !answer.contains(text), let chunk = try await received.next() { answer += String(buffer: chunk) }
        return answer
    }
}

extension LiveServer {
    /// Sends text as it is and reads until the server hangs up; the last request should say `Connection: close`.
    package func raw(_ text: String) async throws -> String {
        try await raw([ByteBuffer(string: text)])
    }

    /// Sends bytes as they are, for as long as the server takes them, and reads until it hangs up.
    package func raw(_ chunks: some Sequence<ByteBuffer> & Sendable) async throws -> String {
        try await RawConnection.open(to: self) { connection in
            let sender = connection.sender
            async let sending: Void = sender.send(chunks)
            let answer = await connection.rest()
            await sending
            return answer
        }
    }
}
