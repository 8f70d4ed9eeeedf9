import Web
import Wire

/// The rollouts of an endpoint on its page.
enum RolloutPage {
    static func html(_ history: [Rollout], now: Timestamp) -> HTML {
        guard !history.isEmpty else { return "" }
        let rows = history.map { rollout -> [HTML] in
            [
                .time(rollout.start, now: now), .name(rollout.variant), .name(rollout.from ?? "–"), .name(rollout.to),
                rollout.state.badge, .name(rollout.reason, limit: 400),
            ]
        }
        return """
            \(history.filter { $0.state == .running }.map(underWay))
            \(actions(history))
            <h2>Versions that came <small>\(HTML.link("with their numbers", to: "/endpoints/\(history[0].endpoint)/rollouts"))</small></h2>
            \(HTML.table(["when", "variant", "from", "to", "state", "why"], rows: rows))
            """
    }

    /// What may be done about the version that came last to each variant, each behind a sentence that says what it will do.
    static func actions(_ history: [Rollout]) -> HTML? {
        var seen: Set<String> = []
        let standing = history.filter { $0.state != .superseded && seen.insert($0.variant).inserted }
        let parts = standing.flatMap { rollout -> [HTML] in
            let (old, new, variant) = (rollout.from ?? "", rollout.to, rollout.variant)
            let back: HTML? =
                rollout.from == nil
                ? nil
                : action(
                    "rollback", "Roll back to \(old)", rollout,
                    """
                    \(HTML.name(old)) answers for all requests of variant \(HTML.name(variant)) again, at once, and \
                    \(HTML.name(new)) for none. It does not come back by itself.
                    """, "<label>Why <input type=\"text\" name=\"reason\" maxlength=\"500\"></label>")
            switch rollout.state {
            case .running:
                let promote = action(
                    "promote", "Promote \(new) now", rollout,
                    """
                    \(HTML.name(new)) answers for all requests of variant \(HTML.name(variant)) from now on, instead of for \
                    \(rollout.percent) % of them. What its guardrails still wait for is not waited for.
                    """)
                return [promote, back].compactMap(\.self)
            case .promoted: return [back].compactMap(\.self)
            case .rolledBack:
                return [
                    action(
                        "retry", "Try \(new) again", rollout,
                        "\(HTML.name(new)) comes to variant \(HTML.name(variant)) again, by the plan of the manifest.")
                ]
            case .superseded: return []
            }
        }
        return parts.isEmpty ? nil : "<div class=\"forms\">\(parts)</div>"
    }

    private static func action(
        _ verb: String, _ title: String, _ rollout: Rollout, _ consequence: HTML, _ fields: HTML = ""
    ) -> HTML {
        """
        <details class="confirm" data-key="\(verb) \(rollout.variant)"><summary>\(HTML.name(title))…</summary>
        <form method="post" action="/endpoints/\(rollout.endpoint)/\(verb)">
        <p>\(consequence)</p>
        <input type="hidden" name="variant" value="\(rollout.variant)">
        <input type="hidden" name="rollout" value="\(rollout.id)">\(fields)
        <button>\(HTML.name(title))</button>
        </form></details>
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
            "guardrail", "state", .number("p", "How likely it would look so bad by chance; it holds at any look."),
            .number("new version", "How often it happened, of how many, with the version that is tried out."),
            .number("former version", "How often it happened, of how many, with the version that answers otherwise."),
        ]
        return """
            <h2>\(HTML.name(rollout.to)) is tried out</h2>
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
    var badge: HTML {
        switch self {
        case .running: .badge("running", .active)
        case .promoted: .badge("promoted", .good)
        case .rolledBack: .badge("rolled back", .bad)
        case .superseded: .badge("superseded", .warning)
        }
    }
}
