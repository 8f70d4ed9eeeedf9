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
    /// The worker dies with more on its way than the socket holds, so that the write fails and not only the answer.
    @Test(arguments: [1, 4 << 20]) func saysThatTheWorkerIsGoneWhateverTheSocketSays(valueBytes: Int) async throws {
        let sockets = try SocketPair()
        let connection = try await WorkerConnection.adopt(
            socket: sockets.ours, group: MultiThreadedEventLoopGroup.singleton, maximumFrameBytes: 1 << 20)
        let document = JSON.string(String(repeating: "x", count: valueBytes))
        let frame = WorkerFrame.predict(.document(document), parameters: nil, isPositional: false)
        let call = Task { try await connection.call(frame, deadline: .seconds(60)) }
        try sockets.theirs.close()
        let error = await #expect(throws: RuntimeError.self) { try await call.value }
        #expect(error?.code.status == 503)
        #expect(error?.retryAfterSeconds == 1)
    }
}
