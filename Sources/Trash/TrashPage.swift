import Tracking
import Web
import Wire

/// The trash for people: what was deleted and when, what takes it back, and what ends it for good.
struct TrashPage {
    let items: Wire.Page<DeletedItem>
    /// Nil for all kinds.
    let kind: DeletedKind?
    /// How many things were purged whose rows and files are not all gone.
    let unfinished: Int
    let now: Timestamp
    let origin: String

    static let path = "/trash"
    static let pageSize = 100

    var page: Web.Page {
        Web.Page(
            title: "Trash", trail: [Link("Trash", Self.path)],
            body: """
                <p>What is deleted stays here until somebody purges it; nothing goes by itself. What is purged goes at once, with its \
                files.</p>
                \(HTML.choices(choices, current: HTML.address(Self.path, ["kind": kind?.rawValue]), named: "Kinds"))
                \(notice)
                \(table)
                \(HTML.next(Self.pageSize, items.next, at: Self.path, ["kind": kind?.rawValue]))
                """)
    }

    private var choices: [Link] {
        let kinds = DeletedKind.allCases.reversed().map { kind in
            Link(kind.words, HTML.address(Self.path, ["kind": kind.rawValue]))
        }
        return [Link("everything", Self.path)] + kinds
    }

    private var notice: HTML? {
        guard unfinished > 0 else { return nil }
        let things = unfinished == 1 ? "One thing is" : "\(unfinished) things are"
        return .notice(
            .warning,
            """
            <p>\(things) purged from sight; rows and files of it are still there. The server goes on with the next purge.</p>
            <form method="post" action="\(Self.path)/finish"><button>Go on now</button></form>
            """)
    }

    private var table: HTML {
        guard !items.elements.isEmpty else {
            return .empty(
                kind.map { "Nothing of this kind is in the trash: \($0.words)." }
                    ?? "The trash is empty. What is deleted comes here:",
                ways: Self.ways(to: origin))
        }
        let rows = items.elements.map { item -> [HTML] in
            [
                name(item), "\(item.kind.word)", with(item), .time(item.deletedAt, now: now), restore(item),
                purge(item),
            ]
        }
        return """
            \(HTML.table(["name", "kind", "with", "deleted", "take back", "end"], named: "Deleted things", rows: rows))
            <h2>Purge what is old</h2>
            \(HTML.code("martlet trash purge --older-than 30d --dry-run --server \(origin)"))
            """
    }

    private func name(_ item: DeletedItem) -> HTML {
        let title = item.name.isEmpty ? item.id : item.name
        return item.kind == .run ? .link(title, to: "/runs/\(item.id)") : .name(title)
    }

    /// What goes and comes back with it, or where it belongs.
    private func with(_ item: DeletedItem) -> HTML {
        if let experiment = item.experimentID {
            return .link("experiment \(experiment.text)", to: "/experiments/\(experiment.text)")
        }
        switch item.kind {
        case .experiment: return .explained("\(Quantity.count(item.contents)) runs", "They go and come back with it.")
        case .model: return .explained("\(Quantity.count(item.contents)) versions", "They go and come back with it.")
        default: return "–"
        }
    }

    private func restore(_ item: DeletedItem) -> HTML {
        // Another may have been registered under the name of a model meanwhile.
        let name: HTML? =
            item.kind == .model
            ? "<input type=\"text\" name=\"name\" placeholder=\"as \(item.name.cut(to: 40))\" aria-label=\"Another name\">"
            : nil
        return
            "<form method=\"post\" action=\"\(Self.path)/restore\">\(fields(item))\(name)<button>Restore</button></form>"
    }

    private func purge(_ item: DeletedItem) -> HTML {
        """
        <details class="confirm"><summary>Purge…</summary>
        <form method="post" action="\(Self.path)/purge">\(fields(item))
        <p>\(item.kind.word) \(HTML.name(item.name)) and its files go for good.</p>
        <button>Purge it</button></form></details>
        """
    }

    private func fields(_ item: DeletedItem) -> HTML {
        """
        <input type="hidden" name="kind" value="\(item.kind.rawValue)">\
        <input type="hidden" name="id" value="\(item.id)">
        """
    }

    private static func ways(to origin: String) -> KeyValuePairs<String, String> {
        [
            "Command line": """
            martlet trash list --server \(origin)
            martlet trash restore run RUN_ID --server \(origin)
            """,
            "Python": """
            from mlflow import MlflowClient
            client = MlflowClient("\(origin)")
            client.delete_run("RUN_ID")
            """,
            "curl": """
            curl \(origin)/api/2.0/mlflow/runs/delete \\
              -H 'Content-Type: application/json' -d '{"run_id": "RUN_ID"}'
            curl \(origin)/api/v1/trash
            """,
        ]
    }
}

extension DeletedKind {
    /// As people say it.
    fileprivate var word: String {
        switch self {
        case .version: "version"
        case .model: "model"
        case .loggedModel: "logged model"
        case .run: "run"
        case .experiment: "experiment"
        }
    }

    fileprivate var words: String { "\(word)s" }
}
