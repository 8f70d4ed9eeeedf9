import Web
import Wire

/// The batches that the server scores, for people.
enum BatchPage {
    static let section = Link("Batches", "/batches")
    static let pageSize = 100

    /// - Parameter state: nil for all.
    static func list(_ batches: Wire.Page<ScoringJob>, state: ScoringJob.State?, now: Timestamp, origin: String)
        -> Web.Page
    {
        let choices =
            [Link("all", section.path)]
            + ScoringJob.State.allCases.map { Link($0.rawValue, HTML.address(section.path, ["state": $0.rawValue])) }
        return Web.Page(
            title: "Batches", trail: [section], isLive: batches.elements.contains { !$0.state.isEnd },
            body: """
                \(HTML.choices(choices, current: HTML.address(section.path, ["state": state?.rawValue]), named: "States"))
                \(table(batches.elements, state, now, origin))
                \(HTML.next(pageSize, batches.next, at: section.path, ["state": state?.rawValue]))
                """)
    }

    private static func table(_ batches: [ScoringJob], _ state: ScoringJob.State?, _ now: Timestamp, _ origin: String)
        -> HTML
    {
        guard !batches.isEmpty else {
            if let state { return .empty("No batch is \(state.rawValue).") }
            return .empty(
                "The server has scored no batch yet. It asks a model about every row of a file and writes the answers beside them:",
                ways: ways(to: origin))
        }
        let rows = batches.map { batch -> [HTML] in
            [
                "<a href=\"\(batch.page)\">\(HTML.name(batch.request.input, limit: 60))</a>", batch.badge, batch.model,
                batch.progress, batch.refused, .time(batch.createdAt, now: now), .name(batch.createdBy),
                batch.took(now).map { "\($0)" } ?? "–",
            ]
        }
        return .table(
            [
                "rows of", "state", "model", .number("rows", "Rows that are answered or refused."),
                .number("refused", "Rows that fit no signature, or that the model said no to."), "asked for", "by",
                .number("took", "From when it began to be scored to its end, or to now."),
            ], named: "Batches", rows: rows)
    }

    static func page(of batch: ScoringJob, now: Timestamp, origin: String) -> Web.Page {
        let message = batch.message.map { message -> HTML in
            .notice(batch.state == .failed ? .bad : .plain, "<p dir=\"auto\">\(message)</p>")
        }
        return Web.Page(
            title: "Batch \(batch.id)", trail: [section, Link(batch.id, batch.page)], badge: batch.badge,
            isLive: !batch.state.isEnd,
            body: """
                \(message)
                \(HTML.numbers(["rows": batch.progress, "refused": batch.refused, "took": batch.took(now).map { "\($0)" }], meanings: ["took": "From when it began to be scored to its end, or to now."]))
                \(facts(batch, now))
                \(cancel(batch))
                <h2>The same from a command line</h2>
                \(HTML.code("martlet batches get \(batch.id) --server \(origin)"))
                """)
    }

    private static func facts(_ batch: ScoringJob, _ now: Timestamp) -> HTML {
        let request = batch.request
        return .facts([
            "Model": batch.model, "Asked for": batch.version == nil ? nil : .name(request.model),
            "Rows of": place(request.input, isThere: true),
            "Answers": place(request.output, isThere: batch.state == .done),
            "Refused rows": batch.failed == 0 ? nil : place(request.failedOutput, isThere: batch.state == .done),
            "Columns kept": request.keep.map { $0.isEmpty ? "none" : .name($0.joined(separator: ", ")) },
            "Gives up after": request.failureLimit.map { "\($0) refused rows" },
            "Begun": .time(batch.createdAt, now: now), "By": .name(batch.createdBy),
            "Started": batch.startedAt.map { .time($0, now: now) }, "Ended": batch.endedAt.map { .time($0, now: now) },
        ])
    }

    private static func cancel(_ batch: ScoringJob) -> HTML? {
        guard !batch.state.isEnd else { return nil }
        return """
            <details class="confirm"><summary>Cancel…</summary><form method="post" action="\(batch.page)/cancel">
            <p>It ends without an output.</p><button>Cancel it</button></form></details>
            """
    }

    /// A file of a run leads to its page.
    private static func place(_ uri: String, isThere: Bool) -> HTML {
        let name: HTML = "<code>\(HTML.name(uri))</code>"
        guard isThere, uri.hasPrefix("runs:/") else { return name }
        let parts = uri.dropFirst("runs:/".count).split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return name }
        let path = HTML.address("/runs/\(parts[0].queryEscaped)/artifacts", ["path": parts[1]])
        return "<a href=\"\(path)\">\(name)</a>"
    }

    private static func ways(to origin: String) -> KeyValuePairs<String, String> {
        [
            "Command line": """
            martlet batch --on-server --server \(origin) \\
              --model models:/churn@champion \\
              --input runs:/RUN_ID/data.parquet --output runs:/RUN_ID/scored.parquet
            """,
            "curl": """
            curl \(origin)/api/v1/batches -H 'Content-Type: application/json' -d '{
              "model": "models:/churn@champion",
              "input": "runs:/RUN_ID/data.parquet", "output": "runs:/RUN_ID/scored.parquet"}'
            """,
            "Python": """
            import json
            from urllib.request import Request, urlopen
            batch = {"model": "models:/churn@champion",
                     "input": "runs:/RUN_ID/data.parquet", "output": "runs:/RUN_ID/scored.parquet"}
            request = Request("\(origin)/api/v1/batches", json.dumps(batch).encode(),
                              {"Content-Type": "application/json"})
            print(urlopen(request).read().decode())
            """,
        ]
    }
}

extension ScoringJob {
    fileprivate var page: String { "\(BatchPage.section.path)/\(id)" }

    fileprivate var badge: HTML {
        switch state {
        case .queued: .badge("queued")
        case .running: .badge("running", .active)
        case .done: .badge("done", .good)
        case .failed: .badge("failed", .bad)
        case .canceled: .badge("canceled", .warning)
        }
    }

    /// The version that answers, once it is known; else what was asked for.
    fileprivate var model: HTML {
        let reference = version ?? request.model
        let parts = reference.split(separator: "/").map(String.init)
        guard parts.count == 3, parts[0] == "models:", Int(parts[2]) != nil else { return .name(reference) }
        return .link(reference, to: "/models/\(parts[1].queryEscaped)/versions/\(parts[2])")
    }

    fileprivate var progress: HTML {
        guard !state.isEnd, let total, total > 0 else {
            return .explained("\(Quantity.count(rows))", "Rows that are answered or refused.")
        }
        let share = Quantity.percent(Double(rows) / Double(total))
        return .explained("\(share)", "\(rows) of \(total) rows are answered or refused.")
    }

    fileprivate var refused: HTML {
        .explained(
            "\(Quantity.count(failed))",
            "Rows that fit no signature or that the model said no to: \(request.failedOutput).")
    }

    /// How long it has run, or ran.
    fileprivate func took(_ now: Timestamp) -> String? {
        startedAt.map { Quantity.duration(milliseconds: (endedAt ?? now).milliseconds - $0.milliseconds) }
    }
}
