import Web

/// What to do next, as a list: the runbook first, then what usually helps.
enum AdvicePage {
    /// - Parameters:
    ///   - isServed: whether this server has the endpoint.
    ///   - hasRunbook: whether the runbook is named; not where it was before.
    static func html(_ alert: Alert, isServed: Bool, hasRunbook: Bool = true) -> HTML {
        let runbook = (hasRunbook ? alert.runbook : nil).map {
            "<li>Follow the runbook: \(HTML.link($0, to: $0)).</li>" as HTML
        }
        let items = alert.advice(isServed: isServed).map { advice -> HTML in
            let words: HTML = advice.place.map { .link(advice.words, to: path($0, alert)) } ?? "\(advice.words)"
            let command = advice.command.map { "<br><code>\(HTML.name($0))</code>" as HTML }
            return "<li>\(words)\(command)</li>"
        }
        return "<ol class=\"advice\">\(runbook)\(items)</ol>"
    }

    private static func path(_ place: Advice.Place, _ alert: Alert) -> String {
        let monitor = "/monitors/\(alert.monitor)"
        return switch place {
        case .endpoint: "/endpoints/\(alert.endpoint)"
        case .monitor: monitor
        case .traffic: "\(monitor)/traffic"
        case .performance: "\(monitor)/performance"
        case .cost: "\(monitor)#cost"
        case .column(let name): "\(monitor)/columns/\(name.queryEscaped)"
        }
    }
}
