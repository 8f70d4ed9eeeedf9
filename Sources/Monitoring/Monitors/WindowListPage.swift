import Incidents
import Web
import Wire

/// The windows of a monitor in rows, the newest first.
struct WindowListPage {
    /// Oldest first.
    let windows: [MonitorWindow]
    var length = WindowLength.window

    var html: HTML? {
        guard !windows.isEmpty else { return nil }
        let rows = windows.reversed().map { window -> [HTML] in
            [
                "\(window.number)", .times(from: window.start, to: window.end),
                "<span class=\"name\">\(HTML.name(window.lane.words))</span>", "\(Quantity.count(window.rows))",
                Self.state(window),
                Self.verdict(window),
            ]
        }
        return """
            <h2>\(title)</h2>
            \(HTML.table(
                [.number("window", "Windows of a monitor are numbered as they begin."),
                 "rows from", "of",
                 .number("rows", "Predictions that the window holds."),
                 "state", "out of limits"], rows: rows))
            """
    }

    private var title: String {
        switch length {
        case .window: "Windows"
        case .hour: "Hours"
        case .day: "Days"
        }
    }

    /// Whether what is said of it may still change by labels, and whether it has.
    static func state(_ window: MonitorWindow) -> HTML {
        let state: HTML = window.isProvisional ? .badge("provisional", .plain) : .badge("final", .good)
        guard !window.changes.isEmpty else { return state }
        return "\(state) <small>\(window.changes)</small>"
    }

    static func verdict(_ window: MonitorWindow) -> HTML {
        guard window.isJudged else { return .badge("too few rows to judge", .plain) }
        guard !window.bad.isEmpty else { return .badge("nothing", .good) }
        let subjects = window.bad.map { $0.subject ?? $0.code.replacing("_", with: " ") }
        var seen: Set<String> = []
        let each = subjects.filter { seen.insert($0).inserted }
        let more = each.count > 6 ? " and \(each.count - 6) more" : ""
        return "\(HTML.badge("\(window.bad.count)", .bad)) \(HTML.name(each.prefix(6).joined(separator: ", ")))\(more)"
    }
}
