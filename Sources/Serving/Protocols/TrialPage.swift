import Experiments
import HTTPTypes
import OrderedCollections
import Predictions
import Runtimes
package import Web
import Wire

/// An endpoint, asked by hand: a form made of what its model takes, the answer with who gave it, and the command that asks the
/// same.
package struct TrialPage: Sendable {
    private let predictor: Predictor

    package init(predictor: Predictor) {
        self.predictor = predictor
    }

    package func routes(into routes: inout Routes) {
        let path = "/endpoints/{name}/try"
        routes.page(path, .read("endpoints")) { call in
            let endpoint = try await predictor.endpoints.endpoint(try call.path("name"))
            let (signature, example) = try await Self.takes(endpoint)
            return page(Trial(form: TrialForm(signature, example: example)), of: endpoint, origin: call.origin)
        }
        routes.post(path, .write("predictions"), ask)
    }

    private func ask(_ call: Call) async throws -> Reply {
        let endpoint = try await predictor.endpoints.endpoint(try call.path("name"))
        let sent = try await call.form()
        let (signature, _) = try await Self.takes(endpoint)
        // Not by `Fields`' rules of spelling: columns are called as they are.
        var trial = Trial(form: TrialForm(signature) { sent.members[$0]?.stringValue })
        trial.variant = try sent.optionalString("variant")
        trial.unit = try sent.optionalString("unit")
        do {
            let body = try trial.form.body()
            let ask = Ask(
                endpoint: endpoint, choice: trial.variant.map(VariantChoice.named) ?? .assigned, unit: trial.unit,
                caller: call.principal.name, request: call.requestID)
            trial.outcome = .answered(try await predictor.predict(ask, SentTree(body: body)))
        } catch let problem as any Problem {
            trial.outcome = .refused(problem)
        }
        return call.reply(with: page(trial, of: endpoint, origin: call.origin), status: trial.status)
    }

    /// What the version takes that answers first, and the example that was recorded with it.
    private static func takes(_ endpoint: LiveEndpoint) async throws -> (ModelSignature?, JSON?) {
        try await endpoint.withDeployment { deployment in
            (deployment.runtime.signature, try await InputExample.read(of: deployment.version))
        }
    }

    // MARK: Drawing

    /// What is asked, and what came of it.
    private struct Trial {
        enum Outcome {
            case answered(Predictor.Answer)
            case refused(any Problem)
        }

        let form: TrialForm
        /// Nil for whichever it is assigned to.
        var variant: String?
        var unit: String?
        /// Nil before it was asked.
        var outcome: Outcome?

        var status: HTTPResponse.Status {
            if case .refused(let problem) = outcome { .init(code: problem.code.status) } else { .ok }
        }
    }

    private func page(_ trial: Trial, of endpoint: LiveEndpoint, origin: String) -> Web.Page {
        let path = "/endpoints/\(endpoint.name)/try"
        return Web.Page(
            title: "Try \(endpoint.name)",
            trail: [EndpointPage.section, Link(endpoint.name, "/endpoints/\(endpoint.name)"), Link("try", path)],
            body: """
                <p class="quiet">What is asked here is a prediction like any other: it is counted, and kept in the log.</p>
                <div class="columns">
                <section>
                <h2>Input</h2>
                <form class="trial" method="post" action="\(path)">
                \(Self.inputs(trial.form))
                \(choices(trial, endpoint))
                <button>Predict</button>
                </form>
                </section>
                <section>
                \(trial.outcome.map { Self.outcome($0, trial) })
                <h2>The same from elsewhere</h2>
                \(HTML.code(Self.command(trial, endpoint.name, origin)))
                </section>
                </div>
                """)
    }

    private static func inputs(_ form: TrialForm) -> HTML {
        switch form.content {
        case .text(let text):
            """
            <textarea name="\(TrialForm.textField)" aria-label="Body of the request, JSON" rows="14" spellcheck="false" \
            required>\n\(text)</textarea>
            """
        case .fields(let fields): "\(fields.map(input))"
        }
    }

    /// A field, with the type that the model says.
    private static func input(_ field: TrialForm.Field) -> HTML {
        let name = TrialForm.field(of: field.name)
        let required: HTML = field.isRequired ? " required" : ""
        let type = field.isRequired ? field.type.rawValue : "\(field.type.rawValue), may be left out"
        let value: HTML? = field.text.map { " value=\"\($0)\"" }
        let input: HTML =
            switch field.type {
            case .string: "<input type=\"text\" name=\"\(name)\"\(value)>"
            case .boolean where field.isRequired:
                "<input type=\"checkbox\" name=\"\(name)\" value=\"true\"\(field.text == "true" ? " checked" as HTML : nil)>"
            case .boolean: select(name, [("", "–"), ("true", "true"), ("false", "false")], chosen: field.text)
            case .integer, .long: "<input type=\"number\" step=\"1\" name=\"\(name)\"\(value)\(required)>"
            case .float, .double: "<input type=\"number\" step=\"any\" name=\"\(name)\"\(value)\(required)>"
            }
        return "<label><span>\(HTML.name(field.name)) <small>\(type)</small></span>\(input)</label>\n"
    }

    /// Who is to answer, and whom it is about, where that matters.
    private func choices(_ trial: Trial, _ endpoint: LiveEndpoint) -> HTML {
        let manifest = endpoint.manifest
        var parts: [HTML] = []
        if manifest.variants.count > 1 {
            let names = manifest.variants.map { ($0.name, $0.name) }
            parts.append(
                """
                <label><span>variant</span>\
                \(Self.select("variant", [("", "as requests are divided")] + names, chosen: trial.variant))</label>
                """)
        }
        let isColumn =
            switch trial.form.content {
            case .fields(let fields): fields.contains { $0.name == manifest.assignment?.key }
            case .text: false
            }
        if let key = manifest.assignment?.key, !isColumn {
            parts.append(
                """
                <label><span>\(HTML.name(key)) <small>whom it is about</small></span>\
                <input type="text" name="unit"\(trial.unit.map { " value=\"\($0)\"" as HTML })></label>
                """)
        }
        return "\(parts)"
    }

    private static func select(_ name: String, _ options: [(String, String)], chosen: String?) -> HTML {
        let options = options.map { value, words -> HTML in
            "<option value=\"\(value)\"\(value == chosen ?? "" ? " selected" as HTML : nil)>\(HTML.name(words))</option>"
        }
        return "<select name=\"\(name)\">\(options)</select>"
    }

    private static func outcome(_ outcome: Trial.Outcome, _ trial: Trial) -> HTML {
        switch outcome {
        case .answered(let answer):
            let bytes = String(decoding: InvocationMessages.answer(answer.output), as: UTF8.self)
            let id = answer.id.map { HTML.link($0.text, to: "/predictions/\($0.text)") }
            let version = answer.version
            return """
                <h2>Answer</h2>
                \(HTML.code((try? JSON.parse(bytes))?.prettyText ?? bytes))
                \(HTML.facts([
                    "Prediction": id, "Variant": .name(answer.variant),
                    "Version": version.version == 0
                        ? .name(version.label) : .link(version.label, to: "/models/\(version.model.queryEscaped)"),
                    "Took": latency(answer.stages.sum), "Model": latency(answer.stages.predict),
                    "Queue": latency(answer.stages.queue),
                ]))
                """
        case .refused(let problem):
            let hint = problem.hint.map { "<p>\($0)</p>" as HTML }
            return """
                <h2>No answer</h2>
                \(HTML.notice(
                    problem.code.status >= 500 ? .bad : .warning,
                    "<p dir=\"auto\">\(problem.message)</p>\(hint)"))
                \(HTML.facts(["Status": "\(problem.code.status)", "Code": "<code>\(problem.code.name)</code>"]))
                """
        }
    }

    private static func latency(_ duration: Duration) -> HTML {
        "\(Quantity.latency(microseconds: Double(duration.microseconds)))"
    }

    /// What asks the same from a shell.
    private static func command(_ trial: Trial, _ name: String, _ origin: String) -> String {
        let body: String =
            switch trial.form.content {
            case .text(let text): text
            case .fields: (try? trial.form.body())?.text ?? ""
            }
        let headers: [(name: String, value: String?)] = [
            ("Content-Type", "application/json"), ("X-Martlet-Variant", trial.variant), ("X-Martlet-Unit", trial.unit),
        ]
        let sent = headers.compactMap { name, value in value.map { " \\\n  -H \(quoted("\(name): \($0)"))" } }
        return "curl \(origin)/endpoints/\(name)/invocations\(sent.joined()) \\\n  -d \(quoted(body))"
    }

    /// As one word of a POSIX shell.
    private static func quoted(_ text: String) -> String {
        "'\(text.replacing("'", with: "'\\''"))'"
    }
}
