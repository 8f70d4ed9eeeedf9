/// Where places of the source are in the target: by the folders of experiments, so that it stays small.
struct LocationMap: Sendable {
    private var folders: [(old: String, new: String)] = []

    mutating func add(_ old: String, as new: String) {
        let (old, new) = (Self.plain(old), Self.plain(new))
        if !old.isEmpty, old != new { folders.append((old, new)) }
    }

    /// The place in the target; the same place when no folder of the source holds it.
    func map(_ uri: String) -> String {
        let place = Self.plain(uri)
        for (old, new) in folders where place == old || place.hasPrefix("\(old)/") {
            return new + place.dropFirst(old.count)
        }
        return uri
    }

    /// One spelling of a place: `file:///a`, `file:/a` and `/a` are the same, and a slash at the end says nothing.
    private static func plain(_ uri: String) -> String {
        let path = LocalFileTree.path(ofURI: uri) ?? uri
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
