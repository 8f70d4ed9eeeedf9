import Web
import Wire

/// How alarms went over a period: how soon people came, how soon it was over, who cried wolf.
struct ReportPage {
    let report: NoiseReport

    var page: Web.Page {
        Web.Page(
            title: "How alarms went", trail: [IncidentPage.section, Link("Report", "/incidents/report")],
            body: """
                <p>From \(HTML.time(report.from)) to \(HTML.time(report.to)).</p>
                \(numbers)
                <h2>Alerts by monitor</h2>
                \(lines)
                <h2>Causes</h2>
                \(causes)
                """)
    }

    private var numbers: HTML {
        .numbers(
            [
                "incidents": "\(report.incidents)", "still open": "\(report.openIncidents)",
                "began again": "\(report.flaps)", "mean time to acknowledge": duration(report.meanToAcknowledgeMs),
                "mean time to resolve": duration(report.meanToResolveMs),
                "median time to resolve": duration(report.medianToResolveMs),
                "alerts without action": report.noise.map { "\(Quantity.number(100 * $0, digits: 2)) %" } ?? "–",
            ],
            meanings: [
                "incidents": "Incidents that were opened in this time.",
                "still open": "Of these, those that nobody has ended.",
                "began again": "How often incidents began again soon after they had been over.",
                "mean time to acknowledge":
                    "From the opening of an incident until somebody said that they look after it.",
                "mean time to resolve": "From the opening of an incident to its end.",
                "median time to resolve": "Half of the incidents were over sooner.",
                "alerts without action":
                    "The share of alerts that nobody did anything about, and that set nothing going.",
            ])
    }

    private func duration(_ milliseconds: Double?) -> HTML {
        milliseconds.map { "\(Quantity.duration(milliseconds: Int64($0)))" } ?? "–"
    }

    private var lines: HTML {
        guard !report.lines.isEmpty else { return .empty("No alert was opened.") }
        let rows = report.lines.map { line -> [HTML] in
            [
                .link(line.monitor, to: "/monitors/\(line.monitor)"), "\(line.family.title)", "\(line.alerts)",
                "\(line.withoutAction)", "\(line.falseAlarms)", "\(line.silenced)", "\(line.flaps)",
            ]
        }
        return .table(
            [
                "monitor", "family", .number("alerts", "Alerts that were opened in this time."),
                .number("without action", "Closed alerts that nobody did anything about, and that set nothing going."),
                .number("false alarms", "Alerts that somebody said were false alarms."),
                .number("silenced", "Alerts that nobody was told of."),
                .number("began again", "Alerts with which an incident began again that had just been over."),
            ], rows: rows)
    }

    private var causes: HTML {
        guard !report.causes.isEmpty else { return .empty("No incident is over.") }
        return .table(
            ["cause", .number("incidents", "Incidents that were ended with this cause.")],
            rows: report.causes.map { ["\($0.cause.words)", "\($0.incidents)"] })
    }
}
