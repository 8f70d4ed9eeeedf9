import HTTPTypes
import NIOCore
import NIOHTTP1
import TestSupport
import Testing
import Web
import Wire

@Suite struct WebServerTests {
    @Test func aProtocolHasItsOwnFormForWhateverGoesWrong() async throws {
        var routes = Routes()
        routes.errors(under: "/own") { ["wrong": .string($0.message), "code": .integer(Int64($0.code.status))] }
        routes.hot("/own/thing", .write("things")) { _ in .empty }
        routes.get("/own/other", .read("things")) { _ in .empty }
        routes.get("/owner", .read("things")) { _ in .empty }
        struct Unforeseen: Error {}
        let authoriser = Authoriser(authenticate: { _ in throw Unforeseen() }, permits: { _, _ in true })
        try await LiveServer.run(routes, authoriser: authoriser) { server in
            for answer in [try await server.post("/own/thing", json: [:]), try await server.get("/own/other")] {
                #expect(answer.status == 500)
                #expect(try answer.json["code"] == 500)
                let id = try #require(answer.header("X-Request-Id"))
                #expect(try answer.json["wrong"]?.stringValue?.contains(id) == true, "\(answer.text)")
            }
            #expect(try await server.get("/own").json["code"] == 404)
            #expect(try await server.get("/owner").json["error_code"] == "INTERNAL_ERROR")
        }
    }

    @Test func answersOnAFreePortAndStops() async throws {
        try await LiveServer.run(.probe) { server in
            let answer = try await server.get("/health")
            #expect(answer.status == 200)
            #expect(answer.text == "OK")
        }
    }

    @Test func anUnknownPathIs404InMLflowsForm() async throws {
        try await LiveServer.run(.probe) { server in
            for path in ["/nothing", "/things", "/things/a/b", "/%2e%2e/etc/passwd"] {
                let answer = try await server.get(path)
                #expect(answer.status == 404)
                #expect(answer.header("Content-Type") == "application/json")
                #expect(try answer.json["error_code"] == "ENDPOINT_NOT_FOUND")
                #expect(try answer.json["message"]?.stringValue?.contains("GET \(path)") == true)
            }
        }
    }

    @Test func aKnownPathWithAnotherVerbIs405AndNamesTheVerbs() async throws {
        try await LiveServer.run(.probe) { server in
            let answer = try await server.send(.PUT, "/things/a")
            #expect(answer.status == 405)
            #expect(answer.header("Allow") == "DELETE, GET, HEAD")
            #expect(try answer.json["error_code"] == "METHOD_NOT_ALLOWED")
            #expect(try answer.json["message"]?.stringValue?.contains("DELETE, GET") == true)
            #expect(try await server.send(.HEAD, "/echo").status == 405)
        }
    }

    @Test func headSaysWhatGetWouldWithoutABody() async throws {
        try await LiveServer.run(.probe) { server in
            let head = try await server.send(.HEAD, "/health")
            #expect(head.status == 200)
            #expect(head.header("Content-Length") == "2")
            #expect(head.body.readableBytes == 0)
        }
    }

    /// A body after HEAD would be read as the start of the next answer.
    @Test func headHasNoBodyEvenWhenItFails() async throws {
        try await LiveServer.run(.probe) { server in
            let answers = try await server.raw(
                "HEAD /nothing HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD /unforeseen HTTP/1.1\r\nHost: localhost\r\n\r\n"
                    + "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(answers.hasPrefix("HTTP/1.1 404"))
            #expect(answers.hasSuffix("OK"))
            #expect(!answers.contains("error_code"))
        }
    }

    @Test func anUnforeseenErrorTellsTheClientOnlyWhereToLook() async throws {
        try await LiveServer.run(.probe) { server in
            let answer = try await server.get("/unforeseen")
            #expect(answer.status == 500)
            #expect(!answer.text.contains("Unforeseen"))
            let id = try #require(answer.header("X-Request-Id"))
            #expect(try answer.json["request_id"] == .string(id))
            #expect(try answer.json["message"]?.stringValue?.contains(id) == true)
        }
    }

    @Test func everyAnswerHasItsOwnRequestID() async throws {
        try await LiveServer.run(.probe) { server in
            var ids: Set<String> = []
            for path in ["/health", "/health", "/nothing", "/unforeseen", "/page"] {
                ids.insert(try #require(try await server.get(path).header("X-Request-Id")))
            }
            #expect(ids.count == 5)
        }
    }

    @Test func saysWhenToTryAgain() async throws {
        try await LiveServer.run(.probe) { server in
            let answer = try await server.get("/busy")
            #expect(answer.status == 503)
            #expect(answer.header("Retry-After") == "7")
        }
    }

    @Test func aPortInUseIsSaidInPlainWords() async throws {
        try await LiveServer.run(.probe) { server in
            let second = WebServer(
                host: "127.0.0.1", port: server.port, routes: Routes(), authoriser: .local,
                shell: PageShell(sections: [], version: "0"), clock: .system, logger: LiveServer.quiet)
            let error = try await #require(throws: WebError.self) { try await second.run() }
            #expect(error.message.contains("in use"))
            #expect(error.message.contains(String(server.port)))
        }
    }
}
