import Web
import Wire

/// The silences in force, and the form that adds one.
struct SilencePage {
    /// The one that ends first in front.
    let silences: [Silence]
    /// Those there are, to choose from.
    let monitors: [String]
    /// The monitor that a link asks for; nil for none.
    let chosen: String?
    let now: Timestamp

    var page: Web.Page {
        Web.Page(
            title: "Silences", trail: [IncidentPage.section, Link("Silences", "/silences")], isLive: true,
            body: """
                <p>What is silenced opens alerts that can be seen, but comes into no incident, tells nobody and sets nothing going, until \
                the silence ends.</p>
                \(table)
                \(form)
                """)
    }

    private static let limit = 200

    private var table: HTML {
        guard !silences.isEmpty else { return .empty("Nothing is silenced.") }
        let rows = silences.prefix(Self.limit).map { silence -> [HTML] in
            [
                .link(silence.monitor, to: "/monitors/\(silence.monitor)"), "\(silence.family?.title ?? "everything")",
                silence.subject.map { .name($0) } ?? "all", .time(silence.endsAt, now: now), .name(silence.createdBy),
                silence.words.map { .value($0) } ?? "–",
                """
                <form method="post" action="/silences/\(silence.id)/end"><button aria-label="End the silence of \
                \(silence.scope)">End it now</button></form>
                """,
            ]
        }
        let left = silences.count - Self.limit
        let more: HTML? = left > 0 ? "<p class=\"quiet\">And \(Quantity.count(left)) more.</p>" : nil
        return """
            \(HTML.table(["monitor", "family", "about", "ends", "by", "because", "end"], named: "Silences", rows: rows))
            \(more)
            """
    }

    private var form: HTML {
        guard !monitors.isEmpty else {
            return "<p class=\"quiet\">There is no monitor whose alerts could be silenced.</p>"
        }
        let families = Finding.Family.allCases.map { family -> HTML in
            "<option value=\"\(family.rawValue)\">\(family.title)</option>"
        }
        let names = monitors.map { name -> HTML in
            "<option\(name == chosen ? " selected" as HTML : nil)>\(name)</option>"
        }
        let hours = [(1, "1 hour"), (8, "8 hours"), (24, "1 day"), (168, "1 week"), (720, "30 days")].map {
            hours, words -> HTML in
            "<option value=\"\(60 * hours)\"\(hours == 8 ? " selected" as HTML : nil)>\(words)</option>"
        }
        return """
            <h2>Silence</h2>
            <form method="post" action="/silences/add">
            <label>Monitor <select name="monitor">\(names)</select></label>
            <label>of <select name="family"><option value="">everything</option>\(families)</select></label>
            <label>about <input type="text" name="subject" maxlength="500" placeholder="a column or caller; all when empty"></label>
            <label>for <select name="minutes">\(hours)</select></label>
            <label>because <input type="text" name="words" maxlength="1000"></label>
            <button>Silence</button>
            </form>
            """
    }
}
