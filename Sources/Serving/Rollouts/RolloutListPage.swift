import Experiments
import Statistics
package import Web
import Wire

/// The rollouts of an endpoint: what is tried out, by which numbers that goes on or back, when it may be through, and what came of
/// those before.
package struct RolloutListPage: Sendable {
    private let store: RolloutStore
    private let endpoints: Endpoints

    package init(store: RolloutStore, endpoints: Endpoints) {
        self.store = store
        self.endpoints = endpoints
    }

    package func routes(into routes: inout Routes) {
        routes.page("/endpoints/{name}/rollouts", .read("endpoints")) { call in
            let endpoint = try await endpoints.get(try call.path("name"))
            return Self.page(try await store.history(of: endpoint.name, limit: 30), of: endpoint, now: call.time)
        }
    }

    static func page(_ history: [Rollout], of endpoint: Endpoint, now: Timestamp) -> Web.Page {
        let path = "/endpoints/\(endpoint.name)"
        let running = history.filter { $0.state == .running }
        let over = history.filter { $0.state != .running }
        let nothing: HTML? =
            history.isEmpty
            ? .empty("No version has come to this endpoint yet. The first one is recorded as it begins to answer.")
            : nil
        let past: HTML? = over.isEmpty ? nil : "<h2>Before</h2>\(over.map { part($0, now: now, isOpen: false) })"
        return Web.Page(
            title: "Rollouts of \(endpoint.name)",
            trail: [EndpointPage.section, Link(endpoint.name, path), Link("rollouts", "\(path)/rollouts")],
            isLive: true,
            body: """
                \(nothing)
                \(running.map { part($0, now: now, isOpen: true) })
                \(RolloutPage.actions(history))
                \(past)
                """)
    }

    /// One rollout with its numbers; of those that are over they are folded away.
    private static func part(_ rollout: Rollout, now: Timestamp, isOpen: Bool) -> HTML {
        let title: HTML = "\(HTML.name(rollout.to)) \(rollout.state.badge)"
        let facts = HTML.facts([
            "Variant": .name(rollout.variant), "Instead of": rollout.from.map { .name($0) },
            "Began": .time(rollout.start, now: now), "Ended": rollout.end.map { .time($0, now: now) },
            "Requests to it": "\(Quantity.count(rollout.requests))",
            "Share": isOpen ? "\(rollout.percent) %" : nil, "Plan": .name(rollout.plan.words),
        ])
        let body: HTML = """
            <p>\(HTML.name(rollout.progress ?? rollout.reason, limit: 600))</p>
            \(isOpen ? steps(rollout) : nil)
            \(isOpen ? pace(rollout, now: now) : nil)
            \(facts)
            \(guardrails(rollout))
            """
        guard !isOpen else { return "<h2>\(title)</h2>\(body)" }
        return """
            <details data-key="rollout \(String(rollout.id))"><summary>\(title) <small class="quiet">\(HTML.name(rollout.variant)), \
            \(HTML.time(rollout.start, now: now))</small></summary>\(body)</details>
            """
    }

    /// `5 % → 25 % → 50 % → all`, with the step that it is at.
    private static func steps(_ rollout: Rollout) -> HTML? {
        guard rollout.plan.isGradual else { return nil }
        let steps = rollout.plan.steps.enumerated().map { place, percent -> HTML in
            let kind = place < rollout.step ? "done" : place == rollout.step ? "current" : "later"
            let current: HTML? = place == rollout.step ? " aria-current=\"step\"" : nil
            return "<li class=\"\(kind)\"\(current)>\(percent) %</li>"
        }
        return "<ol class=\"steps\" aria-label=\"Steps\">\(steps)<li class=\"later\">all</li></ol>"
    }

    private static func pace(_ rollout: Rollout, now: Timestamp) -> HTML? {
        guard rollout.plan.isGradual else { return nil }
        let pace = RolloutPace(rollout, now: now)
        guard let step = pace.step, let whole = pace.whole else {
            return
                "<p class=\"quiet\">When it may be through cannot be said: no request has come to it since the step began.</p>"
        }
        let isRewarded = rollout.plan.guardrails.contains { if case .reward = $0.metric { true } else { false } }
        let rewards = isRewarded ? ", and rewards come as fast" : ""
        return """
            <p class="quiet">At this pace the step has seen enough in about \(Quantity.duration(milliseconds: step)), and all steps \
            in about \(Quantity.duration(milliseconds: whole)), if no guardrail breaks\(rewards).</p>
            """
    }

    /// What each guardrail has seen on either side, and what it says now.
    private static func guardrails(_ rollout: Rollout) -> HTML {
        let found = rollout.evidence.arrayValue ?? []
        guard !found.isEmpty else {
            return
                "<p class=\"quiet\">No guardrail: \(rollout.plan.isGradual ? "its steps pass by their requests" : "it answered all at once").</p>"
        }
        let rows = found.map { found -> [HTML] in
            let words = found["guardrail"]?.stringValue ?? ""
            let guardrail = rollout.plan.guardrails.first { $0.text == words }
            let isBroken = found["verdict"] == "violated"
            return [
                .name(words), isBroken ? .badge("broken", .bad) : .badge("holds so far", .good),
                tally(found["candidate"], guardrail), tally(found["control"], guardrail),
                "\(found["p_value"]?.doubleValue.map(Quantity.pValue) ?? "–")",
                "\(found["level"]?.doubleValue.map(Quantity.pValue) ?? "–")", rewards(found),
            ]
        }
        return HTML.table(
            [
                "guardrail", "verdict", .number("new version", note: "mean, 95 %, of n"),
                .number("former version", note: "mean, 95 %, of n"), .number("p", note: "at any look"),
                .number("broken from p", note: "its part of α"), .number("rewards in the step"),
            ], named: "Guardrails", rows: rows)
    }

    private static func rewards(_ found: JSON) -> HTML {
        guard let seen = found["rewards_in_step"]?.integerValue, let needed = found["rewards_needed"]?.integerValue
        else {
            return "–"
        }
        return "\(Quantity.count(Int(seen))) of \(Quantity.count(Int(needed)))"
    }

    /// Of requests a share with Wilson's interval, of rewards a mean.
    private static func tally(_ json: JSON?, _ guardrail: Guardrail?) -> HTML {
        guard let mean = json?["mean"]?.doubleValue, let count = json?["count"]?.integerValue, count > 0 else {
            return "–"
        }
        let of = "of \(Quantity.count(Int(count)))"
        if case .reward = guardrail?.metric { return "\(Quantity.number(mean, digits: 3)) \(of)" }
        let interval = Proportion(Int((mean * Double(count)).rounded()), of: Int(count)).interval()
        let range =
            "\(Quantity.number(100 * interval.lowerBound, digits: 2))–\(Quantity.number(100 * interval.upperBound, digits: 2)) %"
        return "\(Quantity.percent(mean)) <small class=\"quiet\">\(range)</small> \(of)"
    }
}
