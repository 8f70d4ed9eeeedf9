import Web
import Wire

/// The rollouts of an endpoint on its page.
enum RolloutPage {
    static func html(_ history: [Rollout], now: Timestamp) -> HTML {
        guard !history.isEmpty else { return "" }
        let rows = history.map { rollout -> [HTML] in
            [
                .time(rollout.start, now: now), "\(rollout.variant)", "\(rollout.from ?? "–")", "\(rollout.to)",
                rollout.state.badge, "\(rollout.reason)",
            ]
        }
        return """
            \(history.filter { $0.state == .running }.map(underWay))
            <h2>Versions that came</h2>
            \(HTML.table(["when", "variant", "from", "to", "state", "why"], rows: rows))
            """
    }

    /// What a version that is tried out has shown so far, and what is waited for.
    private static func underWay(_ rollout: Rollout) -> HTML {
        let rows = (rollout.evidence.arrayValue ?? []).map { found -> [HTML] in
            [
                "\(found["guardrail"]?.stringValue ?? "")",
                found["verdict"] == "violated" ? .badge("broken", .bad) : .badge("holds so far", .good),
                number(found["p_value"]), tally(found["candidate"]), tally(found["control"]),
            ]
        }
        let columns: [HTML.Column] = [
            "guardrail", "state", .number("p"), .number("new version"), .number("former version"),
        ]
        return """
            <h2>\(rollout.to) is tried out</h2>
            <p>\(rollout.progress ?? rollout.reason)</p>
            \(rows.isEmpty ? "" : HTML.table(columns, rows: rows))
            """
    }

    private static func tally(_ json: JSON?) -> HTML {
        guard let mean = json?["mean"]?.doubleValue, let count = json?["count"]?.integerValue else { return "–" }
        return "\(Quantity.number(mean, digits: 3)) of \(Quantity.count(Int(count)))"
    }

    private static func number(_ json: JSON?) -> HTML {
        "\(json?.doubleValue.map { Quantity.number($0, digits: 3) } ?? "–")"
    }
}

extension Rollout.State {
    fileprivate var badge: HTML {
        switch self {
        case .running: .badge("running", .active)
        case .promoted: .badge("promoted", .good)
        case .rolledBack: .badge("rolled back", .bad)
        case .superseded: .badge("superseded", .warning)
        }
    }
}
