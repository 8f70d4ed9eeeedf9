/// Some of what lies directly below a key, in the order in which the store keeps it.
package struct BlobPortion: Sendable, Hashable {
    package let entries: [BlobInfo]
    /// What the next portion comes after; nil when this is the last one.
    package let next: String?

    init(_ entries: [BlobInfo], isLast: Bool) {
        self.entries = entries
        next = isLast ? nil : entries.last?.place
    }
}

extension BlobInfo {
    /// Its name, and a slash behind that of a folder: that is how a bucket sorts them.
    var place: String { isFolder ? name + "/" : name }
}
