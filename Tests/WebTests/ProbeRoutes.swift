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
        routes.page("/scripted", .read("things")) { _ in Page(title: "Scripts", modules: ["one.js"], body: "") }
        routes.post("/form", .write("things")) { call in
            _ = try await call.form()
            throw WebError(.invalidParameterValue, "No <b>shares</b>.", hint: "Name one.")
        }
        routes.get("/long/{kind}", .read("things")) { call in .long(try call.path("kind")) }
        return routes
    }
}

extension Reply {
    /// Answers of a hundred thousand bytes.
    fileprivate static func long(_ kind: String) -> Reply {
        let words = String(repeating: "a long answer, ", count: 6_667).prefix(100_000)
        let bytes = ByteBuffer(string: String(words))
        return switch kind {
        case "html": .html("<p>\(words)</p>")
        case "part": Reply(status: .partialContent, headers: [.contentType: "text/plain"], body: .bytes(bytes))
        case "coded": .text(String(words)).adding(.contentEncoding, "br")
        case "ranged": .text(String(words)).adding(.acceptRanges, "bytes")
        case "events": .text(String(words), type: "text/event-stream")
        case "streamed": Reply(headers: [.contentType: "text/plain"], body: .written { try await $0(bytes) })
        case "picture": .text(String(words), type: "image/png")
        case "short": .text("short")
        default: .text(String(words), type: kind == "csv" ? "text/csv" : "application/json")
        }
    }
}

private struct Unforeseen: Error {}

private struct Busy: Problem {
    var code: ProblemCode { .unavailable }
    var message: String { "Busy." }
    var retryAfterSeconds: Int? { 7 }
}
