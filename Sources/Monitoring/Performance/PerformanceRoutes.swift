package import Web
import Wire

/// What is known of models' quality.
package struct PerformanceRoutes: Sendable {
    private let board: MonitorBoard
    private let store: PerformanceStore

    package init(board: MonitorBoard, store: PerformanceStore) {
        self.board = board
        self.store = store
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/monitors/{name}/performance", .read("monitors"), performance)
        routes.get("/api/v1/monitors/{name}/slices", .read("monitors"), slices)
        routes.page("/monitors/{name}/performance", .read("monitors"), page)
    }

    /// `limit` (1–200, default 20): the newest windows, oldest first; each with the measures of its slices.
    private func performance(_ call: Call) async throws -> Reply {
        let report = try await report(call)
        return .json(report.json)
    }

    /// `limit` as above: the slices that search found, of each window.
    private func slices(_ call: Call) async throws -> Reply {
        let report = try await report(call)
        let windows = report.windows.map { window -> JSON in
            [
                "number": .integer(Int64(window.number)), "start": window.start.json, "end": window.end.json,
                "slices": .array(window.slices.map(\.json)),
            ]
        }
        return .json(["monitor": .string(report.monitor.name), "windows": .array(windows)])
    }

    private func page(_ call: Call) async throws -> Web.Page {
        let range = try TimeRange(call.queryFields(), now: call.time)
        let report = try await report(call, in: range, limit: range == .newest ? 60 : Self.shownWindows)
        var count: Int?
        if let moments = range.moments {
            count = try await store.performanceCount(of: report.monitor.name, in: moments)
        }
        return PerformancePage(report: report, range: range, count: count, now: call.time, origin: call.origin).page
    }

    /// Of a stretch of time the newest so many.
    private static let shownWindows = 200

    private func report(
        _ call: Call, in range: TimeRange = .newest, limit standard: Int = 20
    ) async throws -> PerformanceReport {
        let monitor = try await board.status(of: try call.path("name")).monitor
        let limit = try call.integerQuery("limit") ?? standard
        guard (1...200).contains(limit) else { throw FieldProblem("Parameter 'limit' must be between 1 and 200.") }
        let windows = try await store.performance(of: monitor.name, in: range.moments, limit: limit)
        var basis: PerformanceBasis?
        if let subject = PerformanceReport.subject(of: windows) {
            basis = try await store.basis(of: monitor.name, model: subject.model, version: subject.version)
        }
        return PerformanceReport(monitor: monitor, basis: basis, windows: windows)
    }
}
