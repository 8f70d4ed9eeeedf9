import Manifests
package import Web
import Wire

/// Monitors and their windows.
package struct MonitorRoutes: Sendable {
    private let board: MonitorBoard

    package init(board: MonitorBoard) {
        self.board = board
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/monitors", .read("monitors"), list)
        routes.get("/api/v1/monitors/{name}", .read("monitors"), show)
        routes.get("/api/v1/monitors/{name}/windows", .read("monitors"), windows)
        routes.delete("/api/v1/monitors/{name}", .manage("monitors"), delete)
        routes.page("/monitors", .read("monitors"), listPage)
        routes.page("/monitors/{name}", .read("monitors"), page)
    }

    private func list(_ call: Call) async throws -> Reply {
        .json(["monitors": .array(try await board.statuses().map(\.json))])
    }

    private func show(_ call: Call) async throws -> Reply {
        let status = try await board.status(of: try call.path("name"))
        let manifest = try await board.manifests.manifest(kind: Monitor.kind.name, name: status.monitor.name)
        let last = status.lastWindow?.json ?? .null
        return .json(.members((status.json.memberList ?? []) + [("last_window", last), ("manifest", manifest.json)]))
    }

    /// `limit` (1–1000, default 50): the newest windows, oldest first.
    private func windows(_ call: Call) async throws -> Reply {
        let name = try await board.status(of: try call.path("name")).monitor.name
        let limit = try call.integerQuery("limit") ?? 50
        guard (1...1000).contains(limit) else { throw FieldProblem("Parameter 'limit' must be between 1 and 1000.") }
        return .json(["windows": .array(try await board.store.windows(of: name, limit: limit).map(\.json))])
    }

    private func delete(_ call: Call) async throws -> Reply {
        try await board.manifests.delete(
            kind: Monitor.kind.name, name: try call.path("name"), by: call.principal.name)
        return .empty
    }

    private func listPage(_ call: Call) async throws -> Web.Page {
        MonitorPage.list(try await board.statuses())
    }

    private func page(_ call: Call) async throws -> Web.Page {
        let status = try await board.status(of: try call.path("name"))
        let windows = try await board.store.windows(of: status.monitor.name, limit: MonitorPage.windowLimit)
        let alerts = try await board.alerts.alerts(monitor: status.monitor.name, limit: 10)
        return MonitorPage(status: status, windows: windows, alerts: alerts, now: call.time).page
    }
}
