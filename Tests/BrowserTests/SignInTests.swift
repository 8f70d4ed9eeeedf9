import NIOHTTP1
import TestSupport
import Testing
import Wire

extension PagesInBrowser {
    /// Servers that want a token, and are started again with another one while pages are open.
    @Suite struct SignInTests {
        private static func signIn(_ token: String, in browser: Browser) async throws {
            try await browser.find(.textbox, named: "Your name, for the audit log").type("ada")
            try await browser.find("input[name=token]").type(token)
            try await browser.click(.button, named: "Sign in")
        }

        /// Signs in where the notice of a page leads: in another tab, which closes itself.
        private static func signInAgain(_ token: String, in browser: Browser) async throws {
            let here = try #require(try await browser.windows.first)
            try await browser.click(.link, named: "Sign in again")
            try await browser.wait(for: "another tab") { try await $0.windows.count == 2 }
            let other = try #require(try await browser.windows.first { $0 != here })
            try await browser.turn(to: other)
            try await signIn(token, in: browser)
            try await browser.turn(to: here)
            try await browser.wait(for: "the end of the tab") { try await $0.windows == [here] }
            try await browser.wait(for: "the end of the notice") { try await $0.all("#signed-out").isEmpty }
        }

        private static func run(
            _ folder: TemporaryFolder, port: Int = 0, token: String,
            _ body: @escaping @Sendable (RunningServer) async throws -> Void
        ) async throws -> Int {
            try await RunningServer.run(
                data: folder.path("data"), ["--port", "\(port)", "--token", token]
            ) { server in
                try await body(server)
                return server.client.port
            }.value
        }

        @Test func leadsBackToWhatWasWanted() async throws {
            let browser = try await Stage.browser()
            _ = try await Self.run(TemporaryFolder(), token: "one") { server in
                let path = "/audit?actor=ada&kind=run"
                try await browser.open(server.url + path)
                try await Self.signIn("two", in: browser)
                try await browser.wait(for: "what is wrong") { try await $0.text.contains("not the token") }
                try await Self.signIn("one", in: browser)
                try await browser.wait(for: "the page") { try await $0.url == server.url + path }
                #expect(try await browser.text.contains("No event fits"))
                try await browser.click(.link, named: "Session")
                try await browser.wait(for: "who is signed in") { try await $0.text.contains("signed in as ada") }
                try await browser.click(.button, named: "Sign out")
                try await browser.wait(for: "the way in") { try await $0.url.hasSuffix("/sign-in") }
                try await browser.open(server.url + path)
                #expect(try await browser.text.contains("wants its token"))
            }
        }

        @Test func aLivePageStopsAndGoesOnWhereItWas() async throws {
            let browser = try await Stage.browser()
            let folder = try TemporaryFolder()
            let port = try await Self.run(folder, token: "one") { server in
                try await browser.open(server.url + "/")
                try await Self.signIn("one", in: browser)
                try await browser.wait(for: "the page") { try await $0.text.contains("No runs yet") }
            }
            _ = try await Self.run(folder, port: port, token: "two") { server in
                try await browser.wait(for: "the notice") { try await $0.text.contains("You are signed out") }
                #expect(try await browser.all("#live-trouble").isEmpty)
                try await Self.signInAgain("two", in: browser)
                let answer = try await server.client.send(
                    .POST, "/api/2.0/mlflow/runs/create", body: #"{"experiment_id": "0", "run_name": "after all"}"#,
                    type: "application/json", headers: ["Authorization": "Bearer two"])
                try #require(answer.status == 200, "\(answer.text)")
                try await browser.wait(for: "what is new") { try await $0.text.contains("after all") }
            }
        }

        @Test func whatWasTypedIsSentOnceSomebodyIsSignedInAgain() async throws {
            let browser = try await Stage.browser()
            let folder = try TemporaryFolder()
            let port = try await Self.run(folder, token: "one") { server in
                for (verb, method) in [("create", "POST"), ("delete", "DELETE")] {
                    let answer = try await server.client.send(
                        .init(rawValue: method), "/api/2.0/mlflow/registered-models/\(verb)",
                        body: #"{"name": "churn"}"#, type: "application/json", headers: ["Authorization": "Bearer one"])
                    try #require(answer.status == 200, "\(answer.text)")
                }
                try await browser.open(server.url + "/trash")
                try await Self.signIn("one", in: browser)
                try await browser.wait(for: "the trash") { try await $0.text.contains("churn") }
                try await browser.find("input[name=name]").type("churn, the second try")
            }
            _ = try await Self.run(folder, port: port, token: "two") { server in
                try await browser.click(.button, named: "Restore")
                try await browser.wait(for: "the notice") { try await $0.text.contains("You are signed out") }
                try await Self.signInAgain("two", in: browser)
                try await browser.click(.button, named: "Restore")
                try await browser.wait(for: "its leaving") { try await $0.text.contains("The trash is empty") }
                let models = try await server.client.get(
                    "/api/2.0/mlflow/registered-models/search", headers: ["Authorization": "Bearer two"])
                #expect(models.text.contains("churn, the second try"), "\(models.text)")
            }
        }
    }
}
