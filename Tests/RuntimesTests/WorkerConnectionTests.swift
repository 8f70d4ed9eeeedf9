import NIOCore
import NIOPosix
import Testing
import Wire

@testable import Runtimes

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

@Suite(.timeLimit(.minutes(1))) struct WorkerConnectionTests {
    @Test func takesALateAnswerForTheRequestThatItBelongsTo() async throws {
        let (connection, sockets) = try await Self.connection()
        let free = AsyncStream.makeStream(of: Void.self)
        let patience = Patience(until: .now + .milliseconds(20), longest: .seconds(60), overtime: .seconds(60))
        let late = await #expect(throws: RuntimeError.self) {
            try await connection.call(.load(folder: "/one"), patience: patience) { _ in free.continuation.yield() }
        }
        #expect(late?.code.status == 504)
        try Self.readFrame(sockets)
        try sockets.theirs.writeAll(WorkerFrame(header: ["ok": false, "error": "one"]).bytes.readableBytesView)
        for await _ in free.stream { break }
        let patient = Patience(longest: .seconds(60), overtime: .zero)
        async let second = connection.call(.load(folder: "/two"), patience: patient)
        try Self.readFrame(sockets)
        try sockets.theirs.writeAll(WorkerFrame(header: ["ok": false, "error": "two"]).bytes.readableBytesView)
        #expect(try await second == .refused("two"))
        await connection.close()
        try sockets.theirs.close()
    }

    @Test func cutsOffAWorkerThatHangs() async throws {
        let (connection, sockets) = try await Self.connection()
        let patience = Patience(until: .now, longest: .seconds(60), overtime: .milliseconds(1))
        await #expect(throws: RuntimeError.self) { try await connection.call(.load(folder: "/"), patience: patience) }
        await connection.waitUntilClosed()
        #expect(connection.isHanging)
        try sockets.theirs.close()
    }

    @Test func leavesAWorkerAsMuchTimeAgainAsItsRequestHad() {
        let slow = Patience(until: .now + .seconds(10), longest: .seconds(60), overtime: .seconds(2))
        #expect(slow.hanging > .seconds(19) && slow.hanging <= .seconds(20))
        let quick = Patience(until: .now + .milliseconds(50), longest: .seconds(60), overtime: .seconds(2))
        #expect(quick.answer <= .milliseconds(50) && quick.hanging > .seconds(2))
        let endless = Patience(until: nil, longest: .seconds(60), overtime: .seconds(2))
        #expect(endless.answer == .seconds(60) && endless.hanging == .seconds(60))
    }

    /// Waits for a request to arrive.
    private static func readFrame(_ sockets: SocketPair) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 10)
        let count = try buffer.withUnsafeMutableBytes { try sockets.theirs.read(into: $0) }
        #expect(count > 0)
    }

    private static func connection() async throws -> (WorkerConnection, SocketPair) {
        let sockets = try SocketPair()
        let connection = try await WorkerConnection.adopt(
            socket: sockets.ours, group: MultiThreadedEventLoopGroup.singleton, maximumFrameBytes: 1 << 20)
        return (connection, sockets)
    }

    /// The worker dies with more on its way than the socket holds, so that the write fails and not only the answer.
    @Test(arguments: [1, 4 << 20]) func saysThatTheWorkerIsGoneWhateverTheSocketSays(valueBytes: Int) async throws {
        let (connection, sockets) = try await Self.connection()
        let document = JSON.string(String(repeating: "x", count: valueBytes))
        let frame = WorkerFrame.predict(.document(document), parameters: nil, isPositional: false)
        let patience = Patience(longest: .seconds(60), overtime: .zero)
        let call = Task { try await connection.call(frame, patience: patience) }
        try sockets.theirs.close()
        await #expect(throws: WorkerLost.self) { try await call.value }
        #expect(!connection.isHanging)
    }
}
