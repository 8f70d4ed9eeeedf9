import Blobs
package import Tracking
package import Web
import Wire

/// The files of a run for people: folder by folder, pictures shown where they lie, and the beginning of each file.
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
        if try await store.blobs.info(folder)?.isFolder == false {
            return try await file(folder, below: root, of: run)
        }
        let entries = try await store.blobs.list(folder).map { info in
            (info: info, path: folder.path(below: root, of: info.name))
        }
        let rows = entries.map { info, relative -> [HTML] in
            [
                .link(info.isFolder ? info.name + "/" : info.name, to: "\(path)?path=\(relative.queryEscaped)"),
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

    private func file(_ key: BlobKey, below root: BlobKey, of run: RunInfo) async throws -> Web.Page {
        let path = "/runs/\(run.id)/artifacts"
        let relative = String(key.path.dropFirst(root.path.count).drop { $0 == "/" })
        let folder = relative.split(separator: "/").dropLast().joined(separator: "/")
        let query = "run_id=\(run.id)&path=\(relative.queryEscaped)"
        let shown = PreviewPage(
            preview: try await PreviewReader(blobs: store.blobs).preview(of: key, at: relative),
            download: Self.address(of: relative, run: run.id), document: "\(PreviewRoutes.documentPath)?\(query)")
        return Web.Page(
            title: key.name,
            trail: [
                Link("Experiments", "/experiments"), Link(run.name, "/runs/\(run.id)"),
                Link("Files", folder.isEmpty ? path : "\(path)?path=\(folder.queryEscaped)"),
                Link(key.name, "\(path)?path=\(relative.queryEscaped)"),
            ],
            body: shown.html)
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
