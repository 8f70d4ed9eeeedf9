import NIOHTTP1
import TestSupport
import Testing
import Web
import Wire

@Suite struct AccessTests {
    @Test(
        arguments: [
            (nil, 401, ""), ("Bearer s3cret:x", 200, "token"), ("bearer   s3cret:x", 200, "token"),
            ("Bearer wrong", 401, ""),
            ("Bearer s3cret", 401, ""), ("Bearer ", 401, ""), ("Bearer", 401, ""), ("s3cret:x", 401, ""),
            ("Basic YWRhOnMzY3JldDp4", 200, "ada"), ("Basic OnMzY3JldDp4", 200, "token"),
            ("Basic YWRhOndyb25n", 401, ""),
            ("Basic YWRh", 401, ""), ("Basic ###", 401, ""), ("Digest s3cret:x", 401, ""),
        ] as [(String?, Int, String)])
    func aTokenIsTakenAsBearerOrAsBasicPassword(authorization: String?, status: Int, name: String) async throws {
        try await LiveServer.run(.probe, authoriser: .token("s3cret:x", clock: .system)) { server in
            let answer = try await server.get("/who", headers: authorization.map { ["Authorization": $0] } ?? [:])
            #expect(answer.status == status)
            if status == 200 {
                #expect(answer.text == name)
            } else {
                #expect(try answer.json["error_code"] == "UNAUTHENTICATED")
                #expect(answer.header("WWW-Authenticate")?.hasPrefix("Basic") == true)
                #expect(!answer.text.contains("s3cret"))
            }
            #expect(try await server.get("/health").status == 200)
        }
    }

    @Test func whatTheAuthoriserDeniesIs403() async throws {
        let authoriser = Authoriser(
            authenticate: { _ in Principal(name: "bob") }, permits: { _, permission in permission.action == .read })
        try await LiveServer.run(.probe, authoriser: authoriser) { server in
            #expect(try await server.get("/who").text == "bob")
            let answer = try await server.post("/echo", json: [:])
            #expect(answer.status == 403)
            #expect(try answer.json["message"]?.stringValue?.contains("bob may not write things") == true)
        }
    }

    @Test func changesFromPagesOfOtherSitesAreRefused() async throws {
        try await LiveServer.run(.probe) { server in
            for origin in ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.evil.example", ""] {
                let answer = try await server.post("/echo", json: [:], headers: ["Origin": origin])
                #expect(answer.status == 403)
                #expect(try answer.json["error_code"] == "PERMISSION_DENIED")
            }
            #expect(try await server.post("/echo", json: [:], headers: ["Origin": server.url]).status == 200)
            #expect(try await server.get("/who", headers: ["Origin": "https://evil.example"]).status == 200)
        }
    }

    @Test(arguments: [
        ("localhost", 200), ("LOCALHOST:8080", 200), ("127.0.0.1", 200), ("127.1.2.3:80", 200), ("[::1]:8080", 200),
        ("evil.example", 403), ("evil.example:8080", 403), ("127.0.0.1.evil.example", 403), ("127.0.0", 403),
        ("localhost.evil.example", 403), ("10.0.0.1", 403), ("127.0.0.256", 403), ("[::2]", 403), ("", 403),
    ])
    func aServerWithoutATokenAnswersOnlyToThisMachinesNames(host: String, status: Int) async throws {
        let request = "GET /health HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
        try await LiveServer.run(.probe) { server in
            let answer = try await server.raw(request)
            #expect(answer.hasPrefix("HTTP/1.1 \(status)"))
        }
        try await LiveServer.run(.probe, authoriser: .token("secret", clock: .system)) { server in
            let answer = try await server.raw(request)
            #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
    }
}
