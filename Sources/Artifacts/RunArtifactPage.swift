import Blobs
package import Tracking
package import Web
import Wire

/// The files of a run for people: folder by folder, pictures shown where they lie.
package struct RunArtifactPage: Sendable {
    private let store: ArtifactStore
    private let runs: RunStore

    package init(store: ArtifactStore, runs: RunStore) {
        self.store = store
        self.runs = runs
    }

    package func routes(into routes: inout Routes) {
        routes.page("/runs/{id}/artifacts", .read("artifacts"), show)
    }

    private func show(_ call: Call) async throws -> Web.Page {
        let run = try await runs.run(try call.path("id")).info
        let root = try store.key(ofURI: run.artifactURI)
        let folder = try root.appending(call.query("path") ?? "")
        let path = "/runs/\(run.id)/artifacts"
        let entries = try await store.blobs.list(folder).map { info in
            (info: info, path: folder.path(below: root, of: info.name))
        }
        let rows = entries.map { info, relative -> [HTML] in
            let address =
                info.isFolder
                ? "\(path)?path=\(relative.queryEscaped)" : Self.address(of: relative, run: run.id)
            return [
                .link(info.isFolder ? info.name + "/" : info.name, to: address),
                info.isFolder ? "–" : "\(Quantity.bytes(info.sizeBytes))",
                info.modifiedAt.map { .time($0, now: call.time) } ?? "–",
            ]
        }
        let pictures = entries.filter { !$0.info.isFolder && Self.isPicture($0.info.name) }.map { info, relative in
            Self.picture(info.name, at: Self.address(of: relative, run: run.id))
        }
        return Web.Page(
            title: "Files of \(run.name)",
            trail: [Link("Experiments", "/experiments"), Link(run.name, "/runs/\(run.id)"), Link("Files", path)],
            body: rows.isEmpty
                ? .empty("No files here.")
                : """
                \(HTML.table(["name", .number("size"), "written"], rows: rows))
                <div class="charts">\(pictures)</div>
                """)
    }

    private static func address(of path: String, run: String) -> String {
        "/get-artifact?run_uuid=\(run)&path=\(path.queryEscaped)"
    }

    /// Formats that browsers show without running anything in them; SVG may hold scripts and is left out.
    private static func isPicture(_ name: String) -> Bool {
        ["png", "jpg", "jpeg", "gif", "webp"].contains(name.split(separator: ".").last?.lowercased() ?? "")
    }

    private static func picture(_ name: String, at address: String) -> HTML {
        """
        <figure><img src="\(address)" alt="\(name)" loading="lazy"><figcaption>\(name)</figcaption></figure>
        """
    }
}
