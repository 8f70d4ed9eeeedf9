package import Web
import Wire

/// How models in the shadow compare with those that answer.
package struct ShadowRoutes: Sendable {
    private let store: ShadowStore
    private let endpoints: Endpoints

    package init(store: ShadowStore, endpoints: Endpoints) {
        self.store = store
        self.endpoints = endpoints
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/endpoints/{name}/shadow", .read("endpoints"), get)
    }

    /// A report for each pair of versions that were compared, the last first; `worst` (0–100, default 10) rows that
    /// differ most with each.
    private func get(_ call: Call) async throws -> Reply {
        let endpoint = try await endpoints.get(try call.path("name"))
        let worst = Int(try call.queryFields().optionalInteger("worst") ?? 10)
        guard (0...100).contains(worst) else { throw FieldProblem("Parameter 'worst' must be between 0 and 100.") }
        var reports: [JSON] = []
        for totals in try await store.totals(of: endpoint.name).prefix(Self.maximumReports) {
            let report = ShadowReport(
                totals: totals, pairs: try await store.newest(totals, of: endpoint.name),
                worst: try await store.worst(totals, of: endpoint.name, limit: worst))
            reports.append(report.json)
        }
        return .json(["comparisons": .array(reports)])
    }

    private static let maximumReports = 10
}
