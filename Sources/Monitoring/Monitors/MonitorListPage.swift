import Incidents
import Web
import Wire

/// All monitors in rows: what each watches, how it stands, when it looked last.
struct MonitorListPage {
    let statuses: [MonitorStatus]
    /// Those of this server; a monitor may watch one that is elsewhere.
    let endpoints: Set<String>
    let now: Timestamp
    let origin: String

    var page: Web.Page {
        Web.Page(
            title: "Monitors", trail: [MonitorPage.section], isLive: true, body: statuses.isEmpty ? empty : table)
    }

    private var table: HTML {
        let rows = statuses.map { status -> [HTML] in
            let monitor = status.monitor
            return [
                .link(monitor.name, to: "/monitors/\(monitor.name)"), MonitorPage.badge(status),
                endpoints.contains(monitor.endpoint)
                    ? .link(monitor.endpoint, to: "/endpoints/\(monitor.endpoint)") : .name(monitor.endpoint),
                "\(monitor.window.words)",
                "\(Quantity.count(status.windows))", status.lastWindow.map { .time($0.end, now: now) } ?? "–",
                trouble(status), .name(monitor.alerting.owner ?? "–"),
            ]
        }
        return .table(
            [
                "monitor", "state", "endpoint", "window", .number("windows", "Windows that were judged so far."),
                "last row", "out of limits then", "owner",
            ], rows: rows)
    }

    /// What was bad in the newest window.
    private func trouble(_ status: MonitorStatus) -> HTML {
        guard let last = status.lastWindow else { return "–" }
        let subjects = last.bad.map { $0.subject ?? $0.code.replacing("_", with: " ") }
        guard !subjects.isEmpty else { return last.isJudged ? "nothing" : "too few rows to judge" }
        let more = subjects.count > 3 ? " and \(subjects.count - 3) more" : ""
        return "\(HTML.name(subjects.prefix(3).joined(separator: ", ")))\(more)"
    }

    private var empty: HTML {
        """
        \(HTML.empty(
                "No monitors. Every endpoint gets one by itself: deploy a registered model.",
                ways: HTML.waysToApply(Self.endpoint, to: origin)))
        \(HTML.empty("A model that answers elsewhere is watched, too. Declare a monitor, and send what it predicts:",
                code: HTML.apply(Self.elsewhere, to: origin) + "\n\n" + Self.sending(to: origin)))
        """
    }

    private static let endpoint = """
        apiVersion: martlet/v1
        kind: Endpoint
        metadata: { name: churn }
        spec:
          variants: [{ name: main, model: "models:/churn@champion" }]
        """

    private static let elsewhere = """
        apiVersion: martlet/v1
        kind: Monitor
        metadata: { name: prices }
        spec: { endpoint: prices, type: regression }
        """

    private static func sending(to origin: String) -> String {
        """
        curl \(origin)/api/v1/predictions -H 'Content-Type: application/x-ndjson' \\
          -d '{"endpoint": "prices", "inputs": {"rooms": 3, "area": 81.5}, "output": 412000}'
        """
    }
}
