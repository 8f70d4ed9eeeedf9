import Incidents
import Manifests
package import Predictions
package import Web
import Wire

/// Monitors and their windows.
package struct MonitorRoutes: Sendable {
    private let board: MonitorBoard
    private let costs: CostDesk?
    private let log: PredictionLog

    /// - Parameters:
    ///   - costs: tells what predictions took of the machine; nil for nothing.
    ///   - log: has the predictions that pages show.
    package init(board: MonitorBoard, costs: CostDesk? = nil, log: PredictionLog) {
        self.board = board
        self.costs = costs
        self.log = log
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/monitors", .read("monitors"), list)
        routes.get("/api/v1/monitors/{name}", .read("monitors"), show)
        routes.get("/api/v1/monitors/{name}/windows", .read("monitors"), windows)
        routes.post("/api/v1/monitors/{name}/reference", .manage("monitors"), chooseReference)
        routes.put("/api/v1/monitors/{name}/reference/{file}", .manage("monitors"), sendReference)
        routes.delete("/api/v1/monitors/{name}", .manage("monitors"), delete)
        routes.page("/monitors", .read("monitors"), listPage)
        routes.page("/monitors/{name}", .read("monitors"), page)
        routes.page("/monitors/{name}/columns/{column}", .read("monitors"), columnPage)
        routes.page("/monitors/{name}/quality", .read("monitors"), qualityPage)
        routes.page("/monitors/{name}/rules", .read("monitors"), rulesPage)
    }

    private func list(_ call: Call) async throws -> Reply {
        .json(["monitors": .array(try await board.statuses(hasReferences: true).map(\.json))])
    }

    private func show(_ call: Call) async throws -> Reply {
        let status = try await board.status(of: try call.path("name"))
        let manifest = try await board.manifests.manifest(kind: Monitor.kind.name, name: status.monitor.name)
        let last = status.lastWindow?.json ?? .null
        return .json(.members((status.json.memberList ?? []) + [("last_window", last), ("manifest", manifest.json)]))
    }

    /// `limit` (1–1000, default 50): the newest windows, oldest first; `length`: those of the monitor (`window`), or the hours
    /// or days that they were merged into.
    private func windows(_ call: Call) async throws -> Reply {
        let name = try await board.status(of: try call.path("name")).monitor.name
        let length = try WindowLength(call.query("length"))
        let limit = try call.integerQuery("limit") ?? 50
        guard (1...1000).contains(limit) else { throw FieldProblem("Parameter 'limit' must be between 1 and 1000.") }
        return .json(["windows": .array(try await board.store.windows(of: name, length, limit: limit).map(\.json))])
    }

    /// The body is what `reference` of the manifest may be: a `context`, `from` with `to`, `previous` or `season`.
    private func chooseReference(_ call: Call) async throws -> Reply {
        let name = try call.path("name")
        let chosen = try await call.json()
        let former = try await board.manifests.manifest(kind: Monitor.kind.name, name: name)
        let manifest = former.json.replacing(["spec", "reference"], with: chosen)
        _ = try await board.manifests.apply(yaml: manifest.text, by: call.principal.name)
        let monitor = try await board.status(of: name).monitor
        // One that could not be made before may be there now.
        try await board.references.retry(monitor.reference, endpoint: monitor.endpoint)
        return .json(try await board.status(of: name).json)
    }

    /// The body is a file of rows; its name says what form they have. They are kept, and compared with from now on.
    private func sendReference(_ call: Call) async throws -> Reply {
        let status = try await board.status(of: try call.path("name"))
        let key = try await board.references.keep(
            call.stream, named: try call.path("file"), for: status, at: call.time)
        let manifest = try await board.manifests.manifest(kind: Monitor.kind.name, name: status.monitor.name).json
            .replacing(["spec", "reference"], with: ["file": .string(key)])
        _ = try await board.manifests.apply(yaml: manifest.text, by: call.principal.name)
        try await board.dropLeftovers()
        return .json(try await board.status(of: status.monitor.name).json)
    }

    private func delete(_ call: Call) async throws -> Reply {
        try await board.manifests.delete(
            kind: Monitor.kind.name, name: try call.path("name"), by: call.principal.name)
        return .empty
    }

    private func listPage(_ call: Call) async throws -> Web.Page {
        let endpoints = try await board.manifests.names(kind: TemplateStore.endpointKind)
        return MonitorListPage(
            statuses: try await board.statuses(), endpoints: Set(endpoints), now: call.time, origin: call.origin
        ).page
    }

    private func page(_ call: Call) async throws -> Web.Page {
        let range = try TimeRange(call.queryFields(), now: call.time)
        let search = ColumnSearch(
            words: call.query("columns") ?? "", from: try call.integerQuery("columns_from") ?? 0)
        let view = try await MonitorView(
            of: try call.path("name"), in: range, on: board, costs: costs, at: call.time)
        return MonitorPage(view: view, range: range, search: search, now: call.time, origin: call.origin).page
    }

    /// `range` (hour, day, week, month), or `from` and `to`.
    private func qualityPage(_ call: Call) async throws -> Web.Page {
        let monitor = try await board.status(of: try call.path("name")).monitor
        let range = try TimeRange(call.queryFields(), now: call.time)
        let (windows, count) = try await board.windows(of: monitor.name, in: range)
        let choice = TimeRangePage(
            range: range, path: "/monitors/\(monitor.name)/quality", count: count.map { (windows.count, $0) })
        return QualityPage(
            monitor: monitor, windows: windows.filter { $0.lane != .whole }, range: choice, now: call.time
        ).page
    }

    private func rulesPage(_ call: Call) async throws -> Web.Page {
        let status = try await board.status(of: try call.path("name"))
        let manifest = try await board.manifests.manifest(kind: Monitor.kind.name, name: status.monitor.name)
        let newest = status.lastWindow.map { ($0, status.reference?.rows ?? 0) }
        return RuleBookPage(
            status: status, book: RuleBook(status.monitor, spec: manifest.spec.json, newest: newest)
        ).page
    }

    private func columnPage(_ call: Call) async throws -> Web.Page {
        let view = try await ColumnView(
            of: try call.path("column"), at: try call.path("name"),
            in: try TimeRange(call.queryFields(), now: call.time), on: board, log: log, now: call.time)
        return ColumnPage(view: view, now: call.time).page
    }
}

extension WindowLength {
    /// - Throws: `FieldProblem` for another word than those there are; nil asks for a monitor's own windows.
    init(_ word: String?) throws {
        guard let word else {
            self = .window
            return
        }
        guard let length = WindowLength(rawValue: word) else {
            throw FieldProblem("Parameter 'length' must be window, hour or day.")
        }
        self = length
    }
}

extension JSON {
    /// The value with the member at the end of a path set to another; members that are not there yet are added.
    func replacing(_ path: [String], with value: JSON) -> JSON {
        guard let name = path.first else { return value }
        var members = (memberList ?? []).map { ($0.key, $0.value) }
        let place = members.firstIndex { $0.0 == name } ?? members.endIndex
        if place == members.endIndex { members.append((name, [:])) }
        members[place].1 = members[place].1.replacing(Array(path.dropFirst()), with: value)
        return .members(members)
    }
}
