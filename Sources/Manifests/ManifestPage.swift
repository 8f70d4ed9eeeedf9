import Events
import Web
import Wire

/// The manifests in force, for people: what was applied, when and by whom, as it can be applied again.
struct ManifestPage {
    /// Where people look at what a manifest declares.
    let pageOf: @Sendable (_ subject: String) -> String?
    let now: Timestamp
    let origin: String

    static let section = Link("Manifests", "/manifests")
    static let pageSize = 100

    // MARK: All of them

    /// - Parameter kind: nil for all.
    func list(_ manifests: Wire.Page<AppliedManifest>, kinds: [ManifestKind], kind: ManifestKind?) -> Web.Page {
        let path = Self.section.path
        let choices =
            [Link("everything", path)] + kinds.map { Link($0.plural, HTML.address(path, ["kind": $0.plural])) }
        return Web.Page(
            title: "Manifests", trail: [Self.section],
            body: """
                <p>What should be, as it was last applied. Kept as files, they can be applied to another server as they are.</p>
                \(HTML.choices(choices, current: HTML.address(path, ["kind": kind?.plural]), named: "Kinds"))
                \(table(manifests.elements, kind))
                \(HTML.next(Self.pageSize, manifests.next, at: path, ["kind": kind?.plural]))
                """)
    }

    private func table(_ manifests: [AppliedManifest], _ kind: ManifestKind?) -> HTML {
        guard !manifests.isEmpty else {
            return .empty(
                "No manifest is applied\(kind.map { " of kind \($0.name)" } ?? ""). This one deploys a registered model:",
                ways: HTML.waysToApply(Self.example, to: origin))
        }
        let rows = manifests.map { applied -> [HTML] in
            let manifest = applied.manifest
            return [
                .link(manifest.name, to: applied.page), "\(manifest.kind)", manifest.team.map { .name($0) } ?? "–",
                .time(applied.appliedAt, now: now), .name(applied.appliedBy), declared(applied),
            ]
        }
        return .table(["name", "kind", "team", "applied", "by", "declares"], named: "Manifests", rows: rows)
    }

    private func declared(_ applied: AppliedManifest) -> HTML {
        pageOf(applied.subject).map { .link("this \(applied.manifest.kind.lowercased())", to: $0) } ?? "–"
    }

    private static let example = """
        apiVersion: martlet/v1
        kind: Endpoint
        metadata: { name: churn }
        spec:
          variants: [{ name: main, model: "models:/churn@champion" }]
        """

    // MARK: One

    /// - Parameter changes: how it came about, newest first.
    func page(_ applied: AppliedManifest, changes: [Event]) -> Web.Page {
        let manifest = applied.manifest
        return Web.Page(
            title: manifest.name, trail: [Self.section, Link("\(applied.plural)/\(manifest.name)", applied.page)],
            badge: .badge(manifest.kind.lowercased()),
            body: """
                \(HTML.facts([
                    "Applied": .time(applied.appliedAt, now: now), "By": .name(applied.appliedBy),
                    "Team": manifest.team.map { .name($0) }, "Declares": declared(applied),
                ]))
                \(HTML.code(manifest.yaml))
                <h2>Apply it again, or another</h2>
                \(HTML.code("martlet get \(applied.plural) \(manifest.name) --json --server \(origin)\nmartlet apply -f FILE --server \(origin)"))
                \(history(changes))
                """)
    }

    private func history(_ changes: [Event]) -> HTML? {
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

extension AppliedManifest {
    fileprivate var page: String { "\(ManifestPage.section.path)/\(plural)/\(manifest.name)" }
}
