import HTTPTypes
import NIOCore
import Web
import Wire

extension Routes {
    /// Routes that show what the server understood.
    static var probe: Routes {
        var routes = Routes()
        routes.add(.get, "/health", .open) { _ in .text("OK") }
        routes.get("/things/{name}", .read("things")) { call in .text(try call.path("name")) }
        routes.delete("/things/{name}", .write("things")) { _ in .empty }
        routes.get("/query", .read("things")) { call in .json(.object(try call.queryFields(lists: ["ids"]).members)) }
        routes.hot("/echo", .write("things")) { call in .json(try await call.json()) }
        routes.post("/count", .write("things")) { call in
            .text(String(try await call.body(limit: 1 << 20).readableBytes))
        }
        routes.post("/unpack", .write("things")) { call in
            .bytes(try await call.decodedBody(limit: 1 << 20).readableBytesView, type: "text/plain")
        }
        routes.get("/unforeseen", .read("things")) { _ in throw Unforeseen() }
        routes.get("/busy", .read("things")) { _ in throw Busy() }
        routes.get("/who", .read("things")) { call in .text(call.principal.name) }
        routes.page("/page", .read("things")) { _ in
            let words = "<script>alert(1)</script>"
            return Page(title: words, trail: [Link("A & B", "/page"), Link("\"c\"", "/page")], body: "<p>\(words)</p>")
        }
        return routes
    }
}

private struct Unforeseen: Error {}

private struct Busy: Problem {
    var code: ProblemCode { .unavailable }
    var message: String { "Busy." }
    var retryAfterSeconds: Int? { 7 }
}
