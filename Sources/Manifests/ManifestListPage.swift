package import Web
import Wire

/// The manifests in force, for people: what was applied, when and by whom.
package struct ManifestListPage: Sendable {
    private let store: ManifestStore
    private let pageOf: @Sendable (_ subject: String) -> String?

    /// - Parameter pageOf: where people look at what a manifest declares; nil for what has no page.
    package init(store: ManifestStore, pageOf: @escaping @Sendable (_ subject: String) -> String? = { _ in nil }) {
        self.store = store
        self.pageOf = pageOf
    }

    private static let section = Link("Manifests", "/manifests")
    private static let pageSize = 100

    package func routes(into routes: inout Routes) {
        routes.page(Self.section.path, .read("manifests"), list)
    }

    private func list(_ call: Call) async throws -> Web.Page {
        let kind = try call.query("kind").flatMap { $0.isEmpty ? nil : try store.kind(of: $0) }
        let manifests = try await store.applied(kind: kind, limit: Self.pageSize, offset: call.pageOffset() ?? 0)
        let (kinds, path) = (store.kinds, Self.section.path)
        let choices =
            [Link("everything", path)] + kinds.map { Link($0.plural, HTML.address(path, ["kind": $0.plural])) }
        return Web.Page(
            title: "Manifests", trail: [Self.section],
            body: """
                <p>What should be, as it was last applied. Kept as files, they can be applied to another server as they are.</p>
                \(HTML.choices(choices, current: HTML.address(path, ["kind": kind?.plural]), named: "Kinds"))
                \(table(manifests.elements, kind, call))
                \(HTML.next(Self.pageSize, manifests.next, at: path, ["kind": kind?.plural]))
                """)
    }

    private func table(_ manifests: [AppliedManifest], _ kind: ManifestKind?, _ call: Call) -> HTML {
        guard !manifests.isEmpty else {
            return .empty(
                "No manifest is applied\(kind.map { " of kind \($0.name)" } ?? ""). This one deploys a registered model:",
                ways: HTML.waysToApply(Self.example, to: call.origin))
        }
        let rows = manifests.map { applied -> [HTML] in
            let manifest = applied.manifest
            return [
                .link(manifest.name, to: applied.page), "\(manifest.kind)", manifest.team.map { .name($0) } ?? "–",
                .time(applied.appliedAt, now: call.time), .name(applied.appliedBy), declared(applied),
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
}

extension AppliedManifest {
    fileprivate var page: String { "/manifests/\(plural)/\(manifest.name)" }
}
