package import Web
import Wire

/// One prediction for people: what came in, what went out, by which version, and what became of it.
package struct PredictionPage: Sendable {
    private let log: PredictionLog

    package init(log: PredictionLog) {
        self.log = log
    }

    package func routes(into routes: inout Routes) {
        routes.page("/predictions/{id}", .read("predictions")) { call in
            Self.page(try await log.prediction(try PredictionRoutes.id(try call.path("id"))), now: call.time)
        }
        // The field of an endpoint's page leads here.
        routes.get("/predictions", .read("predictions")) { call in
            let id = (call.query("id") ?? "").trimmed
            return .seeOther("/predictions/\(try PredictionRoutes.id(id).text)")
        }
    }

    /// A field in which an id is looked up.
    package static let finder: HTML = """
        <form action="/predictions" method="get" role="search">
        <label>Prediction <input type="text" name="id" required maxlength="64" placeholder="its id"></label>
        <button>Look up</button>
        </form>
        """

    private static func page(_ prediction: Prediction, now: Timestamp) -> Web.Page {
        let path = "/predictions/\(prediction.id.text)"
        return Web.Page(
            title: "Prediction \(prediction.id.text)",
            trail: [
                Link("Endpoints", "/endpoints"), Link(prediction.endpoint, "/endpoints/\(prediction.endpoint)"),
                Link("prediction", path),
            ], isLive: prediction.label == nil,
            body: """
                \(facts(prediction, now: now))
                <div class="columns">
                <section><h2>What came in</h2>\(inputs(prediction))</section>
                <section><h2>What went out</h2>\(HTML.code(prediction.output.json.prettyText))
                \(truth(prediction, now: now))
                \(feedback(prediction, now: now))
                \(printed(prediction))</section>
                </div>
                <p>\(HTML.link("The same as JSON", to: "/api/v1\(path)"))</p>
                """)
    }

    private static func facts(_ prediction: Prediction, now: Timestamp) -> HTML {
        let version = "\(prediction.model)/\(prediction.version)"
        return .facts([
            "When": .time(prediction.time, now: now),
            "Version": .link(version, to: "/models/\(prediction.model.queryEscaped)"),
            "Variant": prediction.variant.isEmpty ? nil : .name(prediction.variant),
            "Took": prediction.latencyUs < 0 ? nil : "\(Quantity.latency(microseconds: Double(prediction.latencyUs)))",
            "Caller": .name(prediction.caller), "About": prediction.unit.map { .name($0) },
            "Chosen with probability": prediction.propensity.map { "\(Quantity.number($0))" },
            "Experiment": prediction.experiment.map { .name($0) }, "Rollout": prediction.rollout.map { .name($0) },
            "Made elsewhere as": prediction.externalID.map { .name($0) },
            "Came here": prediction.receivedTime.map { .time($0, now: now) },
        ])
    }

    /// A row for each column; one that was never written down says so.
    private static func inputs(_ prediction: Prediction) -> HTML {
        let json = prediction.inputs.json
        guard case .object(let members) = json else { return HTML.code(json.prettyText) }
        let masked = Set(prediction.masked)
        let rows = members.map { name, value -> [HTML] in
            [.name(name), masked.contains(name) ? "<span class=\"quiet\">not kept</span>" : shown(value)]
        }
        return .table(
            ["column", .number("value", "As it came, before the model saw it.")], named: "What came in", rows: rows)
    }

    private static func shown(_ value: JSON) -> HTML {
        switch value {
        case .string(let text): .value(text)
        case .null: "<span class=\"quiet\">missing</span>"
        default: .value(value.text)
        }
    }

    private static func truth(_ prediction: Prediction, now: Timestamp) -> HTML {
        guard let label = prediction.label else {
            return "<h2>Truth</h2><p class=\"quiet\">No label has come yet.</p>"
        }
        let when = prediction.labelTime.map { " <small>\(HTML.time($0, now: now))</small>" as HTML }
        return "<h2>Truth\(when)</h2>\(HTML.code(label.prettyText))"
    }

    private static func feedback(_ prediction: Prediction, now: Timestamp) -> HTML? {
        guard !prediction.feedback.isEmpty else { return nil }
        let rows = prediction.feedback.map { each -> [HTML] in
            [
                .name(each.name ?? "–"), shown(each.value), .value(each.comment ?? "–"), .name(each.caller),
                .time(each.time, now: now),
            ]
        }
        return "<h2>Feedback</h2>\(HTML.table(["what", "value", "words", "by", "when"], named: "Feedback", rows: rows))"
    }

    private static func printed(_ prediction: Prediction) -> HTML? {
        guard !prediction.printed.isEmpty else { return nil }
        return "<h2>Printed meanwhile</h2>\(HTML.code(prediction.printed.joined(separator: "\n")))"
    }
}
