import Incidents
import Web
import Wire

/// What was out of its limits in the newest windows: each finding once, with how often it came.
struct FindingHistoryPage {
    /// Oldest first.
    let windows: [MonitorWindow]
    let monitor: Monitor

    private static let windowLimit = 12
    private static let rowLimit = 60

    var html: HTML? {
        let found = history
        guard !found.isEmpty else { return nil }
        let rows = found.prefix(Self.rowLimit).map { item -> [HTML] in
            let finding = item.last
            return [
                FindingPage.subject(finding, of: monitor.name), "\(finding.family.title)", FindingPage.badge(finding),
                "\(finding.words)", FindingPage.value(finding.value, in: finding), FindingPage.pValue(finding),
                "\(item.times) of \(item.windows)", "\(item.number)",
                "<span class=\"name\">\(HTML.name(finding.slice.words))</span>",
            ]
        }
        let left = found.count - Self.rowLimit
        let more: HTML? =
            left > 0
            ? "<p class=\"quiet\">And \(left) more: <code>martlet monitors drift \(monitor.name)</code>.</p>" : nil
        return """
            <h2>Findings <small>of the last \(min(Self.windowLimit, windows.count)) windows, worth a look or worse</small></h2>
            \(HTML.table(
                [
                    "about", "family", "found", "in words",
                    .number("value", "What was found last; the words beside say of what."),
                    .number("adjusted p", "How likely so much or more would be by chance, corrected for all tests of the window."),
                    .number("windows", "Windows in which it was found, of those looked at."),
                    .number("last in", "The number of the last window in which it was found."), "slice",
                ], rows: rows))
            \(more)
            """
    }

    private struct Item {
        var last: Finding
        /// The window that it is of.
        var number: Int
        var times: Int
        /// In how many windows something was said of it.
        var windows: Int
    }

    /// The worst first, then those that came last.
    private var history: [Item] {
        var items: [Finding.Key: Item] = [:]
        var said: [Finding.Key: Int] = [:]
        // Stretches in which calls were counted are many.
        let newest = [windows.filter { $0.lane != .whole }, windows.filter { $0.lane == .whole }]
            .flatMap { $0.suffix(Self.windowLimit) }
        for window in newest where window.isJudged {
            for finding in window.findings where finding.verdict != .unknown {
                said[finding.key, default: 0] += 1
                guard finding.verdict != .fine else { continue }
                let times = (items[finding.key]?.times ?? 0) + 1
                items[finding.key] = Item(last: finding, number: window.number, times: times, windows: 0)
            }
        }
        for key in items.keys { items[key]?.windows = said[key] ?? 0 }
        return items.values.sorted { a, b in
            (a.last.verdict.rank, -a.number, a.last.family.rawValue, a.last.subject ?? a.last.code)
                < (b.last.verdict.rank, -b.number, b.last.family.rawValue, b.last.subject ?? b.last.code)
        }
    }
}
