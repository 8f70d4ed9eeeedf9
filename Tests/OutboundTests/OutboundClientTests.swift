import TestSupport
import Testing
import Wire

@testable import Outbound

@Suite(.timeLimit(.minutes(1))) struct OutboundClientTests {
    @Test func saysInWordsThatNobodyAnswers() async throws {
        let client = OutboundClient(allowsPrivate: true, receiver: "channel")
        // Nobody listens where the multiplexer of services would.
        let error = await #expect(throws: OutboundError.self) {
            _ = try await client.post("{}", to: "http://127.0.0.1:1/secret")
        }
        #expect(error?.message == "Nobody answers at the channel's address: connection refused.")
        #expect(error?.code == .unavailable)
    }
}
