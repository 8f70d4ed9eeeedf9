import TestSupport
import Testing
import Web
import Wire

@testable import Console

@Suite struct APIClientTests {
    static let answers: [(ProblemCode, Int32)] = [
        (.doesNotExist, 3), (.permissionDenied, 4), (.conflict, 5), (.alreadyExists, 5), (.badRequest, 1),
    ]

    @Test(arguments: answers)
    func aServersErrorBecomesItsMessageAndAnExitCode(code: ProblemCode, exitCode: Int32) async throws {
        let problem = WebError(code, "no such luck")
        var routes = Routes()
        routes.open("/x") { _ in throw problem }
        try await LiveServer.run(routes) { server in
            let error = await #expect(throws: RemoteError.self) {
                try await APIClient(url: server.url, token: nil).get("/x")
            }
            #expect(error?.message == problem.message)
            #expect(error?.code.exitCode == exitCode)
        }
    }

    @Test func nobodyAnsweringIsSevenAndSaysWhatToStart() async throws {
        let error = await #expect(throws: ConsoleError.self) {
            try await APIClient(url: "http://127.0.0.1:1", token: nil).get("/health")
        }
        #expect(error?.code.exitCode == 7)
        #expect(error?.hint?.contains("martlet server") == true)
    }

    @Test func sendsTheTokenAndTheQuery() async throws {
        var routes = Routes()
        routes.get("/x", .read("x")) { call in .json(["q": .string(call.query("q") ?? "")]) }
        try await LiveServer.run(routes, authoriser: .token("s3cret", clock: .system)) { server in
            let answer = try await APIClient(url: server.url + "/", token: "s3cret").get(
                "/x", query: ["q": "a&b =c", "r": nil])
            #expect(answer["q"] == "a&b =c")
        }
    }
}
