package import Wire

extension Manifest {
    /// Reads back a manifest that was stored.
    package init(json: JSON) throws {
        try self.init(ManifestNode(json: json, path: ""))
    }
}

extension ManifestNode {
    /// A value without a file: complaints about it name only the path.
    fileprivate init(json: JSON, path: String) {
        place = ManifestPlace(line: 1, column: 1, path: path)
        if let elements = json.arrayValue {
            value = .list(elements.enumerated().map { ManifestNode(json: $1, path: "\(path)[\($0)]") })
        } else if let members = json.memberList {
            value = .mapping(
                members.map { key, member in
                    let keyPath = path.isEmpty ? key : "\(path).\(key)"
                    return Entry(
                        key: key, place: ManifestPlace(line: 1, column: 1, path: keyPath),
                        value: ManifestNode(json: member, path: keyPath))
                })
        } else {
            value = .scalar(json)
        }
    }
}
