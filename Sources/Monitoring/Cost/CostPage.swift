import Incidents
import Web
import Wire

/// What predictions take and cost, as a part of the page of a monitor.
struct CostPage {
    let cost: MonitorCost
    let origin: String

    var html: HTML {
        """
        <h2 id="cost">Cost <small>\(when)</small></h2>
        \(numbers)
        \(table)
        \(findings)
        \(prices)
        \(unavailable)
        """
    }

    private var when: HTML {
        guard let window = cost.window else { return "no window is complete yet" }
        return "window \(window.number), \(Quantity.count(window.rows)) rows"
    }

    private var numbers: HTML {
        .numbers(
            [
                "per thousand predictions": perThousand.map { "\(Quantity.number($0, digits: 3))" },
                "processor time per thousand": cost.cpuMs.map { "\(Quantity.latency(microseconds: $0 * 1000))" },
                "disk in use": cost.diskNow.map { disk in
                    """
                    \(Quantity.percent(Double(disk.usedBytes) / Double(max(1, disk.totalBytes))))\
                    <small>of \(Quantity.bytes(Int(disk.totalBytes)))</small>
                    """
                },
                "disk full": "\(diskFull)",
            ],
            meanings: [
                "per thousand predictions": "By the prices that the monitor’s manifest says.",
                "processor time per thousand": "Processor time of the model and the server for a thousand rows.",
                "disk in use": "Of the disk that the data folder is on.",
                "disk full": "When it would be full if it went on as in the last days.",
            ])
    }

    private var perThousand: Double? {
        guard let window = cost.window, window.rows > 0, cost.monitor.cost.hasPrices else { return nil }
        return cost.cost?.price(ofRows: window.rows, by: cost.monitor.cost).map { $0 / Double(window.rows) * 1000 }
    }

    private var diskFull: HTML {
        guard let disk = cost.disk else { return "<span class=\"quiet\">not known before an hour</span>" }
        guard let days = disk.days else { return "does not fill" }
        guard days < 3650 else { return "not for years" }
        let moment = Timestamp(milliseconds: disk.last.time.milliseconds + Int64(days * 86_400_000))
        let latest = disk.latestDays.map { Quantity.number($0, digits: 2) } ?? "never"
        let earliest = Quantity.number(disk.earliestDays ?? days, digits: 2)
        return """
            \(moment.iso8601.prefix(10))<small>in \(Quantity.number(days, digits: 2)) days (95 %: \(earliest) to \(latest))</small>
            """
    }

    /// Who took what in the window and in the last hour.
    private var table: HTML {
        let model = cost.window.flatMap { window in
            window.lane.model.map { CostSubject.model($0, version: window.version) }
        }
        var rows: [[HTML]] = []
        if let taken = cost.cost {
            if let workers = taken.workers {
                let share = cost.share.map { "minutes of the window, \(Quantity.percent($0)) of it for its rows" }
                rows.append(Self.row("the model's workers", share ?? "window", workers))
            }
            rows.append(Self.row("the server", "window", taken.server))
        }
        if let workers = model.flatMap({ cost.hour[$0] }) {
            rows.append(Self.row("the model's workers", "last hour", workers))
        }
        if let server = cost.hour[.server] { rows.append(Self.row("the server", "last hour", server)) }
        guard !rows.isEmpty else { return .empty("Nothing is recorded yet: the server looks every five seconds.") }
        return .table(
            [
                "who", "when", .number("cores", "Processors that it kept busy, on average."),
                .number("CPU per 1000 rows", "Processor time for a thousand rows."),
                .number("memory, mean", "Resident memory, on average of all looks."),
                .number("memory, most", "The most resident memory at any look."),
                .number("GPU memory, most", "The most memory of graphics processors at any look."),
                .number("received", "Bytes that came over the network."),
                .number("sent", "Bytes that went over the network."),
                .number("rows", "Rows that were answered meanwhile."),
            ], rows: rows)
    }

    private static func row(_ who: String, _ when: String, _ record: CostRecord) -> [HTML] {
        let perThousand = record.rows > 0 ? Double(record.cpuMs) / Double(record.rows) * 1_000_000 : nil
        return [
            "\(who)", "\(when)", record.cores.map { "\(Quantity.decimal($0))" } ?? "–",
            perThousand.map { "\(Quantity.latency(microseconds: $0))" } ?? "–",
            record.memoryMeanBytes.map { "\(Quantity.bytes(Int($0)))" } ?? "–", bytes(record.memoryMaxBytes),
            bytes(record.gpuMaxBytes), bytes(record.receivedBytes), bytes(record.sentBytes),
            record.rows > 0 ? "\(Quantity.count(Int(record.rows)))" : "–",
        ]
    }

    private static func bytes(_ count: Int64) -> HTML {
        count > 0 ? "\(Quantity.bytes(Int(count)))" : "–"
    }

    private var findings: HTML? {
        guard !cost.findings.isEmpty else { return nil }
        return FindingPage.table(cost.findings, of: cost.monitor.name)
    }

    /// How to say what things cost, where nobody has.
    private var prices: HTML? {
        guard !cost.monitor.cost.hasPrices else { return nil }
        let manifest = """
            apiVersion: martlet/v1
            kind: Monitor
            metadata: { name: \(cost.monitor.name) }
            spec:
              endpoint: \(cost.monitor.endpoint)
              cost: { cpu_hour: 0.04, gb_hour: 0.005, maximum_per_thousand: 0.02 }
            """
        return """
            <details><summary>Say what a core and a gibibyte cost for an hour</summary>
            <p>Then the cost of a thousand predictions is shown here, and a limit on it may open an alert. Applying replaces the \
            manifest: keep what <code>martlet get monitors \(cost.monitor.name)</code> shows beside it.</p>
            \(HTML.code(HTML.apply(manifest, to: origin)))</details>
            """
    }

    private var unavailable: HTML? {
        guard !cost.unavailable.isEmpty else { return nil }
        let words = cost.unavailable.map { "\($0.name): \($0.reason)" }.joined(separator: "; ")
        return "<p class=\"quiet\"><small>Not known here: \(words)</small></p>"
    }
}
