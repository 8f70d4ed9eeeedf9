import Blobs
import NIOCore
package import Web
import Wire

/// Files for people: a tree whose folders open in place, beside it the beginning of a file, or the pictures of a folder. The
/// address says what is open, so that without scripts links do the same.
package struct FilesPage: Sendable {
    let store: ArtifactStore
    private let reader: PreviewReader
    private let description: ModelDescription

    package init(store: ArtifactStore, reader: PreviewReader, description: ModelDescription = .unknown) {
        self.store = store
        self.reader = reader
        self.description = description
    }

    /// What a model's file `MLmodel` says, for people. What such files mean is known above this slice.
    package struct ModelDescription: Sendable {
        let html: @Sendable (_ text: String) -> HTML?

        package init(html: @escaping @Sendable (_ text: String) -> HTML?) {
            self.html = html
        }

        package static let unknown = ModelDescription { _ in nil }
        /// Longer ones are none.
        static let maximumBytes = 1 << 20
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

        func download(_ path: String) -> String {
            download + path.queryEscaped
        }
    }

    /// The page on which files are shown, and what else its address says.
    struct Address: Sendable {
        let path: String
        var others: [(name: String, value: String)] = []
        var anchor = ""

        func of(_ file: String, after: String? = nil) -> String {
            var all = others
            if !file.isEmpty { all.append(("path", file)) }
            if let after { all.append(("after", after)) }
            let query = all.map { "\($0.name.queryEscaped)=\($0.value.queryEscaped)" }.joined(separator: "&")
            return query.isEmpty ? path + anchor : "\(path)?\(query)\(anchor)"
        }
    }

    /// The folder or the file that the query of a call names.
    /// - Throws: `ArtifactError` and `BlobError` for what is not there or not kept by this server.
    package func page(of owner: Owner, _ call: Call) async throws -> Web.Page {
        let root = try store.key(ofURI: owner.artifactURI)
        let key = try root.appending(call.query("path") ?? "")
        let path = key.path(below: root)
        let info = try await store.blobs.info(key)
        // What nobody has written to yet is empty; below it, what is not there is a mistake.
        if info == nil, !path.isEmpty { throw BlobError(.doesNotExist, "There is no file '\(path)'.") }
        let shown = Shown(
            owner: owner, root: root, key: key, isFile: info?.isFolder == false, after: call.query("after"),
            address: Address(path: owner.path), now: call.time)
        return Web.Page(
            title: path.isEmpty ? "Files of \(owner.name)" : key.name, trail: Self.trail(to: path, of: owner),
            modules: ["view.js"], body: try await html(shown))
    }

    /// The same as a part of a page about what has the files.
    /// - Parameters:
    ///   - path: of that page.
    ///   - others: what else its address says.
    package func part(
        of owner: Owner, on path: String, keeping others: [(name: String, value: String)], _ call: Call
    ) async throws -> HTML {
        do {
            let root = try store.key(ofURI: owner.artifactURI)
            let key = try root.appending(call.query("path") ?? "")
            let info = try await store.blobs.info(key)
            let address = Address(path: path, others: others, anchor: "#files")
            let isGone = info == nil && key != root
            let shown = Shown(
                owner: owner, root: root, key: isGone ? root : key, isFile: info?.isFolder == false,
                after: call.query("after"), address: address, now: call.time)
            let gone: HTML? =
                isGone
                ? .notice(
                    .warning, "<p>There is no file <code>\(HTML.name(key.path(below: root)))</code> any more.</p>")
                : nil
            return "\(gone)\(try await html(shown))"
        } catch let problem as any Problem {
            // The page is about more than its files.
            guard problem.code.status < 500 else {
                return .notice(.warning, "<p>Its files cannot be shown now: \(problem.message)</p>")
            }
            return .empty("Its files cannot be shown: \(problem.message)")
        }
    }

    /// What is looked at.
    struct Shown {
        let owner: Owner
        let root: BlobKey
        let key: BlobKey
        let isFile: Bool
        let after: String?
        let address: Address
        let now: Timestamp

        var path: String { key.path(below: root) }
        /// The innermost folder that is open.
        var folder: String { isFile ? path.split(separator: "/").dropLast().joined(separator: "/") : path }
    }

    private func html(_ shown: Shown) async throws -> HTML {
        let levels = try await levels(shown)
        guard levels.contains(where: { !$0.portion.entries.isEmpty }) else {
            return .empty("No files here.")
        }
        let content = shown.isFile ? try await file(shown) : try await folder(shown, levels.last?.portion.entries ?? [])
        return """
            <div class="files" data-view>
            <nav class="tree" aria-label="Files of \(shown.owner.name)">\(tree(levels, shown))</nav>
            <div class="content">\(content)</div>
            </div>
            """
    }

    // MARK: What is in it

    private func file(_ shown: Shown) async throws -> HTML {
        let preview = try await reader.preview(of: shown.key, at: shown.path)
        let page = PreviewPage(
            preview: preview, download: shown.owner.download(shown.path),
            document: "\(PreviewRoutes.documentPath)?\(shown.owner.query)&path=\(shown.path.queryEscaped)",
            written: try await store.blobs.info(shown.key)?.modifiedAt.map { .time($0, now: shown.now) })
        let described = shown.key.name == Self.modelFile ? await describedModel(shown.key) : nil
        return "<h3><code>\(HTML.name(shown.path))</code></h3>\(described)\(page.html)"
    }

    /// More pictures at a time would make a page that nobody waits for.
    private static let maximumPictures = 24

    /// The pictures in a folder, and what a model in it takes and gives.
    private func folder(_ shown: Shown, _ entries: [BlobInfo]) async throws -> HTML {
        let names = entries.filter { !$0.isFolder }.map(\.name)
        let model = names.contains(Self.modelFile) ? await describedModel(try shown.key.appending(Self.modelFile)) : nil
        let pictures = names.filter(Self.isPicture)
        let drawn = pictures.prefix(Self.maximumPictures).map { name -> HTML in
            let path = shown.key.path(below: shown.root, of: name)
            return """
                <figure><img src="\(shown.owner.download(path))" alt="\(name)" loading="lazy">\
                <figcaption>\(HTML.link(name, to: shown.address.of(path, after: shown.after)))</figcaption></figure>
                """
        }
        let more: HTML? =
            pictures.count > drawn.count
            ? "<p class=\"quiet\">and \(Quantity.count(pictures.count - drawn.count)) more pictures</p>" : nil
        guard model != nil || !drawn.isEmpty else {
            return "<p class=\"quiet\">Choose a file to see how it begins.</p>"
        }
        return "\(model)\(drawn.isEmpty ? nil : "<div class=\"charts\">\(drawn)</div>" as HTML)\(more)"
    }

    private static let modelFile = "MLmodel"

    /// Nil when nothing can be read of it; its text says why.
    private func describedModel(_ key: BlobKey) async -> HTML? {
        guard let bytes = try? await store.blobs.contents(key, limit: ModelDescription.maximumBytes),
            let html = description.html(String(buffer: bytes))
        else { return nil }
        return html
    }

    /// Every folder on the way.
    private static func trail(to path: String, of owner: Owner) -> [Link] {
        var trail = owner.trail + [Link("Files", owner.path)]
        var parent = ""
        for part in path.split(separator: "/") {
            parent += parent.isEmpty ? part : "/" + part
            trail.append(Link(String(part), Address(path: owner.path).of(parent)))
        }
        return trail
    }

    /// Formats that browsers show without running anything in them; SVG may hold scripts and is left out.
    private static func isPicture(_ name: String) -> Bool {
        ["png", "jpg", "jpeg", "gif", "webp"].contains(name.split(separator: ".").last?.lowercased() ?? "")
    }
}

extension BlobKey {
    /// The path of this key relative to `root`, which it is below.
    func path(below root: BlobKey) -> String {
        String(path.dropFirst(root.path.count).drop { $0 == "/" })
    }
}
