import HTTPTypes
import TestSupport
import Testing
import Web
import Wire

@Suite struct WebServerTests {
    @Test func answersOnAFreePortAndStops() async throws {
        var routes = Routes()
        routes.add(.get, "/health", .open) { _ in .text("OK") }
        try await LiveServer.run(routes) { server in
            let answer = try await server.get("/health")
            #expect(answer.status == 200)
            #expect(answer.text == "OK")
        }
    }
}
