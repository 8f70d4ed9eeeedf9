import Web
import Wire

/// What the server says of itself.
struct ServerRoutes: Sendable {
    let version: String

    func routes(into routes: inout Routes) {
        routes.open("/health") { _ in .text("OK") }
        routes.get("/api/v1/server", .read("server")) { [version] call in
            .json(["version": .string(version), "principal": .string(call.principal.name)])
        }
    }
}
