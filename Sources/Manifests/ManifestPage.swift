import Events
import HTTPTypes
package import Web
import Wire

/// A manifest as text, to be changed where it stands. Who changes it says with which version the change began: what somebody
/// else has written meanwhile is shown, not overwritten.
package struct ManifestPage: Sendable {
    private let store: ManifestStore

    package init(store: ManifestStore) {
        self.store = store
    }

    package func routes(into routes: inout Routes) {
        let path = "/manifests/{kind}/{name}"
        routes.page(path, .read("manifests")) { call in
            let (kind, current) = try await asked(call)
            let changes = try await store.changes(of: current, limit: 20)
            return page(of: current, kind, now: call.time, history: Self.history(changes, now: call.time))
        }
        routes.post(path, .manage("manifests"), write)
    }

    private func asked(_ call: Call) async throws -> (ManifestKind, AppliedManifest) {
        let kind = try store.kind(of: try call.path("kind"))
        return (kind, try await store.applied(kind: kind.name, name: try call.path("name")))
    }

    /// `text`, and the `version` that it began with; with `look` nothing is written, and what would change is shown.
    private func write(_ call: Call) async throws -> Reply {
        let (kind, current) = try await asked(call)
        let form = try await call.form()
        let name = current.manifest.name
        let edit = Edit(
            text: (try form.optionalString("text") ?? "").replacing("\r\n", with: "\n"),
            version: try form.string("version"))
        do {
            if try form.optionalString("look") != nil {
                _ = try store.edited(edit.text, kind: kind.name, name: name)
                let page = page(of: current, kind, now: call.time, edit: edit)
                return call.reply(with: page, status: edit.version == current.version ? .ok : .conflict)
            }
            _ = try await store.replace(
                kind: kind.name, name: name, with: edit.text, basedOn: edit.version, by: call.principal.name)
            return .seeOther(kind.hasPages ? "/\(kind.plural)/\(name)" : "/\(kind.plural)")
        } catch let conflict as ManifestConflict {
            return call.reply(
                with: page(of: conflict.current, kind, now: call.time, edit: edit), status: .conflict)
        } catch let problem as any Problem where problem.code.status == 400 {
            return call.reply(
                with: page(of: current, kind, now: call.time, edit: edit, problem: problem), status: .badRequest)
        }
    }

    // MARK: Drawing

    /// A text that somebody wrote, and what it began with.
    private struct Edit {
        let text: String
        let version: String
    }

    private func page(
        of current: AppliedManifest, _ kind: ManifestKind, now: Timestamp, edit: Edit? = nil,
        problem: (any Problem)? = nil, history: HTML? = nil
    ) -> Web.Page {
        let name = current.manifest.name
        let yaml = current.manifest.yaml
        let said = problem.map { Self.said($0, in: edit?.text ?? "") }
        // Whoever is told what others wrote goes on from that; whoever is told of a mistake was not told of it.
        let version = problem == nil ? current.version : edit?.version ?? current.version
        let isOutdated = edit.map { $0.version != current.version } ?? false
        let changes: HTML? =
            problem == nil
            ? edit.map { Self.changes(from: yaml, to: $0.text, outdated: isOutdated ? current : nil, now: now) } : nil
        return Web.Page(
            title: "Manifest of \(name)", trail: Self.trail(kind, name),
            body: """
                <p class="quiet">Applied \(HTML.time(current.appliedAt, now: now)) by \(HTML.name(current.appliedBy)). Comments \
                are not kept here; where the manifest is kept in Git, change it there, or take the change over.</p>
                \(said)
                \(changes)
                <form class="editor" method="post" action="/manifests/\(kind.plural)/\(name)">
                <input type="hidden" name="version" value="\(version)">
                <textarea name="text" aria-label="Manifest" rows="\(Self.rows(edit?.text ?? yaml))" spellcheck="false" \
                required>\n\(edit?.text ?? yaml)</textarea>
                <div class="actions"><button name="look" value="1">Look at what changes</button>\
                <button>Write it</button></div>
                </form>
                \(history)
                """)
    }

    private static func trail(_ kind: ManifestKind, _ name: String) -> [Link] {
        let section = Link(kind.plural.prefix(1).uppercased() + kind.plural.dropFirst(), "/\(kind.plural)")
        let own = kind.hasPages ? [Link(name, "/\(kind.plural)/\(name)")] : []
        return [section] + own + [Link("manifest", "/manifests/\(kind.plural)/\(name)")]
    }

    private static func rows(_ text: String) -> Int {
        min(60, max(8, text.utf8.count { $0 == UInt8(ascii: "\n") } + 2))
    }

    /// What is wrong, under the character where it is.
    private static func said(_ problem: any Problem, in text: String) -> HTML {
        let hint = problem.hint.map { "<p>\($0)</p>" as HTML }
        let place = (problem as? ManifestError)?.place.flatMap { line(at: $0, of: text) }
        return .notice(.warning, "<p>\(problem.message) Nothing was written.</p>\(place)\(hint)")
    }

    private static func line(at place: ManifestPlace, of text: String) -> HTML? {
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        guard lines.indices.contains(place.line - 1), place.column >= 1 else { return nil }
        let line = lines[place.line - 1]
        let space = String(repeating: " ", count: min(place.column - 1, line.count))
        return "<samp class=\"caret\">\(String(line.prefix(400)))\n\(space)^</samp>"
    }

    /// What would be another, and whether that is what the edit began with.
    /// - Parameter outdated: what somebody else has written meanwhile.
    private static func changes(
        from yaml: String, to text: String, outdated: AppliedManifest?, now: Timestamp
    ) -> HTML {
        let meanwhile = outdated.map { current -> HTML in
            .notice(
                .warning,
                """
                <p>\(HTML.name(current.appliedBy)) has changed this manifest \(HTML.time(current.appliedAt, now: now)), after you \
                began. Nothing was written.</p>
                <p>Below is what your text would make of what is in force now: what is crossed out would go, also what \
                \(HTML.name(current.appliedBy)) wrote. Write it again when it is meant so.</p>
                """)
        }
        let difference: HTML =
            yaml == text ? "<p class=\"quiet\">Nothing changes.</p>" : .difference(from: yaml, to: text)
        return "\(meanwhile)<h2>What changes</h2>\(difference)"
    }

    /// - Parameter changes: how it came about, newest first.
    private static func history(_ changes: [Event], now: Timestamp) -> HTML? {
        guard !changes.isEmpty else { return nil }
        let rows = changes.map { change -> [HTML] in
            let manifest = change.data["manifest"].flatMap { try? Manifest(json: $0) }
            let text = manifest.map {
                "<details><summary>as it was then</summary>\(HTML.code($0.yaml))</details>" as HTML
            }
            return [
                .time(change.time, now: now), "\(change.kind.drop { $0 != "." }.dropFirst())", .name(change.actor),
                text ?? "–",
            ]
        }
        return
            "<h2>How it came about</h2>\(HTML.table(["when", "what", "by", "manifest"], named: "Changes", rows: rows))"
    }
}
