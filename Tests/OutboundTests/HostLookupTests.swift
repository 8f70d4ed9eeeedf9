import Dispatch
import NIOCore
import NIOPosix
import Synchronization
import Testing
import Wire

@testable import Outbound

@Suite(.timeLimit(.minutes(2))) struct HostLookupTests {
    @Test func findsAddresses() async throws {
        #expect(
            try await HostLookup.system.addresses(of: "127.0.0.1", receiver: "webhook").map(\.text) == ["127.0.0.1"])
        await #expect(throws: OutboundError.self) {
            _ = try await HostLookup.system.addresses(of: "nowhere.invalid", receiver: "webhook")
        }
    }

    @Test func waitsNoLongerThanItMayForANameServer() async throws {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        let (isAway, asked) = (DispatchSemaphore(value: 0), Names())
        let lookup = HostLookup(on: pool, deadline: .milliseconds(200)) { host in
            asked.note(host)
            if host == "away" { isAway.wait() }
            return []
        }
        // The second waits for a thread, and is not looked up once nobody waits for it.
        for host in ["away", "late"] {
            let error = await #expect(throws: OutboundError.self) {
                _ = try await lookup.addresses(of: host, receiver: "webhook")
            }
            #expect(error?.code == .deadlineExceeded)
        }
        isAway.signal()
        // Files are read meanwhile and names are looked up again.
        let error = await #expect(throws: OutboundError.self) {
            _ = try await HostLookup(on: pool, deadline: .minutes(1)) { host in
                asked.note(host)
                return []
            }.addresses(of: "here", receiver: "webhook")
        }
        #expect(error?.code == .invalidParameterValue)
        #expect(asked.all == ["away", "here"])
        try await pool.shutdownGracefully()
    }

    private final class Names: Sendable {
        private let names = Mutex<[String]>([])

        var all: [String] { names.withLock { $0 } }

        func note(_ name: String) {
            names.withLock { $0.append(name) }
        }
    }
}
