import Web
import Wire

/// The log of everything that changed, for people: who did what to which thing and when, newest first.
struct AuditPage {
    /// What was typed into the fields above the table.
    struct Question {
        let actor: String
        let kind: String
        let subject: String
        /// Moments as a field for them writes them, in UTC: `2026-11-21T03:47`.
        let from: String
        let to: String

        init(_ call: Call) {
            actor = call.query("actor") ?? ""
            kind = call.query("kind") ?? ""
            subject = call.query("subject") ?? ""
            from = call.query("from") ?? ""
            to = call.query("to") ?? ""
        }

        var isEmpty: Bool { [actor, kind, subject, from, to].allSatisfy(\.isEmpty) }

        /// - Throws: `FieldProblem` for what is no moment.
        func query(before: Int?, limit: Int) throws -> EventQuery {
            var query = EventQuery(limit: limit)
            query.actor = actor.isEmpty ? nil : actor
            query.kind = kind.isEmpty ? nil : kind
            query.subject = subject.isEmpty ? nil : subject
            query.from = try Self.moment(from, of: "from")
            query.to = try Self.moment(to, of: "to")
            query.before = before.map(Int64.init)
            return query
        }

        private static func moment(_ text: String, of name: String) throws -> Timestamp? {
            guard !text.isEmpty else { return nil }
            for ending in ["", "Z", ":00Z", "T00:00:00Z"] {
                if let moment = Timestamp(rfc3339: text + ending) { return moment }
            }
            throw FieldProblem.invalid(name, .string(text), expected: "moment such as 2026-11-21T03:47")
        }
    }

    let question: Question
    let found: EventPage
    /// Where people look at what an event is about.
    let pageOf: @Sendable (_ subject: String) -> String?
    let origin: String

    static let path = "/audit"
    static let pageSize = 100

    var page: Web.Page {
        Web.Page(
            title: "Audit log", trail: [Link("Audit log", Self.path)],
            body: """
                <p>Every change is here with whoever made it. Each entry is chained to the one before it by its hash, so none can be \
                changed or removed unseen.</p>
                \(form)
                \(table)
                \(more)
                <h2>Verify, export</h2>
                \(HTML.code("martlet audit verify --server \(origin)\nmartlet audit list --limit 1000 --json --server \(origin)"))
                """)
    }

    private var form: HTML {
        """
        <form action="\(Self.path)" method="get" role="search" class="fields">
        <label>Who <input name="actor" value="\(question.actor)" placeholder="ada"></label>
        <label>What <input name="kind" value="\(question.kind)" placeholder="run.created, or run"></label>
        <label>Of <input name="subject" value="\(question.subject)" placeholder="models/churn/3"></label>
        <label>From, UTC <input type="datetime-local" name="from" value="\(question.from)"></label>
        <label>To, UTC <input type="datetime-local" name="to" value="\(question.to)"></label>
        <button>Show</button>
        \(question.isEmpty ? nil : HTML.link("All", to: Self.path))
        </form>
        """
    }

    private var table: HTML {
        guard !found.events.isEmpty else {
            if found.isCutShort { return .empty("Nothing that fits among the events that were looked at.") }
            guard question.isEmpty else { return .empty("No event fits.") }
            return .empty(
                "Nothing has changed yet. The first thing that does is written here:",
                ways: [
                    "Command line": "martlet audit list --server \(origin)",
                    "curl": "curl \(origin)/api/v1/audit/events",
                    "Python": """
                    import mlflow
                    mlflow.set_tracking_uri("\(origin)")
                    mlflow.set_experiment("churn")
                    """,
                ])
        }
        let rows = found.events.map { event -> [HTML] in
            [
                .explained("\(event.sequence)", "SHA-256 \(event.hash)"), .time(event.time),
                .link(event.actor, to: HTML.address(Self.path, ["actor": event.actor])),
                .link(event.kind, to: HTML.address(Self.path, ["kind": event.kind])), subject(event),
                event.data == [:] ? "–" : .value(event.data.text, limit: 80),
            ]
        }
        return .table(
            [
                .number(
                    "number", "Events are numbered from 1 without gaps; on hover the hash that each is chained by."),
                "when", "who", "what", "of", "in particular",
            ], named: "Events", rows: rows)
    }

    private func subject(_ event: Event) -> HTML {
        let all = HTML.address(Self.path, ["subject": event.subject])
        let page = pageOf(event.subject).map { " <small>\(HTML.link("page", to: $0))</small>" as HTML }
        return "\(HTML.link(event.subject, to: all))\(page)"
    }

    private var more: HTML? {
        guard let next = found.next else { return nil }
        let address = HTML.address(
            Self.path,
            [
                "actor": question.actor, "kind": question.kind, "subject": question.subject, "from": question.from,
                "to": question.to, "before": String(next),
            ])
        let words = found.isCutShort ? "Look on before event \(next)" : "Next \(Self.pageSize)"
        return "<p>\(HTML.link(words, to: address))</p>"
    }
}
