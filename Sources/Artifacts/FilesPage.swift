import Blobs
package import Web
import Wire

/// Files for people: folder by folder, pictures shown where they lie, and the beginning of each file.
package struct FilesPage: Sendable {
    private let store: ArtifactStore
    private let reader: PreviewReader

    package init(store: ArtifactStore, reader: PreviewReader) {
        self.store = store
        self.reader = reader
    }

    /// What has files: a run, a logged model, a version of a registered model.
    package struct Owner: Sendable {
        package let name: String
        package let artifactURI: String
        /// The way to its files, outermost first, without the files.
        package let trail: [Link]
        /// The page of its files.
        package let path: String
        /// The address of one of its files, up to the value of the last parameter, which is the file's path.
        package let download: String
        /// How a query of the preview names it, such as `run_id=…`.
        package let query: String

        package init(
            name: String, artifactURI: String, trail: [Link], path: String, download: String, query: String
        ) {
            self.name = name
            self.artifactURI = artifactURI
            self.trail = trail
            self.path = path
            self.download = download
            self.query = query
        }

        fileprivate func page(of path: String) -> String {
            path.isEmpty ? self.path : "\(self.path)?path=\(path.queryEscaped)"
        }

        fileprivate func download(_ path: String) -> String {
            download + path.queryEscaped
        }
    }

    /// The folder or the file that the query of a call names.
    /// - Throws: `ArtifactError` and `BlobError` for what is not there or not kept by this server.
    package func page(of owner: Owner, _ call: Call) async throws -> Web.Page {
        let root = try store.key(ofURI: owner.artifactURI)
        let key = try root.appending(call.query("path") ?? "")
        let isFile = try await store.blobs.info(key)?.isFolder == false
        return isFile
            ? try await file(key, below: root, of: owner) : try await folder(key, below: root, of: owner, call.time)
    }

    private func folder(
        _ folder: BlobKey, below root: BlobKey, of owner: Owner, _ now: Timestamp
    ) async throws -> Web.Page {
        let entries = try await store.blobs.list(folder).map { info in
            (info: info, path: folder.path(below: root, of: info.name))
        }
        let rows = entries.map { info, path -> [HTML] in
            [
                .link(info.isFolder ? info.name + "/" : info.name, to: owner.page(of: path)),
                info.isFolder ? "–" : "\(Quantity.bytes(info.sizeBytes))",
                info.modifiedAt.map { .time($0, now: now) } ?? "–",
            ]
        }
        let pictures = entries.filter { !$0.info.isFolder && Self.isPicture($0.info.name) }.map { info, path in
            Self.picture(info.name, at: owner.download(path))
        }
        let path = folder.path(below: root)
        return Web.Page(
            title: path.isEmpty ? "Files of \(owner.name)" : folder.name, trail: Self.trail(to: path, of: owner),
            body: rows.isEmpty
                ? .empty("No files here.")
                : """
                \(HTML.table(["name", .number("size"), "written"], rows: rows))
                <div class="charts">\(pictures)</div>
                """)
    }

    private func file(_ key: BlobKey, below root: BlobKey, of owner: Owner) async throws -> Web.Page {
        let path = key.path(below: root)
        let shown = PreviewPage(
            preview: try await reader.preview(of: key, at: path), download: owner.download(path),
            document: "\(PreviewRoutes.documentPath)?\(owner.query)&path=\(path.queryEscaped)")
        return Web.Page(title: key.name, trail: Self.trail(to: path, of: owner), body: shown.html)
    }

    /// Every folder on the way.
    private static func trail(to path: String, of owner: Owner) -> [Link] {
        var trail = owner.trail + [Link("Files", owner.path)]
        var parent = ""
        for part in path.split(separator: "/") {
            parent += parent.isEmpty ? part : "/" + part
            trail.append(Link(String(part), owner.page(of: parent)))
        }
        return trail
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

extension BlobKey {
    /// The path of this key relative to `root`, which it is below.
    fileprivate func path(below root: BlobKey) -> String {
        String(path.dropFirst(root.path.count).drop { $0 == "/" })
    }
}
