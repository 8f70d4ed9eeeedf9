import Web
import Wire

/// The table of contents itself, for whoever writes a client or wants to know what a server answers to.
enum RouteTable {
    static func add(to routes: inout Routes) {
        let table = routes.all.map(\.json)
        routes.get("/api/v1/routes", .read("server")) { _ in .json(["routes": .array(table)]) }
    }
}
