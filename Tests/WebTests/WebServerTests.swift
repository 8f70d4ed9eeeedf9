import HTTPTypes
import NIOCore
import NIOHTTP1
import TestSupport
import Testing
import Web
import Wire

@Suite struct WebServerTests {
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
