import HTTPTypes
import Wire

/// Signing in and out in a browser, where a server wants a token.
struct SignInRoutes: Sendable {
    let signIn: Authoriser.SignIn

    static let path = "/sign-in"
    /// What tells other pages of this browser that somebody has signed in.
    static let donePath = "/signed-in"

    func routes(into routes: inout Routes) {
        routes.open(Self.path) { call in
            .html(call.shell.signIn(to: call.query("from"), asked: nil, isWrong: false))
        }
        routes.add(.post, Self.path, .open, enter)
        routes.add(.post, "/sign-out", .open) { call in
            .seeOther(Self.path).adding(
                .setCookie, BrowserSession.header(nil, for: call.head, isSecure: call.isSecure))
        }
        routes.page(Self.donePath, .read("server")) { call in
            let back = Self.local(call.query("from"))
            return Page(
                title: "Signed in", trail: [Link("Signed in", Self.donePath)],
                body: """
                    <p>You are signed in as \(HTML.name(call.principal.name)). Pages that were open go on.</p>
                    <p class="actions">\(HTML.link(back == "/" ? "To the first page" : "Go on", to: back))</p>
                    <form method="post" action="/sign-out"><button>Sign out</button></form>
                    """)
        }
    }

    private func enter(_ call: Call) async throws -> Reply {
        let fields = try await call.form()
        let from = try fields.optionalString("from")
        guard let token = try fields.optionalString("token"),
            let session = signIn(try fields.optionalString("name"), token, call.time)
        else {
            return .html(call.shell.signIn(to: from, asked: nil, isWrong: true), status: .unauthorized)
        }
        return .seeOther(Self.local(from)).adding(
            .setCookie, BrowserSession.header(session, for: call.head, isSecure: call.isSecure))
    }

    /// A path of this server, and of no other: browsers take what begins with two slashes for a host.
    static func local(_ path: String?) -> String {
        guard let path, path.hasPrefix("/"), !path.hasPrefix("//"), !path.hasPrefix("/\\"),
            path.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F })
        else { return "/" }
        return path
    }
}

extension PageShell {
    /// The page to sign in on.
    /// - Parameters:
    ///   - from: where to go on.
    ///   - asked: verb and path of what was refused, for a change that was not made.
    func signIn(to from: String?, asked: String?, isWrong: Bool) -> HTML {
        let wrong: HTML? =
            isWrong ? .notice(.bad, "<p>This is not the token of this server, or not any more.</p>") : nil
        let undone = asked.map { asked -> HTML in
            .notice(
                .warning,
                """
                <p>Nothing was changed by <code>\(HTML.name(asked))</code>. Sign in in another tab, and go back: what you have typed is \
                still there.</p>
                """)
        }
        let target: HTML? = asked == nil ? nil : " target=\"_blank\""
        return document(
            Page(
                title: "Sign in", trail: [Link("Sign in", SignInRoutes.path)],
                body: """
                    \(wrong)\(undone)
                    <p>This server wants its token: the one that it was started with.</p>
                    <form method="post" action="\(SignInRoutes.path)" class="fields"\(target)>
                    <input type="hidden" name="from" value="\(SignInRoutes.local(from))">
                    <label>Your name, for the audit log <input name="name" autocomplete="username" maxlength="100"></label>
                    <label>Token <input type="password" name="token" required autocomplete="current-password"></label>
                    <button>Sign in</button>
                    </form>
                    """))
    }
}
