import Blobs
import Web

// The tree beside a file: the folders on the way to what is looked at are open, each with what lies directly in it.

extension FilesPage {
    /// A folder that is open.
    struct Level {
        /// Relative to the root.
        let path: String
        let portion: BlobPortion
        /// Whether what is looked at begins behind others.
        let after: String?
    }

    /// So many entries of a folder are shown at a time.
    static let portionSize = 200
    /// Deeper down, the tree begins so many folders above what is looked at.
    private static let maximumDepth = 8

    /// From the outermost folder that is shown to the innermost.
    func levels(_ shown: Shown) async throws -> [Level] {
        let parts = shown.folder.split(separator: "/")
        let paths = (0...parts.count).map { parts.prefix($0).joined(separator: "/") }
        var levels: [Level] = []
        for path in paths.suffix(Self.maximumDepth) {
            let after = path == shown.folder ? shown.after : nil
            let portion = try await store.blobs.portion(
                of: try shown.root.appending(path), after: after, limit: Self.portionSize)
            levels.append(Level(path: path, portion: portion, after: after))
        }
        return levels
    }

    func tree(_ levels: [Level], _ shown: Shown) -> HTML {
        guard let outermost = levels.first else { return "" }
        let above: HTML? =
            outermost.path.isEmpty
            ? nil
            : "<p>\(HTML.link("All files", to: shown.address.of("")))</p>"
        return "\(above)\(list(levels[...], shown))"
    }

    private func list(_ levels: ArraySlice<Level>, _ shown: Shown) -> HTML {
        guard let level = levels.first else { return "" }
        let inner = levels.dropFirst()
        // What is open and not among these, because it comes later, stands behind them.
        let current = inner.first?.path ?? (shown.isFile ? shown.path : nil)
        let isThere = level.portion.entries.contains { path(of: $0.name, in: level) == current }
        let rows = level.portion.entries.map { entry -> HTML in
            let path = path(of: entry.name, in: level)
            let isOpen = path == inner.first?.path
            return entry.isFolder
                ? folder(path, isOpen: isOpen, isOpen ? list(inner, shown) : nil, level, shown)
                : file(path, Quantity.bytes(entry.sizeBytes), level, shown)
        }
        let missing: HTML? = current.flatMap { path in
            isThere
                ? nil
                : inner.isEmpty
                    ? file(path, "", level, shown) : folder(path, isOpen: true, list(inner, shown), level, shown)
        }
        return "<ul>\(rows)\(missing)\(pages(level, shown))</ul>"
    }

    private func path(of name: String, in level: Level) -> String {
        level.path.isEmpty ? name : "\(level.path)/\(name)"
    }

    /// Its link opens it, or closes it when it is open.
    private func folder(_ path: String, isOpen: Bool, _ inner: HTML?, _ level: Level, _ shown: Shown) -> HTML {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let address = isOpen ? shown.address.of(level.path, after: level.after) : shown.address.of(path)
        let current: HTML? = path == shown.path ? " aria-current=\"true\"" : nil
        return """
            <li><div\(current)><a class="folder" href="\(address)" aria-expanded="\(isOpen ? "true" : "false")">\
            \(HTML.name(name))/</a></div>\(inner)</li>

            """
    }

    private func file(_ path: String, _ size: String, _ level: Level, _ shown: Shown) -> HTML {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let current: HTML? = path == shown.path ? " aria-current=\"true\"" : nil
        return """
            <li><div\(current)><a href="\(shown.address.of(path, after: level.after))">\(HTML.name(name))</a>\
            <small>\(size)</small></div></li>

            """
    }

    private func pages(_ level: Level, _ shown: Shown) -> HTML? {
        let first = level.after.map { _ in HTML.link("From the beginning", to: shown.address.of(level.path)) }
        let next = level.portion.next.map { next in
            HTML.link("More files", to: shown.address.of(level.path, after: next))
        }
        guard first != nil || next != nil else { return nil }
        return "<li class=\"more\">\(first) \(next)</li>\n"
    }
}
