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
                #expect(page.header("Cache-Control") == "private, no-cache")
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

    /// A module asks for another by `./other.js`, so under the digest of its own path.
    @Test func allAssetsStandUnderOneDigestAndNoOtherIsKept() async throws {
        try await LiveServer.run(.probe) { server in
            let page = try await server.get("/page").text
            let digests = page.matches(of: /\/assets\/([0-9a-f]+)\//).map(\.1)
            #expect(digests.count >= 4)
            #expect(Set(digests).count == 1)
            let old = try await server.get("/assets/000000000000/times.js")
            #expect(old.status == 200)
            #expect(old.header("Cache-Control") == "no-cache")
        }
    }

    @Test func theFootLeadsToPagesOfSecondRank() async throws {
        let shell = PageShell(sections: [], more: [Link("A & B", "/page"), Link("Other", "/scripted")], version: "7")
        try await LiveServer.run(.probe, shell: shell) { server in
            let page = try await server.get("/page").text
            let foot = try #require(page.firstMatch(of: /<footer>(?s:.*)<\/footer>/)).0
            #expect(foot.contains("<a href=\"/page\" aria-current=\"page\">A &amp; B</a>"), "\(foot)")
            #expect(foot.contains("<a href=\"/scripted\">Other</a>") && foot.contains("Martlet 7"))
        }
    }

    @Test func pagesNameScriptsOfTheirOwn() async throws {
        try await LiveServer.run(.probe) { server in
            let page = try await server.get("/scripted").text
            #expect(page.contains(/<script type="module" src="\/assets\/[0-9a-f]+\/one\.js"><\/script>/))
            let other = try await server.get("/page").text
            #expect(!other.contains("one.js"))
        }
    }

    @Test func formsThatFailAreAnsweredWithAPage() async throws {
        try await LiveServer.run(.probe) { server in
            let type = "application/x-www-form-urlencoded"
            let answer = try await server.send(
                .POST, "/form?x=%3Cb%3E", body: "a=1", type: type,
                headers: ["Accept": "text/html,*/*;q=0.8", "Referer": "\(server.url)/things/a?tab=b&c=d"])
            #expect(answer.status == 400)
            #expect(answer.header("Content-Type") == "text/html; charset=utf-8")
            #expect(answer.text.contains("No &lt;b&gt;shares&lt;/b&gt;."))
            #expect(answer.text.contains("Name one."))
            #expect(answer.text.contains("POST /form"))
            #expect(answer.text.contains(answer.header("X-Request-Id") ?? "?"))
            #expect(answer.text.contains("<a href=\"/things/a?tab=b&amp;c=d\">Back"))
            let program = try await server.send(.POST, "/form", body: "a=1", type: type)
            #expect(program.status == 400)
            #expect(program.header("Content-Type") == "application/json")
        }
    }

    @Test(arguments: [
        "https://elsewhere/x", "http://127.0.0.1:1/x", "javascript:alert(1)", "http://127.0.0.1:1@elsewhere/",
    ])
    func noErrorPageLeadsToAnotherSite(referrer: String) async throws {
        try await LiveServer.run(.probe) { server in
            let page = try await server.get("/none", headers: ["Accept": "text/html", "Referer": referrer]).text
            #expect(page.contains("<a href=\"/\">To the first page</a>"))
            #expect(!page.contains("elsewhere"))
            let own = ["Accept": "text/html", "Referer": "\(server.url)//elsewhere/x"] as HTTPHeaders
            let other = try await server.get("/none", headers: own).text
            #expect(!other.contains("elsewhere"))
            #expect(!page.contains("alert"))
        }
    }
}
