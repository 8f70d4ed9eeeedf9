package import Manifests
package import Web
import Wire

/// Alerts and what they set going.
package struct AlertRoutes: Sendable {
    private let alerts: AlertStore
    private let manifests: ManifestStore
    private let course: @Sendable (Alert) async throws -> HTML?

    /// - Parameters:
    ///   - manifests: say which endpoints there are.
    ///   - course: shows how the findings of an alert came about, window by window.
    package init(
        alerts: AlertStore, manifests: ManifestStore, course: @escaping @Sendable (Alert) async throws -> HTML?
    ) {
        self.alerts = alerts
        self.manifests = manifests
        self.course = course
    }

    package func routes(into routes: inout Routes) {
        routes.get("/api/v1/alerts", .read("alerts"), list)
        routes.get("/api/v1/alerts/{id}", .read("alerts"), show)
        routes.page("/alerts", .read("alerts"), listPage)
        routes.page("/alerts/{id}", .read("alerts"), page)
    }

    /// `state` (open or closed), `monitor`, `limit` (1–1000, default 100); newest first.
    private func list(_ call: Call) async throws -> Reply {
        let limit = try call.integerQuery("limit") ?? 100
        guard (1...1000).contains(limit) else { throw FieldProblem("Parameter 'limit' must be between 1 and 1000.") }
        let state = try call.query("state").map { text in
            guard let state = Alert.State(rawValue: text) else {
                throw FieldProblem.invalid("state", .string(text), expected: "open or closed")
            }
            return state
        }
        let served = try await manifests.servedEndpoints()
        var found: [JSON] = []
        for alert in try await alerts.alerts(state: state, monitor: call.query("monitor"), limit: limit) {
            let trigger = try await alerts.trigger(of: alert)
            found.append(alert.json(trigger: trigger, isServed: served.contains(alert.endpoint)))
        }
        return .json(["alerts": .array(found)])
    }

    private func show(_ call: Call) async throws -> Reply {
        let alert = try await alerts.alert(id: try call.path("id"))
        return .json(
            alert.json(
                trigger: try await alerts.trigger(of: alert), isServed: try await manifests.isServed(alert.endpoint)))
    }

    private func listPage(_ call: Call) async throws -> Web.Page {
        AlertPage.list(try await alerts.alerts(limit: 200), now: call.time, origin: call.origin)
    }

    private func page(_ call: Call) async throws -> Web.Page {
        let alert = try await alerts.alert(id: try call.path("id"))
        let trigger = try await alerts.trigger(of: alert)
        let isServed = try await manifests.isServed(alert.endpoint)
        return AlertPage(
            alert: alert, trigger: trigger, course: try await course(alert), isServed: isServed, now: call.time
        ).page
    }
}

extension ManifestStore {
    /// Whether there is an endpoint of this name on this server; what was imported may be of one elsewhere.
    func isServed(_ endpoint: String) async throws -> Bool {
        try await has(kind: "Endpoint", name: endpoint)
    }

    /// The endpoints of this server.
    func servedEndpoints() async throws -> Set<String> {
        Set(try await names(kind: "Endpoint"))
    }
}
