import NIOHTTP1
import TestSupport
import Testing
import Web
import Wire

@Suite struct PageTests {
    @Test func browsersGetPagesAndProgramsGetJSONForTheSameProblem() async throws {
        try await LiveServer.run(.probe) { server in
            for path in ["/nothing/%3Cb%3E", "/unforeseen", "/things/a/b/c"] {
                let page = try await server.get(path, headers: ["Accept": "text/html,*/*"])
                #expect(page.header("Content-Type") == "text/html; charset=utf-8")
                #expect(page.text.contains("<!doctype html>"))
                #expect(page.text.contains(page.header("X-Request-Id") ?? "?"))
                #expect(page.status == (try await server.get(path).status))
                #expect(page.header("Content-Security-Policy") != nil)
                #expect(page.header("X-Content-Type-Options") == "nosniff")
            }
        }
    }

    @Test func pagesTrustNothingButThisServer() async throws {
        try await LiveServer.run(.probe) { server in
            let page = try await server.get("/page")
            let policy = try #require(page.header("Content-Security-Policy"))
            #expect(policy.contains("default-src 'self'"))
            #expect(policy.contains("frame-ancestors 'none'"))
            #expect(!policy.contains("unsafe"))
            #expect(!page.text.contains("<script>"))
            #expect(page.text.contains("<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"))
            #expect(page.text.contains("<title>&lt;script&gt;"))
            #expect(page.text.contains(">A &amp; B</a>"))
        }
    }

    @Test func assetsAreNamedByTheirContentAndKeptForEver() async throws {
        try await LiveServer.run(.probe) { server in
            let page = try await server.get("/page").text
            let stylesheet = try #require(page.firstMatch(of: /href="(\/assets\/[0-9a-f]+\/martlet\.css)"/)).1
            let answer = try await server.get(String(stylesheet))
            #expect(answer.status == 200)
            #expect(answer.header("Content-Type") == "text/css; charset=utf-8")
            #expect(answer.header("Cache-Control")?.contains("immutable") == true)
            #expect(answer.text.contains(":root"))
            #expect(try await server.get("/assets/x/none.css").status == 404)
        }
    }
}
