package import Web
import Wire

/// How a model in the shadow compares with the one that answers: how often they say the same, how far apart they are, how long each
/// takes, and the rows that differ most.
package struct ShadowComparisonPage: Sendable {
    private let store: ShadowStore
    private let endpoints: Endpoints

    package init(store: ShadowStore, endpoints: Endpoints) {
        self.store = store
        self.endpoints = endpoints
    }

    /// Of the newest rows so many are looked into; sums are of all.
    private static let rows = 2000
    private static let worst = 20
    private static let comparisons = 5

    package func routes(into routes: inout Routes) {
        routes.page("/endpoints/{name}/shadow", .read("endpoints")) { call in
            let endpoint = try await endpoints.get(try call.path("name"))
            var parts: [HTML] = []
            for totals in try await store.totals(of: endpoint.name).prefix(Self.comparisons) {
                let report = ShadowReport(
                    totals: totals, pairs: try await store.newest(totals, of: endpoint.name, limit: Self.rows),
                    worst: try await store.worst(totals, of: endpoint.name, limit: Self.worst))
                parts.append(Self.part(report, now: call.time))
            }
            return page(parts, of: endpoint)
        }
    }

    private func page(_ parts: [HTML], of endpoint: Endpoint) -> Web.Page {
        let path = "/endpoints/\(endpoint.name)"
        let nothing: HTML =
            endpoint.shadow == nil
            ? .empty(
                "No model is in the shadow of this endpoint. Such a one gets copies of requests, and nobody sees what it answers. Add to the spec:",
                code: "shadow: { model: \"models:/NAME/VERSION\", percent: 100 }")
            : .empty("Nothing has been compared yet: the next requests are.")
        return Web.Page(
            title: "Shadow of \(endpoint.name)",
            trail: [EndpointPage.section, Link(endpoint.name, path), Link("shadow", "\(path)/shadow")],
            body: parts.isEmpty ? nothing : "\(parts)")
    }

    private static func part(_ report: ShadowReport, now: Timestamp) -> HTML {
        let totals = report.totals
        let json = report.json
        return """
            <h2>\(HTML.name(totals.shadowVersion)) <small>beside \(HTML.name(totals.primaryVersion)), last \
            \(HTML.time(totals.end, now: now))</small></h2>
            <p>\(verdict(totals))</p>
            \(numbers(totals))
            <div class="columns">
            \(differences(report))
            \(latency(json["latency"]))
            </div>
            \(labels(json["labels"]))
            \(scores(json["scores"]))
            \(worst(report.worst, now: now))
            """
    }

    private static func numbers(_ totals: ShadowTotals) -> HTML {
        .numbers(
            [
                "equal answers": "\(totals.agreement.map(Quantity.percent) ?? "–")",
                "rows compared": "\(Quantity.count(totals.rows))",
                "without an answer": "\(Quantity.count(totals.failed))",
                "requests left out": "\(Quantity.count(totals.dropped))",
            ],
            meanings: [
                "equal answers": "The share of the rows that the shadow answered to which it gave the same answer.",
                "rows compared": "Rows of requests that were copied to the shadow.",
                "without an answer": "Rows that the shadow did not answer.",
                "requests left out": "Requests that there was no room to copy.",
            ])
    }

    /// What the numbers come to, in words.
    private static func verdict(_ totals: ShadowTotals) -> HTML {
        guard let agreement = totals.agreement else {
            return "It has answered none of \(Quantity.count(totals.rows)) rows; the last rows say why."
        }
        let failed = totals.failed > 0 ? ", and gave none to \(Quantity.count(totals.failed)) rows" : ""
        guard agreement < 1 else {
            return
                "It gave the same answer to all \(Quantity.count(totals.rows - totals.failed)) rows that it answered\(failed)."
        }
        let apart =
            totals.numericRows > 0
            ? " Their numbers lie \(Quantity.number(totals.differenceSum / Double(totals.numericRows), digits: 3)) apart on average, "
                + "\(Quantity.number(totals.largestDifference, digits: 3)) at most." : ""
        return
            "It gave another answer to \(Quantity.percent(1 - agreement)) of the rows that it answered\(failed).\(apart)"
    }

    private static func differences(_ report: ShadowReport) -> HTML? {
        let found = report.differences
        guard !found.isEmpty else { return nil }
        let total = Double(max(1, found.reduce(0) { $0 + $1.rows }))
        let rows = found.map { part -> [HTML] in
            let share = Double(part.rows) / total
            return [
                "\(part.words)", "\(Quantity.count(part.rows))", "\(Quantity.percent(share))", bar(share),
            ]
        }
        return """
            <section><h3>How far apart <small>of the newest \(Quantity.count(Int(total))) rows with numbers</small></h3>
            \(HTML.table([
                    "difference", .number("rows", "Rows whose two numbers are so far apart."),
                    .number("share", "Of the newest rows with numbers."), "of all",
                ], named: "Differences", rows: rows))</section>
            """
    }

    private static func bar(_ share: Double) -> HTML {
        """
        <svg class="meter" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="100" height="10"/>\
        <rect class="part" width="\((1000 * share).rounded() / 10)" height="10"/></svg>
        """
    }

    private static func latency(_ json: JSON?) -> HTML? {
        guard let json else { return nil }
        let rows = ["p50", "p95", "p99"].map { quantile -> [HTML] in
            let both = ["primary", "shadow"].map { json[$0]?[quantile]?.doubleValue }
            let ratio = both[0].flatMap { primary in both[1].map { primary > 0 ? $0 / primary : .nan } }
            return ["\(quantile)"]
                + both.map { "\($0.map { Quantity.latency(microseconds: $0) } ?? "–")" }
                + ["\(ratio.flatMap { $0.isFinite ? "\(Quantity.number($0, digits: 3)) ×" : nil } ?? "–")"]
        }
        return """
            <section><h3>Latency of the model</h3>
            \(HTML.table([
                    "", .number("answers", "How long the model took that answers."),
                    .number("shadow", "How long the shadow took."),
                    .number("shadow’s", "How many times as long the shadow took."),
                ], named: "Latency", rows: rows))</section>
            """
    }

    private static func labels(_ json: JSON?) -> HTML? {
        guard let changes = json?["changes"]?.memberList, !changes.isEmpty,
            let rows = json?["rows"]?.integerValue, let share = json?["disagreement"]?.doubleValue
        else { return nil }
        let lines = changes.map { change -> [HTML] in
            [.name(change.key), "\(Quantity.count(Int(change.value.integerValue ?? 0)))"]
        }
        return """
            <h3>Other classes <small>\(Quantity.percent(share)) of the newest \(Quantity.count(Int(rows))) rows</small></h3>
            <div class="data">\(HTML.table(["answered → shadow", .number("rows", "Of the newest rows.")], rows: lines))</div>
            """
    }

    private static func scores(_ json: JSON?) -> HTML? {
        guard let json, let index = json["population_stability_index"]?.doubleValue else { return nil }
        let rows = ["primary", "shadow"].map { side -> [HTML] in
            [side == "primary" ? "answers" : "shadow"]
                + ["p5", "p50", "p95", "p99"].map { quantile in
                    "\(json[side]?[quantile]?.doubleValue.map { Quantity.decimal($0) } ?? "–")"
                }
        }
        let table = HTML.table(
            [
                "", .number("5 % below", "5 % of the scores are below it."),
                .number("median", "Half of the scores are below it."),
                .number("95 % below", "95 % of the scores are below it."),
                .number("99 % below", "99 % of the scores are below it."),
            ],
            named: "Scores",
            rows: rows)
        return """
            <h3>How scores are spread <small>population stability index \(Quantity.number(index, digits: 3)): below 0.1 alike, from \
            0.25 another distribution</small></h3>
            <div class="data">\(table)</div>
            """
    }

    private static func worst(_ pairs: [ShadowPair], now: Timestamp) -> HTML? {
        guard !pairs.isEmpty else { return nil }
        let rows = pairs.map { pair -> [HTML] in
            let difference = pair.comparison?.difference.map { Quantity.number($0) }
            return [
                .link(pair.prediction, to: "/predictions/\(pair.prediction)"), .time(pair.time, now: now),
                "<code>\(HTML.name(pair.primary.excerpt(80)))</code>",
                pair.shadow.map { "<code>\(HTML.name($0.excerpt(80)))</code>" } ?? .value(pair.problem ?? "–"),
                "\(difference ?? "–")",
            ]
        }
        return """
            <h3>Rows that differ most</h3>
            \(HTML.table(
                [
                    "prediction", "when", "answered", "shadow",
                    .number("difference", "How far the two numbers are apart."),
                ], named: "Rows that differ most", rows: rows))
            """
    }
}
