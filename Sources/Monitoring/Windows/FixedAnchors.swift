package import Statistics
import Wire

/// Anchors that hold for good, with a name that other anchors do not have: what is profiled by them is stored under it.
package struct FixedAnchors: Sendable, Hashable {
    package let anchors: ColumnAnchors
    /// 64 bits of FNV-1a over the stored form.
    package let id: UInt64

    package init(_ anchors: ColumnAnchors) {
        self.anchors = anchors
        id = ItemHash.of(anchors.json.text)
    }

    package static func == (one: FixedAnchors, other: FixedAnchors) -> Bool { one.id == other.id }

    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}
